/** The way between one client and the middle of a broker: late, in order, and gone when the link is cut. */
import type { Clock } from '../../ports/clock.ts';

export type Way = 'there' | 'back';

export interface RoadParts {
  readonly clock: Clock;
  readonly passes: (way: Way) => boolean;
  /** Milliseconds on the way, drawn anew for each. */
  readonly delayMs: () => number;
  /** Rises when all that is under way is lost. */
  readonly life: () => number;
}

export class Road {
  readonly #parts: RoadParts;
  readonly #lastMs = { there: 0, back: 0 };
  #closed = false;

  constructor(parts: RoadParts) {
    this.#parts = parts;
  }

  /** Does anything pass towards the client now? */
  get open(): boolean {
    return !this.#closed && this.#parts.passes('back');
  }
  /** The client is gone for good. */
  get closed(): boolean {
    return this.#closed;
  }

  close(): void {
    this.#closed = true;
  }

  /** Carries to the middle (`there`) or to the client (`back`). What is lost is told when it would have arrived. */
  carry(way: Way, arrive: () => void, lost: () => void = () => undefined): void {
    const { clock, passes, delayMs, life } = this.#parts;
    const sentIn = life();
    const isSent = !this.#closed && passes(way);
    const nowMs = clock.nowMs();
    const atMs = Math.max(nowMs + delayMs(), this.#lastMs[way]);
    this.#lastMs[way] = atMs;
    clock.after(atMs - nowMs, () => {
      if (isSent && !this.#closed && passes(way) && life() === sentIn) arrive();
      else lost();
    });
  }
}

/** A question and its answer over a road; rejects with what `late` makes when no answer came. */
export function asked<T>(
  road: Road,
  clock: Clock,
  withinMs: number,
  work: () => T,
  late: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(withinMs, () => reject(late()));
    const answer = (settle: () => void) =>
      road.carry('back', () => {
        cancel();
        settle();
      });
    road.carry('there', () => {
      let value: T;
      try {
        value = work();
      } catch (thrown) {
        answer(() => reject(thrown));
        return;
      }
      answer(() => resolve(value));
    });
  });
}
