/** Letters from one node, put back into their order: what came before is a duplicate, what is early waits for the gap to close. */
import type { CarriedLetter } from './envelope.ts';

/** Letters that may be early at most. */
export const WINDOW = 1_024;

export class Inbox {
  readonly #early = new Map<number, CarriedLetter>();
  #arrived = 0;
  #duplicates = 0;
  #tooEarly = 0;

  /** All letters up to this one have been handed on. */
  get arrived(): number {
    return this.#arrived;
  }
  get duplicates(): number {
    return this.#duplicates;
  }
  /** Letters so far ahead that they were let go; they will be sent again. */
  get tooEarly(): number {
    return this.#tooEarly;
  }
  /** Letters that wait for a gap to close. */
  get early(): number {
    return this.#early.size;
  }
  /** The lowest letter beyond the gap; 0 when there is no gap. */
  get beyondGap(): number {
    let lowest = 0;
    if (this.#early.size === 0) return lowest;
    for (const seq of this.#early.keys()) if (lowest === 0 || seq < lowest) lowest = seq;
    return lowest;
  }

  /** Hands on, in order, whatever this letter makes ready. */
  take(letter: CarriedLetter, handOn: (letter: CarriedLetter) => void): void {
    const { seq } = letter;
    if (seq <= this.#arrived || this.#early.has(seq)) {
      this.#duplicates++;
      return;
    }
    if (seq > this.#arrived + WINDOW) {
      this.#tooEarly++;
      return;
    }
    if (seq > this.#arrived + 1) {
      this.#early.set(seq, letter);
      return;
    }
    let ready: CarriedLetter | undefined = letter;
    while (ready !== undefined) {
      this.#arrived++;
      handOn(ready);
      ready = this.#early.get(this.#arrived + 1);
      if (ready !== undefined) this.#early.delete(this.#arrived + 1);
    }
  }
}
