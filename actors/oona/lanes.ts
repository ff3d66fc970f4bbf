/** What waits for one subscriber: five lanes by priority, served by quota, where old copies move up and the least important yields. */
import type { BusMessage } from '../../runtime/index.ts';

/** Whoever keeps a message until somebody here has dealt with it. Exactly one of these is called, once. */
export interface Origin {
  /** It was dealt with, or nobody wants it any more. */
  done(): void;
  /** Not here: somebody else shall have it. */
  back(): void;
  /** No try could deliver it. */
  died(reason: string, tries: number): void;
}

/** One message on its way to one subscriber. */
export interface Copy {
  readonly message: BusMessage;
  readonly subscriber: number;
  /** When nobody wants it any more, monotonic milliseconds; infinite for never. */
  readonly dueMs: number;
  readonly origin: Origin | null;
  /** Deliveries so far. */
  tries: number;
  /** When it entered its present lane. */
  sinceMs: number;
}
export const PRIORITIES = [0, 1, 2, 3, 4] as const;

const LANES = PRIORITIES.length;

/** Copies a lane may hand out in one round before the lanes below have had theirs. */
const QUOTAS = [16, 8, 4, 2, 1] as const;

export class Lanes {
  readonly #lanes: Copy[][] = Array.from({ length: LANES }, () => []);
  #left: number[] = [...QUOTAS];
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

  /** Takes the oldest copy of the most urgent lane that has not used up its quota: a flood below delays nothing above it, and none starves. */
  take(nowMs: number): Copy | undefined {
    if (this.#size === 0) return undefined;
    this.#age(nowMs);
    const copy = this.#next();
    if (copy) return copy;
    this.#left = [...QUOTAS];
    return this.#next();
  }

  /** Gives up the newest copy of the least important kind that nobody else keeps, if it matters less than `priority`. Emergencies never yield. */
  yieldTo(priority: number): Copy | undefined {
    for (let kind = LANES - 1; kind > Math.max(priority, 0); kind--) {
      // A copy that aged sits in a higher lane, but is shed by what it was published as; it is older, so it goes last.
      for (const lane of this.#lanes.toReversed()) {
        const at = lane.findLastIndex(
          ({ message, origin }) => origin === null && laneOf(message.priority) === kind,
        );
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

  #next(): Copy | undefined {
    for (let lane = 0; lane < LANES; lane++) {
      const left = this.#left[lane] ?? 0;
      const copy = left > 0 ? this.#lane(lane).shift() : undefined;
      if (!copy) continue;
      this.#left[lane] = left - 1;
      this.#size--;
      return copy;
    }
    return undefined;
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

/** The class a priority belongs to: 0 emergency to 4 background. */
export const laneOf = (priority: number): number => Math.min(Math.max(Math.trunc(priority), 0), LANES - 1);
