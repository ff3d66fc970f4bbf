/** What a training step takes, from progress news: in short windows, by the clock and in processor time, and how much that trembles. */

export interface Mark {
  readonly atMs: number;
  readonly step: number;
  /** Processor time of the training thread so far, in milliseconds; null where nobody tells. */
  readonly cpuMs: number | null;
  /** Same word, same network: only windows of one structure are compared. */
  readonly structure: string;
}

/** One window of training, in milliseconds a step. */
export interface StepTime {
  readonly fromMs: number;
  readonly toMs: number;
  readonly wall: number;
  readonly cpu: number | null;
}

export interface Change {
  /** Milliseconds a step, the median of windows. */
  readonly before: number;
  /** From the kill until everything ran again. */
  readonly during: number;
  readonly after: number;
  /** Of `during` to `before`; 0.02 is 2 % slower. */
  readonly change: number;
  readonly changeAfter: number;
  /** By how much the halves of the undisturbed part differ: what nothing at all does to this figure. */
  readonly noise: number;
}

export interface Comparison {
  readonly wall: Change;
  /** Null where nobody tells processor time. */
  readonly cpu: Change | null;
  readonly windows: readonly [before: number, during: number, after: number];
}

const WINDOW_MS = 400;

/** Whole windows in which the network was as it is in the last mark, oldest first. */
export function stepTimesOf(marks: readonly Mark[], windowMs = WINDOW_MS): readonly StepTime[] {
  const structure = marks.at(-1)?.structure;
  const times: StepTime[] = [];
  let from: Mark | undefined;
  for (const mark of marks) {
    if (mark.structure !== structure) from = undefined;
    else if (from === undefined) from = mark;
    else if (mark.atMs - from.atMs >= windowMs && mark.step > from.step) {
      const steps = mark.step - from.step;
      const cpuMs = mark.cpuMs === null || from.cpuMs === null ? null : mark.cpuMs - from.cpuMs;
      const wall = (mark.atMs - from.atMs) / steps;
      times.push({ fromMs: from.atMs, toMs: mark.atMs, wall, cpu: cpuMs === null ? null : cpuMs / steps });
      from = mark;
    }
  }
  return times;
}

/** @param killMs where the undisturbed part ends @param placedMs where all ran again */
export function compare(marks: readonly Mark[], killMs: number, placedMs: number): Comparison {
  const times = stepTimesOf(marks);
  const before = times.filter(({ toMs }) => toMs <= killMs);
  const during = times.filter(({ fromMs, toMs }) => toMs > killMs && fromMs < placedMs);
  const after = times.filter(({ fromMs }) => fromMs >= placedMs);
  const by = (kind: 'wall' | 'cpu') =>
    changeOf(valuesOf(before, kind), valuesOf(during, kind), valuesOf(after, kind));
  return {
    wall: by('wall'),
    cpu: before.length > 0 && before.every(({ cpu }) => cpu !== null) ? by('cpu') : null,
    windows: [before.length, during.length, after.length],
  };
}

const valuesOf = (times: readonly StepTime[], kind: 'wall' | 'cpu'): readonly number[] =>
  times.flatMap((time) => time[kind] ?? []);

function changeOf(before: readonly number[], during: readonly number[], after: readonly number[]): Change {
  const half = Math.floor(before.length / 2);
  const [usual, then, later] = [median(before), median(during), median(after)];
  const noise = Math.abs(median(before.slice(0, half)) - median(before.slice(half))) / usual;
  return {
    before: usual,
    during: then,
    after: later,
    change: then / usual - 1,
    changeAfter: later / usual - 1,
    noise,
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
