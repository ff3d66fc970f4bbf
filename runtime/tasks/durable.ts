/** Tasks that outlive their actor: what was begun is finished after a crash, from where it last said how far it was. */
import { EsperError, type Failure, fromFailure, toFailure } from '../../contracts/failure.ts';
import { TaskRecord } from '../../contracts/task-record.ts';
import { asError } from '../actor/errors.ts';
import { type Call, io, pause, type TaskBody } from './call.ts';
import { idTaken, unknownKind } from './errors.ts';
import { MemoryOfTasks, type Remembered } from './memory-of-tasks.ts';
import type { TaskHome } from './options.ts';
import type { TaskScheduler } from './scheduler.ts';
import type { Task, TaskPriority } from './task.ts';
import type { TaskJournal } from './task-journal.ts';
import { TaskLedger } from './task-ledger.ts';

/** How far a durable task is. */
export interface Progress<P> {
  /** What was last saved before the actor fell; undefined on a first run. */
  readonly saved: P | undefined;
  /** Remembers `value`; goes on when it is safe. A second run begins with the last one. */
  save(value: P): Call<void>;
}

/** A kind of durable work. Arguments, progress and results are plain data: they are written down. */
export interface TaskKind<A = unknown, P = unknown, R = unknown> {
  /** What the journal calls it: never renamed while work of it may be unfinished. */
  readonly name: string;
  readonly priority?: TaskPriority;
  /** What it does between two saves may happen twice. */
  run(argument: A, progress: Progress<P>): Generator<Call<unknown>, R, unknown>;
}

export interface DurableOptions {
  readonly journal: TaskJournal;
  readonly kinds: readonly TaskKind[];
  /** Ended tasks remembered, so that starting them again only gives their results; default 10,000. */
  readonly endedMax?: number;
  /** Records after which a journal that can begins anew with what still counts; default 20,000. */
  readonly startOverAfter?: number;
}

export interface DurableTasks {
  /**
   * Starts work once: an id that is under way gives the task doing it, one that has ended a task that ends the same way.
   * @throws TASK_ID_TAKEN when the id is work of another kind; TASKS_STOPPED
   */
  start<A, P, R>(kind: TaskKind<A, P, R>, id: string, argument: A): Task<R>;
  /** Asks it to end, for good: it is not run again. False: it is not under way. */
  cancel(id: string, why?: string): boolean;
  /** Ids of what is under way, oldest first. */
  unfinished(): readonly string[];
}

/** Gives a kind of work its types. */
export const taskKind = <A, P, R>(kind: TaskKind<A, P, R>): TaskKind<A, P, R> => kind;

/**
 * Reads the journal and goes on with all that is unfinished: in `fresh`, after `tasks`. A journal that cannot be written crashes the actor.
 * @throws TASK_KIND_UNKNOWN when work is unfinished that `kinds` does not list; TASK_RECORD_UNREADABLE
 */
export async function durableTasks(
  cx: TaskHome,
  scheduler: TaskScheduler,
  options: DurableOptions,
): Promise<DurableTasks> {
  const memory = new MemoryOfTasks(options.endedMax ?? 10_000);
  const { journal, startOverAfter = 20_000 } = options;
  const ledger = new TaskLedger({ journal, memory, startOverAfter, signal: cx.signal });
  await ledger.read();
  const kinds = new Map(options.kinds.map((kind) => [kind.name, kind]));
  const durable = new Durable(cx, scheduler, ledger, memory);
  for (const [id, remembered] of memory.unfinished()) {
    const kind = kinds.get(remembered.kind);
    if (kind === undefined) throw unknownKind(id, remembered.kind);
    durable.begin(kind, id, remembered, false);
  }
  return durable;
}

class Durable implements DurableTasks {
  readonly #cx: TaskHome;
  readonly #scheduler: TaskScheduler;
  readonly #ledger: TaskLedger;
  readonly #memory: MemoryOfTasks;
  readonly #underWay = new Map<string, { readonly kind: string; readonly task: Task }>();

  constructor(cx: TaskHome, scheduler: TaskScheduler, ledger: TaskLedger, memory: MemoryOfTasks) {
    this.#cx = cx;
    this.#scheduler = scheduler;
    this.#ledger = ledger;
    this.#memory = memory;
  }

