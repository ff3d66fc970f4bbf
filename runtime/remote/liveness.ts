/** Is the other node there? Silence makes it unreachable; only the end of its lease makes it dead. */
import type { LeaseRecord } from './lease-record.ts';

/** Beats that may be missed before a node counts as out of reach. */
const MISSED = 3;

export class Liveness {
  readonly #silenceMs: number;
  /** Since when this life of it is known. */
  #sinceMs: number;
  #heardMs: number;
  /** When it last heard us, by its own account. */
  #heardUsMs: number;
  /** Of its lease: the last revision seen, and since when it has not changed. */
  #lease = { revision: 0, sinceMs: 0 };

  constructor(beatMs: number, nowMs: number) {
    this.#silenceMs = MISSED * beatMs;
    this.#sinceMs = nowMs;
    this.#heardMs = nowMs;
    this.#heardUsMs = nowMs;
  }

  /** Has its lease been looked at? Only from then on can it be seen to run out. */
  get leaseSeen(): boolean {
    return this.#lease.revision > 0;
  }
  get heardMs(): number {
    return this.#heardMs;
  }

  heard(nowMs: number): void {
    this.#heardMs = nowMs;
  }

  /** @param agoMs by its account; nothing when it does not hear us at all */
  hearsUs(nowMs: number, agoMs: number | undefined): void {
    if (agoMs !== undefined) this.#heardUsMs = Math.max(this.#heardUsMs, nowMs - agoMs);
  }

  /** Both directions must work: a node that hears nobody is as far away as one that is silent. */
  isNear(nowMs: number): boolean {
    return nowMs - this.#heardMs < this.#silenceMs && nowMs - this.#heardUsMs < this.#silenceMs;
  }

  /**
   * Why it is dead, if it is: nothing can be said of a lease that is still beating or was not looked at for its whole life.
   * @param record as read just now; nothing when there is none
   * @param epoch of the life in question; 0 when it was never heard of
   * @param fresh read now, and not only heard of
   */
  deathOf(
    record: LeaseRecord | undefined,
    revision: number,
    { epoch, nowMs, lifeMs, fresh }: { epoch: number; nowMs: number; lifeMs: number; fresh: boolean },
  ): string | undefined {
    if (record === undefined) {
      return fresh && nowMs - this.#sinceMs >= lifeMs ? 'no node of that name has joined' : undefined;
    }
    if (record.epoch < epoch) return undefined;
    if (epoch > 0 && record.epoch > epoch) return `epoch ${record.epoch} has taken its place`;
    if (record.holder === '') return 'it has left';
    if (revision !== this.#lease.revision) {
      this.#lease = { revision, sinceMs: nowMs };
      return undefined;
    }
    const over = fresh && !this.isNear(nowMs) && nowMs - this.#lease.sinceMs >= record.lifeMs;
    return over ? 'it was silent until its lease had run out' : undefined;
  }
}
