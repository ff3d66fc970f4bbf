/** An orderly end in phases: what takes work in stops before what does the work, and disks are let go last. */
import { EsperError } from '../../contracts/failure.ts';
import { asError } from '../actor/errors.ts';
import { within } from '../maybe.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

/** In the order they are gone through. */
export const SHUTDOWN_PHASES = [
  /** Tell the neighbours; nothing has changed yet. */
  'before-stop',
  /** No new work comes in. */
  'stop-intake',
  /** Work that is here is done. */
  'drain',
  /** Actors end, last started first. */
  'stop-actors',
  /** What they left is written. */
  'flush',
  /** Locks, leases, files and sockets are let go. */
  'release',
] as const;

export type ShutdownPhase = (typeof SHUTDOWN_PHASES)[number];

export interface ShutdownTask {
  readonly name: string;
  /** @param why what `run` was told */
  run(why: string): void | Promise<void>;
}

/** How a task ended; a late one was left behind and may still be running. */
export type TaskOutcome = 'done' | 'failed' | 'late';

export interface TaskReport {
  readonly name: string;
  readonly outcome: TaskOutcome;
  /** Milliseconds until it ended, or was left behind. */
  readonly ms: number;
  readonly error?: Error;
}

export interface PhaseReport {
  readonly phase: ShutdownPhase;
  /** Milliseconds the phase took. */
  readonly ms: number;
  readonly late: boolean;
  readonly tasks: readonly TaskReport[];
}

export interface ShutdownReport {
  readonly why: string;
  readonly ms: number;
  /** Every task of every phase was done in time. */
  readonly clean: boolean;
  readonly phases: readonly PhaseReport[];
}

export interface ShutdownOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds a phase may take, default 5,000. */
  readonly phaseMs?: Partial<Record<ShutdownPhase, number>>;
}

const PHASE_MS = 5_000;

export class CoordinatedShutdown {
  readonly #options: ShutdownOptions;
  readonly #tasks = new Map<ShutdownPhase, Set<ShutdownTask>>();
  readonly #begun = new Set<ShutdownPhase>();
  #running: Promise<ShutdownReport> | null = null;

  constructor(options: ShutdownOptions) {
    this.#options = options;
  }

  /** Has `run` been called? */
  get running(): boolean {
    return this.#running !== null;
  }

  /**
   * Registers a task; those of one phase run side by side.
   * @returns takes it out again
   * @throws SHUTDOWN_PHASE_OVER when the phase has begun already
   */
  add(phase: ShutdownPhase, task: ShutdownTask): () => void {
    if (this.#begun.has(phase)) throw phaseOver(phase, task.name);
    const tasks = this.#tasks.get(phase) ?? new Set();
    this.#tasks.set(phase, tasks);
    tasks.add(task);
    return () => void tasks.delete(task);
  }

  /** Goes through all phases. A task that fails or is late is told of and passed. Called again, it answers the same. */
  run(why: string): Promise<ShutdownReport> {
    this.#running ??= this.#run(why);
    return this.#running;
  }

  async #run(why: string): Promise<ShutdownReport> {
    const { clock, log } = this.#options;
    const startedMs = clock.nowMs();
    const phases: PhaseReport[] = [];
    for (const phase of SHUTDOWN_PHASES) phases.push(await this.#phase(phase, why));
    const clean = phases.every(({ tasks }) => tasks.every(({ outcome }) => outcome === 'done'));
    const ms = clock.nowMs() - startedMs;
    log.write(clean ? 'info' : 'warn', 'shut down', { why, ms, clean });
    return { why, ms, clean, phases };
  }

  async #phase(phase: ShutdownPhase, why: string): Promise<PhaseReport> {
    this.#begun.add(phase);
    const { clock, log, phaseMs } = this.#options;
    const startedMs = clock.nowMs();
    const limitMs = phaseMs?.[phase] ?? PHASE_MS;
    const tasks = await Promise.all(
      [...(this.#tasks.get(phase) ?? [])].map((task) => this.#task(task, why, limitMs)),
    );
    for (const { name, outcome, error } of tasks) {
      if (outcome === 'late')
        log.write('warn', 'a shutdown task is late and was left behind', { phase, task: name, limitMs });
      if (error !== undefined)
        log.write('error', 'a shutdown task failed', { phase, task: name, error: error.message });
    }
    const late = tasks.some(({ outcome }) => outcome === 'late');
    return { phase, ms: clock.nowMs() - startedMs, late, tasks };
  }

  async #task(task: ShutdownTask, why: string, limitMs: number): Promise<TaskReport> {
    const { clock } = this.#options;
    const startedMs = clock.nowMs();
    const { name } = task;
    const took = () => clock.nowMs() - startedMs;
    try {
      const inTime = await within(clock, limitMs, task.run(why));
      return { name, outcome: inTime ? 'done' : 'late', ms: took() };
    } catch (thrown) {
      return { name, outcome: 'failed', ms: took(), error: asError(thrown) };
    }
  }
}

const phaseOver = (phase: ShutdownPhase, task: string) =>
  new EsperError(
    'SHUTDOWN_PHASE_OVER',
    `${task}: the phase ${phase} has begun already`,
    { phase, task },
    { hint: 'Register tasks at start, or in a later phase.' },
  );
