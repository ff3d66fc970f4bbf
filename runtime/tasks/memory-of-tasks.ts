/** What a journal says about each durable task: how far it came, and whether anything is left to do. */
import { TaskRecord } from '../../contracts/task-record.ts';

export interface Remembered {
  readonly kind: string;
  readonly argument: unknown;
  /** Undefined before the first. */
  saved: unknown;
  end: { readonly what: 'completed' | 'failed' | 'cancelled'; readonly value: unknown } | null;
}

/** Value of a `restated` record. */
type Restated = Pick<Remembered, 'argument' | 'end'> & { readonly saved?: unknown };

/** Ended tasks beyond `ended` are forgotten, those that ended first before others. */
export class MemoryOfTasks {
  readonly #tasks = new Map<string, Remembered>();
  readonly #ended: string[] = [];
  readonly #endedMax: number;

  constructor(endedMax: number) {
    this.#endedMax = endedMax;
  }

  of(task: string): Remembered | undefined {
    return this.#tasks.get(task);
  }

  get size(): number {
    return this.#tasks.size;
  }

  /** A record for each task that says all there is to know; those that ended first come first. */
  restated(): readonly TaskRecord[] {
    const ended = this.#ended.flatMap((task) => {
      const known = this.#tasks.get(task);
      return known === undefined ? [] : [[task, known] as const];
    });
    return [...ended, ...this.unfinished()].map(([task, { kind, argument, saved, end }]) => {
      const value: Restated = { argument, end, ...(saved === undefined ? {} : { saved }) };
      return TaskRecord.of({ what: 'restated', task, kind, value });
    });
  }

  /** In the order in which they were started. */
  unfinished(): readonly (readonly [string, Remembered])[] {
    return [...this.#tasks].filter(([, { end }]) => end === null);
  }

  add({ what, task, kind, value }: TaskRecord): void {
    if (what === 'spawned') {
      this.#tasks.set(task, { kind, argument: value, saved: undefined, end: null });
      return;
    }
    const known = this.#tasks.get(task);
    if (what === 'restated') {
      const { argument, saved, end } = value as Restated;
      this.#tasks.set(task, { kind, argument, saved, end });
      if (end !== null && (known === undefined || known.end === null)) this.#hasEnded(task);
      return;
    }
    if (known === undefined || known.end !== null) return;
    if (what === 'progress') {
      known.saved = value;
      return;
    }
    known.end = { what, value };
    this.#hasEnded(task);
  }

  #hasEnded(task: string): void {
    this.#ended.push(task);
    if (this.#ended.length > this.#endedMax) this.#tasks.delete(this.#ended.shift() as string);
  }
}
