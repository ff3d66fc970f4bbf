/** Gives every actor with mail its turn, and the rest of the process its own. */
import type { Clock } from '../ports/clock.ts';
import { Ring } from './ring.ts';

/** Messages one actor handles before the next has its turn. */
const BATCH = 128;
/** Messages all actors together handle before I/O and timers get a chance. */
const TURN = 4_096;
/** ... or milliseconds, whichever comes first. */
const TURN_MS = 8;

export interface Runnable {
  /** Handles up to `budget` messages and says how many. Asks for another turn itself. */
  run(budget: number): number;
}

/** Who decides whose turn it is. A simulation brings one that draws lots. */
export interface Dispatch {
  /** The caller sees to it that it is in line only once. */
  enlist(runnable: Runnable): void;
}

export class Dispatcher implements Dispatch {
  readonly #clock: Clock;
  readonly #ready = new Ring<Runnable>();
  #scheduled = false;
  /** Since the last time the event loop went round: promise chains alone must not starve it. */
  #handled = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  enlist(runnable: Runnable): void {
    this.#ready.push(runnable);
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (this.#handled < TURN) queueMicrotask(this.#turn);
    else this.#clock.soon(this.#freshTurn);
  }

  readonly #freshTurn = (): void => {
    this.#handled = 0;
    this.#turn();
  };

  readonly #turn = (): void => {
    // Reading the clock costs more than a message: a lone actor's turn goes without.
    let startedMs = -1;
    for (let next = this.#ready.shift(); next !== undefined; next = this.#ready.shift()) {
      this.#handled += 1 + next.run(BATCH);
      if (this.#ready.size === 0) break;
      const nowMs = this.#clock.nowMs();
      if (startedMs < 0) startedMs = nowMs;
      if (this.#handled >= TURN || nowMs - startedMs >= TURN_MS) break;
    }
    if (this.#ready.size > 0) this.#clock.soon(this.#freshTurn);
    else this.#scheduled = false;
  };
}
