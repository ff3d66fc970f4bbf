/** A journal of 200 records, cut at every byte: the exact prefix comes back, and the old bytes never do. */
import { memoryDisk } from '../../runtime/adapters/memory/disk.ts';
import type { JournalRecord } from '../../runtime/ports/journal.ts';
import { bodyOf, fill, folder, isRecord, workbench } from '../runtime/journal/workbench.ts';
import { inspectAll } from './inspect-all.ts';
import { Findings, type Progress, type Verdict } from './verdict.ts';

const RECORDS = 200;
const one = { segmentBytes: 16 << 10 };
const path = `${folder}/00000001.wal`;

export async function cuts(progress: Progress): Promise<Verdict> {
  const findings = new Findings('cut at every byte');
  const whole = workbench(one);
  const journal = await whole.open();
  await fill(journal, RECORDS);
  await journal.close();
  const ends = (await inspectAll(whole.disk)).map(({ end }) => end);
  const bytes = await whole.disk.read(path);
  const last = ends.at(-1) ?? 0;
  for (let cut = 0; cut <= last; cut++) {
    progress(cut, last);
    findings.try();
    const disk = memoryDisk();
    disk.put(path, bytes.slice(0, cut));
    const kept = ends.filter((end) => end <= cut).length;
    await goOn(workbench(one, disk), cut, kept, findings);
  }
  return findings.verdict;
}

/** Opens what is left, appends others than those that were cut off, and reads it all again. */
async function goOn(
  bench: ReturnType<typeof workbench>,
  cut: number,
  kept: number,
  findings: Findings,
): Promise<void> {
  const opened = await bench.recover().catch((error: { code: string }) => error.code);
  if (typeof opened === 'string') {
    findings.met(opened);
    return findings.hold(cut < 32 && opened === 'JOURNAL_CORRUPT', () => `cut ${cut}: ${opened}`);
  }
  findings.met('recovered');
  const { journal, recovered } = opened;
  findings.hold(recovered.last === kept, () => `cut ${cut}: ${recovered.last} records instead of ${kept}`);
  for (let n = 1; n <= 3; n++) await journal.append(77, bodyOf(n + cut));
  await journal.close();
  const seen: JournalRecord[] = [];
  const again = await bench.recover({ replay: (record) => seen.push(record) });
  await again.journal.close();
  const old = seen.slice(0, kept);
  const fresh = seen.slice(kept);
  findings.hold(again.recovered.truncatedBytes === 0, () => `cut ${cut}: something was left to cut again`);
  findings.hold(old.every(isRecord), () => `cut ${cut}: a record changed`);
  findings.hold(
    fresh.length === 3 &&
      fresh.every(({ kind, body }, i) => kind === 77 && body[0] === ((i + 1 + cut) & 255)),
    () => `cut ${cut}: old bytes came back, or new ones did not`,
  );
}
