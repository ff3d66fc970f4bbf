/** What waits for one subscriber: five lanes by priority, where old copies move up and the least important yields. */
import type { BusMessage } from '../../runtime/index.ts';

/** One message on its way to one subscriber. */
export interface Copy {
  readonly message: BusMessage;
  readonly subscriber: number;
  /** Deliveries so far. */
  tries: number;
  /** When it entered its present lane. */
  sinceMs: number;
}

const LANES = 5;

export class Lanes {
  readonly #lanes: Copy[][] = Array.from({ length: LANES }, () => []);
  #size = 0;

  constructor(readonly ageingMs: number) {}

  get size(): number {
    return this.#size;
  }

  push(copy: Copy, nowMs: number): void {
    copy.sinceMs = nowMs;
    this.#lane(copy.message.priority).push(copy);
    this.#size++;
  }

  /** Takes the most urgent copy, the oldest of its lane. */
  take(nowMs: number): Copy | undefined {
    this.#age(nowMs);
    for (const lane of this.#lanes) {
      const copy = lane.shift();
      if (copy) {
        this.#size--;
        return copy;
      }
    }
    return undefined;
  }

  /** Gives up the newest copy of the least important kind, if it matters less than `priority`. Emergencies never yield. */
  yieldTo(priority: number): Copy | undefined {
    for (let kind = LANES - 1; kind > Math.max(priority, 0); kind--) {
      // A copy that aged sits in a higher lane, but is shed by what it was published as; it is older, so it goes last.
      for (const lane of this.#lanes.toReversed()) {
        const at = lane.findLastIndex((copy) => laneOf(copy.message.priority) === kind);
        const [copy] = at < 0 ? [] : lane.splice(at, 1);
        if (copy) {
          this.#size--;
          return copy;
        }
      }
    }
    return undefined;
  }

  /** Empties all lanes. */
  drain(): readonly Copy[] {
    const all = this.#lanes.flatMap((lane) => lane.splice(0));
    this.#size = 0;
    return all;
  }

  #age(nowMs: number): void {
    for (let lane = 2; lane < LANES; lane++) {
      const from = this.#lane(lane);
      for (let head = from[0]; head && nowMs - head.sinceMs >= this.ageingMs; head = from[0]) {
        from.shift();
        head.sinceMs = nowMs;
        this.#lane(lane - 1).push(head);
      }
    }
  }

  #lane(priority: number): Copy[] {
    return this.#lanes[laneOf(priority)] ?? [];
  }
}

const laneOf = (priority: number) => Math.min(Math.max(Math.trunc(priority), 0), LANES - 1);
