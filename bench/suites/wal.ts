/** The journal on a real disk: synced appends at a steady pace, and reading everything back. */
import { open as openFile } from 'node:fs/promises';
import { EsperError } from '../../contracts/index.ts';
import { nodeDisk } from '../../runtime/adapters/node/disk.ts';
import { nodeProcesses } from '../../runtime/adapters/node/processes.ts';
import { type Journal, openJournal } from '../../runtime/index.ts';
import { inScratch } from '../rig/scratch.ts';
import { type Effort, nowMs, repeat, stopwatch, times } from '../sampling.ts';
import { perSecond, quantile, spread } from '../statistics.ts';
import { figure, type Suite } from '../suite.ts';

const PER_MS = 10;
/** Records whose average is one reading: a tenth of a second. */
const WINDOW = 1_000;
/** Records to read back: a long run, many segments. */
const REPLAYED = 300_000;
/** Two seconds of records: every run sees several rotations. */
const SEGMENT = 4 << 20;
const BODY = new Uint8Array(200).fill(7);

export const wal: Suite = {
  name: 'wal',
  room: 'runtime',
  about: 'synced appends of 200 bytes at 10,000 records/s; open and replay',
  run: (effort) =>
    inScratch(async (scratch) => {
      const folder = `${scratch}/journal`;
      const { latencies, averages, slowest, records } = await appends(folder, effort);
      const syncs = await repeat(times(effort, 100), () => bareSync(`${scratch}/bare`));
      await fill(folder, REPLAYED - records);
      const replays = await repeat(times(effort, 15), () => stopwatch(() => replay(folder)));
      return [
        figure('append-10k', 'ms', spread(averages)),
        figure('append-10k-each', 'ms', spread(latencies)),
        figure('append-10k-p99', 'ms', spread(slowest)),
        figure('peer-write-and-sync', 'ms', spread(syncs)),
        figure('replay', '/s', perSecond(replays, REPLAYED)),
      ];
    }),
};

const open = async (folder: string): Promise<Journal> =>
  (await openJournal({ disk: nodeDisk(), folder, processes: nodeProcesses(), segmentBytes: SEGMENT }))
    .journal;

/** Appends what is due, ten a millisecond, and notes when each record was on the device. */
async function appends(folder: string, effort: Effort) {
  const journal = await open(folder);
  const windows = times(effort, 60);
  const total = (windows + 10) * WINDOW;
  const latencies: number[] = [];
  const pending: Promise<void>[] = [];
  const append = async () => {
    const started = nowMs();
    await journal.append(1, BODY);
    latencies.push(nowMs() - started);
  };
  const began = nowMs();
  while (pending.length < total) {
    const due = Math.min(total, (nowMs() - began) * PER_MS);
    while (pending.length < due) pending.push(append());
    // asleep between bursts: a spinning loop would take the core that syncs need
    await new Promise<void>((go) => setTimeout(go, 1));
  }
  await Promise.all(pending);
  await journal.close();
  const warm = latencies.slice(-windows * WINDOW);
  const each = Array.from({ length: windows }, (_, i) => warm.slice(i * WINDOW, (i + 1) * WINDOW));
  const slowest = each.map((window) => quantile(window, 0.99));
  return { latencies: warm, averages: each.map(mean), slowest, records: total };
}

const mean = (readings: readonly number[]) =>
  readings.reduce((sum, reading) => sum + reading, 0) / readings.length;

/** What the device itself takes for the records of one millisecond. */
async function bareSync(path: string): Promise<number> {
  const file = await openFile(path, 'w');
  await file.write(new Uint8Array(64 * 1024));
  await file.datasync();
  const took = await stopwatch(async () => {
    await file.write(new Uint8Array(PER_MS * BODY.length), 0, null, 0);
    await file.datasync();
  });
  await file.close();
  return took;
}

async function fill(folder: string, records: number): Promise<void> {
  const journal = await open(folder);
  for (let left = records; left > 0; left -= WINDOW) {
    const batch = Array.from({ length: Math.min(left, WINDOW) }, () => journal.append(1, BODY));
    await Promise.all(batch);
  }
  await journal.close();
}

/** What a resumed run does first: every record checked and handed over, in one pass. @throws BENCH_RECORDS_LOST */
async function replay(folder: string): Promise<void> {
  let bytes = 0;
  const { journal } = await openJournal({
    disk: nodeDisk(),
    folder,
    processes: nodeProcesses(),
    replay: ({ body }) => {
      bytes += body.length;
    },
  });
  await journal.close();
  if (bytes !== REPLAYED * BODY.length)
    throw new EsperError('BENCH_RECORDS_LOST', `${bytes} bytes came back`);
}
