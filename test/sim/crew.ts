/** Spreads seeds over a few processes and gathers what they find. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Trial } from './trial.ts';
import type { Order } from './worker.ts';

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));
/** Seeds handed out at a time: few, so that nobody waits for the last one. */
const HANDFUL = 5;

export interface CrewOptions {
  readonly suites: readonly string[];
  readonly seeds: number;
  readonly jobs: number;
  readonly shrinkBudget: number;
  /** For `node` itself. */
  readonly execArgv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Called for each trial; false ends the whole. */
  readonly take: (trial: Trial) => boolean;
}

export interface Crew {
  /** Resolves when all is done or ended; rejects when a process died by itself. */
  readonly done: Promise<void>;
  end(): void;
}

export function startCrew(options: CrewOptions): Crew {
  const children = new Set<ChildProcess>();
  let next = 0;
  let over = false;
  const end = () => {
    over = true;
    for (const child of children) child.kill();
  };
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const child = fork(WORKER, [], {
        execArgv: [...(options.execArgv ?? [])],
        env: { ...process.env, ...options.env },
      });
      children.add(child);
      const handOut = () => {
        const seeds = Array.from({ length: Math.min(HANDFUL, options.seeds - next) }, (_, i) => next + i);
        next += seeds.length;
        const { suites, shrinkBudget } = options;
        if (seeds.length > 0 && !over) child.send({ suites, seeds, shrinkBudget } satisfies Order);
        else child.kill();
      };
      child.on('message', (said: Trial | 'done') => {
        if (over) return;
        if (said === 'done') handOut();
        else if (!options.take(said)) end();
      });
      child.on('exit', (code) => {
        children.delete(child);
        if (over || code === null) resolve();
        else reject(new Error(`a process that simulates ended with ${code}`));
      });
      handOut();
    });
  return { done: Promise.all(Array.from({ length: options.jobs }, one)).then(() => undefined), end };
}
