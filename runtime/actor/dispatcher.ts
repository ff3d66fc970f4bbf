/** Gives every actor with mail its turn, and the rest of the process its own. */
import type { Clock } from '../ports/clock.ts';
import { Ring } from './ring.ts';

/** Messages one actor handles before the next has its turn. */
const BATCH = 128;
/** Messages all actors together handle before I/O and timers get a chance. */
const TURN = 4_096;
/** ... or milliseconds, whichever comes first. */
const TURN_MS = 8;
/** Milliseconds between two looks at the clock, as nearly as that can be said in messages. */
const LOOK_MS = 1;
/** Messages until the first look: nobody knows yet how long one takes. */
const FIRST_LOOK = 16;

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
  /** Since the event loop last went round: promise chains alone must not starve it. */
  #handled = 0;
  /** Reading the clock costs more than a message, so it is read when this many were handled. */
  #lookAt = FIRST_LOOK;
  /** Messages between two looks. */
  #stride = FIRST_LOOK;
  /** The first look since the event loop last went round, -1 when there was none. */
  #startedMs = -1;
  #lookedMs = 0;

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

  /** The event loop went round. */
  readonly #round = (): void => {
    this.#handled = 0;
    this.#startedMs = -1;
    this.#lookAt = this.#stride;
  };

  readonly #freshTurn = (): void => {
    this.#round();
    this.#turn();
  };

  readonly #turn = (): void => {
    try {
      for (let next = this.#ready.shift(); next !== undefined; next = this.#ready.shift()) {
        this.#handled += 1 + next.run(Math.min(BATCH, this.#lookAt - this.#handled));
        if (this.#handled >= this.#lookAt) this.#look();
        if (this.#ready.size === 0 || this.#handled >= TURN) break;
      }
    } finally {
      // Handlers never throw this far. Should the runtime itself, the others must not wait for ever.
      if (this.#ready.size > 0) this.#clock.soon(this.#freshTurn);
      else this.#scheduled = false;
    }
  };

  /** Learns how many messages make a millisecond, and ends the turn when it has taken too many of those. */
  #look(): void {
    const nowMs = this.#clock.nowMs();
    if (this.#startedMs < 0) {
      this.#startedMs = nowMs;
      this.#clock.soon(this.#round);
    } else {
      const tookMs = nowMs - this.#lookedMs;
      if (tookMs > LOOK_MS) this.#stride = Math.max(1, Math.floor((this.#stride * LOOK_MS) / tookMs));
      else if (tookMs < LOOK_MS / 2) this.#stride = Math.min(BATCH, this.#stride * 2);
      if (nowMs - this.#startedMs >= TURN_MS) this.#handled = TURN;
    }
    this.#lookedMs = nowMs;
    this.#lookAt = this.#handled + this.#stride;
  }
}
