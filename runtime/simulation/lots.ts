/** Draws lots for whose turn it is: everything that could run next lies in one bag, whichever node it belongs to. */
import type { RandomStream } from '../../contracts/random-stream.ts';

export interface Turn {
  /** Dead turns are thrown away, paused ones go back to their owner. */
  readonly owner: TurnOwner;
  /** @param budget messages it may handle at most */
  run(budget: number): void;
}

export interface TurnOwner {
  readonly alive: boolean;
  readonly paused: boolean;
  /** Keeps a turn that was drawn while paused. */
  keep(turn: Turn): void;
}

/** Messages an actor handles in one turn at most; small, so that turns mix. */
const BATCH = 6;

export class Lots {
  readonly #random: RandomStream;
  #bag: Turn[] = [];

  constructor(random: RandomStream) {
    this.#random = random;
  }

  get size(): number {
    return this.#bag.length;
  }

  put(turn: Turn): void {
    this.#bag.push(turn);
  }

  /** Runs one turn; the answer tells which it was, for the record of the run, and -1 when nobody wanted one. */
  draw(): number {
    const bag = this.#bag;
    if (bag.length === 0) return -1;
    const at = this.#random.below(bag.length);
    const turn = bag[at] as Turn;
    const last = bag.pop() as Turn;
    if (at < bag.length) bag[at] = last;
    if (!turn.owner.alive) return at;
    if (turn.owner.paused) turn.owner.keep(turn);
    else turn.run(1 + this.#random.below(BATCH));
    return at;
  }
}
