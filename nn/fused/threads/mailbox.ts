/** Where two threads meet: 16 words at the very beginning of an engine's memory, which are nowhere for programs. */
import type { Segment, Share } from '../engine.ts';

/** Word indices. The kernels' serve.ts names the same. */
const stateWord = 0;
const sleepingWord = 1;
const strayWord = 2;
const orderWord = 4;

const state = { idle: 0, posted: 1, claimed: 2, done: 3, over: 4 } as const;

/** Looks at the mailbox before falling asleep over it: some hundred microseconds, since waking takes as long. */
const looks = 100_000;

/** What one thread is asked to do. */
export interface Task {
  readonly segment: Segment;
  readonly share: Share;
}

/** The asking side. Everything in it is synchronous; only the second thread ever waits without a limit. */
export class Mailbox {
  readonly #words: Int32Array;

  /** @param words int32 view of a shared memory */
  constructor(words: Int32Array) {
    this.#words = words;
    Atomics.store(words, stateWord, state.idle);
  }

  post({ segment, share }: Task): void {
    const words = this.#words;
    words[orderWord] = segment.begin;
    words[orderWord + 1] = segment.end;
    words[orderWord + 2] = share.first;
    words[orderWord + 3] = share.rows;
    words[orderWord + 4] = share.micro;
    words[orderWord + 5] = share.half;
    words[orderWord + 6] = share.scratch;
    words[orderWord + 7] = share.inputs;
    words[orderWord + 8] = share.inputBytes;
    words[orderWord + 9] = share.targets;
    words[orderWord + 10] = share.targetBytes;
    Atomics.store(words, stateWord, state.posted);
    if (this.sleeping) Atomics.notify(words, stateWord, 1);
  }

  /** Does the second thread sleep? It takes some tens of microseconds to wake. */
  get sleeping(): boolean {
    return Atomics.load(this.#words, sleepingWord) === 1;
  }

  /** Takes the task back if nobody has begun it. */
  reclaim(): boolean {
    return Atomics.compareExchange(this.#words, stateWord, state.posted, state.idle) === state.posted;
  }

  /** Waits for a task that was begun. @returns false when it took longer than `patience` milliseconds */
  settle(patience: number): boolean {
    const words = this.#words;
    for (let i = 0; i < looks; i++) if (Atomics.load(words, stateWord) === state.done) return true;
    return Atomics.wait(words, stateWord, state.claimed, patience) !== 'timed-out';
  }

  /** Of the task that was done: 0, or the address of a word that is no instruction. */
  get stray(): number {
    return this.#words[strayWord]! >>> 0;
  }

  /** Sends the second thread home. */
  close(): void {
    Atomics.store(this.#words, stateWord, state.over);
    Atomics.notify(this.#words, stateWord);
  }
}
