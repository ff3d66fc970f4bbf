/** The n-th operation of the disk fails, for every n: no room, a broken device, a write cut short. */
import { verifyJournal } from '../../runtime/journal/survey.ts';
import type { DiskCode } from '../../runtime/ports/disk-errors.ts';
import { fill, folder, isRecord, MARK, workbench } from '../runtime/journal/workbench.ts';
import { inspectAll } from './inspect-all.ts';
import { Findings, type Progress, type Verdict } from './verdict.ts';

const ring = { marks: [MARK], retention: { segments: 3 } };
const RECORDS = 120;
const FAULTS: readonly { readonly code: DiskCode; readonly wrote: number }[] = [
  { code: 'DISK_FULL', wrote: 0 },
  { code: 'DISK_FAILED', wrote: 0 },
  { code: 'DISK_FULL', wrote: 7 },
  { code: 'DISK_FAILED', wrote: 25 },
];

export async function faults(progress: Progress): Promise<Verdict> {
  const findings = new Findings('fail the n-th disk operation');
  for (const [i, { code, wrote }] of FAULTS.entries()) {
    let struck = true;
    for (let nth = 1; struck; nth++) {
      progress(i * 800 + Math.min(nth, 800), FAULTS.length * 800);
      for (const lasting of [false, true]) {
        findings.try();
        struck = await life({ operation: 'change', nth, code, wrote, lasting }, findings);
      }
    }
  }
  return findings.verdict;
}

type Fault = Parameters<ReturnType<typeof workbench>['disk']['fail']>[0];

/** Writes until the fault strikes, opens again without it, and looks. @returns false when it never struck */
async function life(fault: Fault, findings: Findings): Promise<boolean> {
  const where = `${fault.code} at operation ${fault.nth}, ${fault.wrote} bytes written`;
  const bench = workbench(ring);
  bench.disk.fail(fault);
  const opened = await bench.open().catch((error: { code?: string }) => {
    findings.hold(error.code === fault.code, () => `${where}: opening ended with ${error.code ?? error}`);
    return undefined;
  });
  const failed = opened && (await outcomeOf(fill(opened, RECORDS, 6)));
  const acknowledged = opened?.last ?? 0;
  findings.met(failed ?? (opened ? 'not noticed by appends' : 'not opened'));
  findings.hold(failed === undefined || failed === 'JOURNAL_FAILED', () => `${where}: appending: ${failed}`);
  const closed = opened && (await outcomeOf(opened.close()));
  const struck = bench.disk.operations >= fault.nth;
  bench.disk.heal();
  bench.die();
  const again = await bench.open();
  const records = await inspectAll(bench.disk);
  findings.hold(
    again.last >= acknowledged,
    () => `${where}: ${acknowledged} acknowledged, ${again.last} left`,
  );
  findings.hold(again.last <= acknowledged + 1, () => `${where}: ${again.last} were never written`);
  findings.hold(records.length === again.last - again.first + 1, () => `${where}: a gap`);
  findings.hold(records.every(isRecord), () => `${where}: a record changed`);
  await fill(again, again.last + 20, 6);
  await again.close();
  const { ok } = await verifyJournal(bench.disk, folder);
  findings.hold(ok, () => `${where}: damaged after going on (closed: ${closed ?? 'well'})`);
  return struck;
}

const outcomeOf = (work: Promise<void>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: { code?: string }) => error.code ?? String(error),
  );