  start<A, P, R>(kind: TaskKind<A, P, R>, id: string, argument: A): Task<R> {
    const running = this.#underWay.get(id);
    const taken = running?.kind ?? this.#memory.of(id)?.kind;
    if (taken !== undefined && taken !== kind.name) throw idTaken(id, taken);
    if (running !== undefined && running.task.outcome === null) return running.task as Task<R>;
    const end = this.#memory.of(id)?.end;
    if (end) return this.#scheduler.spawn(again<R>(end), { name: id, onEnd() {} });
    const remembered = { kind: kind.name, argument, saved: undefined, end: null };
    return this.begin(kind as unknown as TaskKind, id, remembered, true) as Task<R>;
  }

  cancel(id: string, why = 'cancelled by its actor'): boolean {
    const running = this.#underWay.get(id);
    return running !== undefined && this.#scheduler.cancel(running.task, why);
  }

  unfinished(): readonly string[] {
    return [...this.#underWay.keys()];
  }

  begin(kind: TaskKind, id: string, remembered: Remembered, anew: boolean): Task {
    const { priority } = kind;
    const body = this.#body(kind, id, remembered, anew);
    const task = this.#scheduler.spawn(body, {
      name: id,
      ...(priority === undefined ? {} : { priority }),
      onEnd: (outcome) => {
        if (this.#underWay.get(id)?.task === task) this.#underWay.delete(id);
        if (outcome.kind === 'failed') {
          const fields = { task: id, kind: kind.name, error: outcome.error.message };
          this.#cx.log.write('error', 'a durable task failed', fields);
        } else if (outcome.kind === 'cancelled') this.#staysCancelled(id, kind.name);
      },
    });
    this.#underWay.set(id, { kind: kind.name, task });
    return task;
  }

  /** Each end is written before anybody hears of it. A life that ends in between leaves the work unfinished. */
  #body(kind: TaskKind, id: string, { argument, saved }: Remembered, anew: boolean): TaskBody<unknown> {
    const write = (what: TaskRecord['what'], value: unknown) =>
      this.#write(TaskRecord.of({ what, task: id, kind: kind.name, value: value ?? null }));
    const progress: Progress<unknown> = { saved, save: (value) => write('progress', value) };
    return function* durable() {
      let ended = false;
      try {
        if (anew) yield* write('spawned', argument);
        const value = yield* kind.run(argument, progress);
        ended = true;
        yield* write('completed', value);
        return value;
      } catch (thrown) {
        ended = true;
        yield* write('failed', plain(toFailure(thrown)));
        throw thrown;
      } finally {
        if (!ended) yield* write('cancelled', null);
      }
    };
  }

  /** One that was cancelled before its first step in this life had no chance to say so itself. */
  #staysCancelled(task: string, kind: string): void {
    if (this.#memory.of(task)?.end !== null) return;
    const record = TaskRecord.of({ what: 'cancelled', task, kind, value: null });
    this.#memory.add(record);
    this.#ledger.write(record).catch((thrown) => {
      if (!this.#cx.signal.aborted) this.#cx.fail(asError(thrown));
    });
  }

  /** What cannot be written crashes the actor; the task that wanted it waits for that. */
  #write(record: TaskRecord): Call<void> {
    return io(async (signal) => {
      try {
        await this.#ledger.write(record);
      } catch (thrown) {
        if (!signal.aborted) this.#cx.fail(asError(thrown));
        await new Promise<never>(() => {});
      }
    }, 'journal');
  }
}

/** The stack belongs to a program that may be another by the time it is read. */
const plain = ({ code, message, retryable }: Failure) => ({ code, message, retryable });

/** Ends as the work did when it was done. */
function again<R>({ what, value }: NonNullable<Remembered['end']>): TaskBody<R> {
  return function* ended() {
    yield pause();
    if (what === 'completed') return value as R;
    if (what === 'failed') throw fromFailure({ ...(value as Failure), details: {} });
    throw new EsperError(
      'TASK_CANCELLED',
      'it was cancelled before',
      {},
      { hint: 'Start it under another id.' },
    );
  };
}
