/** Two halves of a batch on two threads, or on one: the same numbers either way. */
import type { Engine } from '../engine.ts';
import { engineBroken, threadLost } from '../refusals.ts';
import { Mailbox, type Task } from './mailbox.ts';

/** The thread behind a mailbox, however the platform makes one. */
export interface SecondThread {
  /** Resolves when the thread is gone. The mailbox is closed by then. */
  stop(): Promise<void>;
}

/** Starts a thread that serves the mailbox of `engine`; `onLost` when it ends by itself. */
export type StartThread = (engine: Engine, onLost: (reason: string) => void) => SecondThread;

/** A half that was begun and is not done after so long will never be. */
const PATIENCE_MS = 20_000;

/**
 * Runs pairs of tasks on an engine. With a second thread, it carries out the second task while this one is at the
 * first; should it not have begun by then (it sleeps, the core is taken, it is gone), this thread does both. So a
 * machine that is busy costs time and nothing else.
 */
export class Pair {
  readonly #engine: Engine;
  readonly #patienceMs: number;
  #mailbox: Mailbox | null = null;
  #thread: SecondThread | null = null;
  #lost: string | null = null;
  #together = 0;
  #alone = 0;

  /** @param patienceMs after which a half that was begun is given up */
  constructor(engine: Engine, patienceMs = PATIENCE_MS) {
    this.#engine = engine;
    this.#patienceMs = patienceMs;
  }

  /** 2 while a second thread serves. */
  get threads(): 1 | 2 {
    return this.#mailbox === null ? 1 : 2;
  }

  /** Would the second thread begin at once? */
  get ready(): boolean {
    return this.#mailbox?.sleeping === false;
  }

  /** Why the second thread is no more; null while it serves, or when there was none. */
  get lost(): string | null {
    return this.#lost;
  }

  /** Pairs so far that two threads shared, and those that this one did by itself though it has a second one. */
  get tally(): { readonly together: number; readonly alone: number } {
    return { together: this.#together, alone: this.#alone };
  }

  /** Takes a second thread on. The engine must be a shared one. */
  hire(start: StartThread): void {
    if (this.#mailbox !== null) return;
    this.#lost = null;
    this.#mailbox = new Mailbox(this.#engine.i32);
    this.#thread = start(this.#engine, (reason) => this.#lose(reason));
  }

  /** Back to one thread. Between two runs only. */
  async dismiss(): Promise<void> {
    const thread = this.#thread;
    this.#mailbox?.close();
    this.#mailbox = null;
    this.#thread = null;
    await thread?.stop();
  }

  /**
   * Runs both tasks to their ends. They must not touch what the other writes.
   * @throws NN_ENGINE_BROKEN when a program holds what is no instruction
   * @throws NN_THREAD_LOST when the second thread died within a task: its numbers are no good then
   */
  run(first: Task, second: Task): void {
    const mailbox = this.#mailbox;
    if (mailbox === null) {
      this.#engine.run(first.segment, first.share);
      this.#engine.run(second.segment, second.share);
      return;
    }
    mailbox.post(second);
    this.#engine.run(first.segment, first.share);
    if (mailbox.reclaim()) {
      this.#alone++;
      this.#engine.run(second.segment, second.share);
      return;
    }
    if (!mailbox.settle(this.#patienceMs)) {
      // Should it only be slow, it must not write into a later batch.
      void this.#thread?.stop();
      this.#lose('it did not finish its half');
      throw threadLost(this.#patienceMs);
    }
    this.#together++;
    if (mailbox.stray !== 0) throw engineBroken(mailbox.stray);
  }

  #lose(reason: string): void {
    if (this.#mailbox === null) return;
    this.#lost = reason;
    this.#mailbox = null;
    this.#thread = null;
  }
}
