/** How much tasks wait on the outside world, by label: the area under "how many wait", since it was last asked. */

/** What one label came to in an interval. */
export interface IoLabelHeat {
  readonly label: string;
  /** Waits begun. */
  readonly waits: number;
  /** Task-milliseconds spent waiting, waits under way included. */
  readonly waitedMs: number;
  /** Tasks waiting now. */
  readonly waiting: number;
}

interface Meter {
  waits: number;
  waiting: number;
  area: number;
  sinceMs: number;
}

/** Labels are a closed list in a well-kept program; in another the rest is counted as one. */
const LABELS_MAX = 32;
const REST = 'other';

export class IoHeat {
  readonly #meters = new Map<string, Meter>();

  enter(label: string, nowMs: number): void {
    const meter = this.#meterOf(label, nowMs);
    advance(meter, nowMs);
    meter.waits++;
    meter.waiting++;
  }

  leave(label: string, nowMs: number): void {
    const meter = this.#meterOf(label, nowMs);
    advance(meter, nowMs);
    meter.waiting--;
  }

  /** By label, hottest first; begins a new interval. */
  sample(nowMs: number): readonly IoLabelHeat[] {
    const heats: IoLabelHeat[] = [];
    for (const [label, meter] of this.#meters) {
      advance(meter, nowMs);
      const { waits, waiting, area: waitedMs } = meter;
      if (waits > 0 || waitedMs > 0) heats.push({ label, waits, waiting, waitedMs });
      meter.waits = 0;
      meter.area = 0;
    }
    return heats.sort((a, b) => b.waitedMs - a.waitedMs || (a.label < b.label ? -1 : 1));
  }

  #meterOf(label: string, nowMs: number): Meter {
    const known = this.#meters.get(label);
    if (known !== undefined) return known;
    const crowded = this.#meters.size >= LABELS_MAX && label !== REST;
    if (crowded) return this.#meterOf(REST, nowMs);
    const meter = { waits: 0, waiting: 0, area: 0, sinceMs: nowMs };
    this.#meters.set(label, meter);
    return meter;
  }
}

function advance(meter: Meter, nowMs: number): void {
  meter.area += meter.waiting * (nowMs - meter.sinceMs);
  meter.sinceMs = nowMs;
}
