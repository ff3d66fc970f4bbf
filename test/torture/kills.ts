/** A writer killed without warning, again and again, on the real disk: nothing it had acknowledged is lost. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomStream } from '../../contracts/random-stream.ts';
import { nodeDisk } from '../../runtime/adapters/node/disk.ts';
import { nodeProcesses } from '../../runtime/adapters/node/processes.ts';
import { openJournal } from '../../runtime/journal/open-journal.ts';
import { isRecord, MARK } from '../runtime/journal/workbench.ts';
import { Findings, type Progress, type Verdict } from './verdict.ts';

const writer = fileURLToPath(import.meta.resolve('./writer.js'));

/** @param rounds writers killed, one after the other, on the same journal */
export async function kills(rounds: number, progress: Progress): Promise<Verdict> {
  const findings = new Findings('kill -9 the writer');
  const root = await mkdtemp(join(tmpdir(), 'esper-torture-'));
  const random = randomStream(9);
  const folder = join(root, 'journal');
  try {
    let before = 0;
    for (let round = 1; round <= rounds; round++) {
      progress(round, rounds);
      findings.try();
      const acknowledged = (await killAfter(folder, before + random.below(300))) ?? before;
      findings.met(acknowledged > before ? 'killed while writing' : 'killed while opening');
      before = await lookAt(folder, round, acknowledged, findings);
    }
  } finally {
    await rm(root, { recursive: true });
  }
  return findings.verdict;
}

/** @returns the newest record that is left */
async function lookAt(
  folder: string,
  round: number,
  acknowledged: number,
  findings: Findings,
): Promise<number> {
  let read = 0;
  let sound = true;
  const { journal, recovered } = await openJournal({
    disk: nodeDisk(),
    folder,
    processes: nodeProcesses(),
    segmentBytes: 4096,
    marks: [MARK],
    replay: (record) => {
      read++;
      sound &&= isRecord(record);
    },
  });
  if (recovered.truncatedBytes > 0) findings.met('a torn write was cut');
  const { first, last, marks } = journal;
  await journal.close();
  findings.hold(last >= acknowledged, () => `round ${round}: ${acknowledged} acknowledged, ${last} left`);
  findings.hold(sound, () => `round ${round}: a record changed`);
  findings.hold(read === last - first + 1, () => `round ${round}: ${read} records from ${first} to ${last}`);
  findings.hold(
    first === 1 || marks.length > 1,
    () => `round ${round}: retention went beyond the last two marks`,
  );
  return last;
}

/** Starts a writer and kills it once it has acknowledged `sequence`. @returns the last one it did, if any */
async function killAfter(folder: string, sequence: number): Promise<number | undefined> {
  const child = spawn(process.execPath, [writer, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  let newest: number | undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    const whole = printed.lastIndexOf('\n');
    if (whole < 0) return;
    newest = Number(printed.slice(0, whole).split('\n').at(-1));
    printed = printed.slice(whole + 1);
    if (newest >= sequence) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return newest;
}
