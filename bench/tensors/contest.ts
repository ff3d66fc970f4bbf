/** Many contenders at many tasks, in rounds: whatever else the machine does, it does to all of them. */
import { spread } from '../statistics.ts';
import { type Figure, figure } from '../suite.ts';
import type { Contender } from './contender.ts';
import { type Task, taskName } from './order.ts';

/** A contender this slow has its say in a few rounds; the others go on. */
const SLOW_MS = 500;
const SLOW_ROUNDS = 3;

export interface Contest {
  readonly contenders: readonly Contender[];
  /** Tasks of a heat take turns in every round, so that they can be held against each other. */
  readonly heats: ReadonlyArray<readonly Task[]>;
  readonly rounds: number;
  readonly forMs: number;
}

export interface Outcome {
  readonly contender: string;
  readonly task: Task;
  /** Milliseconds a step, one for each round. */
  readonly readings: readonly number[];
  /** The same in processor time. */
  readonly processor: readonly number[];
  readonly kernels: number | null;
}

/** An outcome while its rounds come in. */
interface Growing extends Outcome {
  readonly readings: number[];
  readonly processor: number[];
}

/** Absences are told once, by reason, and make no figure. */
export async function contest(
  { contenders, heats, rounds, forMs }: Contest,
  say: (line: string) => void,
): Promise<readonly Outcome[]> {
  const found = new Map<string, Growing>();
  const absent = new Set<string>();
  const turn = async (contender: Contender, task: Task, counts: boolean) => {
    const key = `${contender.name} ${taskName(task)}`;
    const known: Growing = found.get(key) ?? {
      contender: contender.name,
      ...{ task, readings: [], processor: [], kernels: null },
    };
    const { readings, processor } = known;
    if (absent.has(key) || isSlow(readings)) return;
    const reply = await contender.ask({ ...task, forMs });
    if ('absent' in reply) {
      absent.add(key);
      say(`no figure for ${contender.name} at ${taskName(task)}: ${reply.absent}`);
    } else if (counts) {
      readings.push(reply.msPerStep);
      processor.push(reply.processorMsPerStep ?? Number.NaN);
      found.set(key, { ...known, kernels: reply.kernels });
    }
  };
  // one more round, which warms up; each heat is finished before the next, so that its rounds lie close together
  for (const heat of heats) {
    for (let round = 0; round <= rounds; round++) {
      // there and back: nobody always follows the same one
      const tasks = round % 2 === 0 ? heat : [...heat].reverse();
      for (const contender of contenders) for (const task of tasks) await turn(contender, task, round > 0);
    }
  }
  return [...found.values()];
}

const isSlow = (readings: readonly number[]) =>
  readings.length >= SLOW_ROUNDS && readings.every((ms) => ms > SLOW_MS);

/** `s-sgd-wasm`: milliseconds a step. */
export const stepFigure = ({ task, contender, readings }: Outcome): Figure =>
  figure(`${taskName(task)}-${contender}`, 'ms', spread(readings));

/**
 * How many times as fast as `slower`, by rounds: what disturbs a round disturbs both.
 * @param slower the same task, measured in the same rounds; its median where it had no more of them
 */
export function timesAsFast(name: string, one: Outcome, slower: Outcome): Figure {
  const usual = spread(slower.readings).median;
  const ratios = one.readings.map((ms, round) => (slower.readings[round] ?? usual) / ms);
  const { median } = spread(ratios);
  return figure(name, 'x', { median, p95: -spread(ratios.map((ratio) => -ratio)).p95 });
}
