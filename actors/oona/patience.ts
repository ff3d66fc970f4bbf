/** How long a handler may be at work: who says nothing for longer is given up, and keeps neither its message nor its line. */
import type { Clock } from '../../runtime/index.ts';

interface Wait {
  readonly untilMs: number;
  readonly giveUp: () => void;
}

export class Patience {
  readonly #clock: Clock;
  readonly #forMs: number;
  /** Whoever ends first stands first: all may take equally long. */
  readonly #waits = new Set<Wait>();
  #cancelLook: (() => void) | null = null;

  /** @param forMs of each handler */
  constructor(clock: Clock, forMs: number) {
    this.#clock = clock;
    this.#forMs = forMs;
  }

  /** @returns ends the wait; false when it was given up before */
  begin(giveUp: () => void): () => boolean {
    const wait = { untilMs: this.#clock.nowMs() + this.#forMs, giveUp };
    this.#waits.add(wait);
    this.#lookLater();
    return () => {
      const inTime = this.#waits.delete(wait);
      if (this.#waits.size === 0) this.close();
      return inTime;
    };
  }

  /** Nobody is given up any more. */
  close(): void {
    this.#cancelLook?.();
    this.#cancelLook = null;
    this.#waits.clear();
  }

  #lookLater(): void {
    const [first] = this.#waits;
    if (first === undefined || this.#cancelLook !== null) return;
    this.#cancelLook = this.#clock.after(Math.max(0, first.untilMs - this.#clock.nowMs()), () => {
      this.#cancelLook = null;
      this.#look();
    });
  }

  #look(): void {
    const nowMs = this.#clock.nowMs();
    const late = [...this.#waits].filter(({ untilMs }) => untilMs <= nowMs);
    for (const wait of late) if (this.#waits.delete(wait)) wait.giveUp();
    this.#lookLater();
  }
}
