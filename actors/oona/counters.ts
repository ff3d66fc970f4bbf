/** What became of every copy: the numbers of a bus, which always add up. */

/** Copies, one per subscriber that matched. INV: published = handled + shed + stale + returned + queued + dead, after every call. */
export interface BusCounters {
  readonly published: number;
  readonly handled: number;
  readonly shed: number;
  /** Arrived later than its publisher wanted. */
  readonly stale: number;
  /** Given back to the broker that keeps it, because its subscriber has left. */
  readonly returned: number;
  readonly queued: number;
  readonly dead: number;
  /** Messages, not copies, that no subscriber matched. */
  readonly unheard: number;
  readonly shedByPriority: readonly number[];
}

export class Tally {
  published = 0;
  handled = 0;
  stale = 0;
  returned = 0;
  dead = 0;
  unheard = 0;
  readonly #shedByPriority = [0, 0, 0, 0, 0];

  shed(priority: number): void {
    const kind = Math.min(Math.max(Math.trunc(priority), 0), 4);
    this.#shedByPriority[kind] = (this.#shedByPriority[kind] ?? 0) + 1;
  }

  /** @param queued copies that wait or are being handled now */
  counters(queued: number): BusCounters {
    const { published, handled, stale, returned, dead, unheard } = this;
    const shedByPriority = [...this.#shedByPriority];
    const shed = shedByPriority.reduce((sum, n) => sum + n, 0);
    return { published, handled, shed, stale, returned, queued, dead, unheard, shedByPriority };
  }
}
