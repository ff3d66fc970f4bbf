/** Repeats work under a stopwatch: first unmeasured, until it is warm, then as often as asked. */

/** How much of it: `quick` trades certainty for time. */
export interface Effort {
  readonly quick: boolean;
  /** Minutes instead of seconds, where endurance is the question. */
  readonly long?: boolean;
}

/** Repetitions measured for `full` at full effort; a fifth of them, but at least 5, when quick. */
export const times = ({ quick }: Effort, full: number): number =>
  quick ? Math.max(5, Math.round(full / 5)) : full;

export const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Milliseconds of processor time that this process has used, all its threads together: others do not add to it by being busy. */
export const processorMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** @returns milliseconds that one call takes */
export async function stopwatch(work: () => unknown): Promise<number> {
  const started = nowMs();
  await work();
  return nowMs() - started;
}

/** Runs `once`, which measures itself, and keeps its readings after a warm-up of a fifth as many calls. */
export async function repeat(
  count: number,
  once: (i: number) => number | Promise<number>,
): Promise<readonly number[]> {
  for (let i = 0; i < Math.ceil(count / 5); i++) await once(i);
  const readings: number[] = [];
  for (let i = 0; i < count; i++) readings.push(await once(i));
  return readings;
}

/** Two kinds of work in turn, each of which measures itself: whatever else the machine does, it does to both. */
export async function sideBySide(
  count: number,
  one: () => Promise<number>,
  other: () => Promise<number>,
): Promise<readonly [readonly number[], readonly number[]]> {
  const others: number[] = [];
  const ones = await repeat(count, async () => {
    const took = await one();
    others.push(await other());
    return took;
  });
  return [ones, others.slice(-count)];
}

/** Keeps the optimiser honest: what a measured call returns is put here, where others might read it. */
const sink: { last: unknown } = { last: null };

/** Microseconds of one call, from `count` batches of `batch` calls each. For work too short for a stopwatch. */
export async function microseconds(
  count: number,
  batch: number,
  work: (i: number) => unknown,
): Promise<readonly number[]> {
  return repeat(count, () => {
    const started = nowMs();
    for (let i = 0; i < batch; i++) sink.last = work(i);
    return ((nowMs() - started) * 1000) / batch;
  });
}
