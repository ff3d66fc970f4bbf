/** Letters on their way to one node: first waiting for their place in the order, then for their receipt. Bounded; nothing leaves it silently. */
import { Ring } from '../actor/ring.ts';
import type { CarriedLetter } from './envelope.ts';

/** What a letter says, before it has its place in the order. */
export type LetterText = Omit<CarriedLetter, 'seq' | 'leftMs'>;

/** A letter that somebody wants sent. */
export interface Outgoing {
  readonly text: LetterText;
  /** When nobody waits any more, monotonic milliseconds; null for ever. */
  readonly dueMs: number | null;
  /** Does it still matter? One that does not is let go instead of being sent a first time. */
  wanted(): boolean;
  /** It will certainly not be sent again: its node is down, or nobody waits. */
  lost(why: string): void;
}

export interface Sent {
  readonly seq: number;
  readonly outgoing: Outgoing;
  readonly firstMs: number;
  lastMs: number;
  /** Times it was sent. */
  times: number;
}

export interface OutboxLimits {
  readonly letters: number;
  readonly bytes: number;
}

const sizeOf = ({ text }: Outgoing): number => 128 + text.path.length + (text.body?.length ?? 0);

export class Outbox {
  readonly #limits: OutboxLimits;
  readonly #waiting = new Ring<Outgoing>();
  #sent: Sent[] = [];
  #bytes = 0;
  #nextSeq = 1;

  constructor(limits: OutboxLimits) {
    this.#limits = limits;
  }

  /** Letters not yet receipted. */
  get size(): number {
    return this.#waiting.size + this.#sent.length;
  }
  get bytes(): number {
    return this.#bytes;
  }
  get waiting(): number {
    return this.#waiting.size;
  }
  /** Sent and not receipted, in order. */
  get sent(): readonly Sent[] {
    return this.#sent;
  }

  /** Would a letter of usual size be taken? */
  get roomy(): boolean {
    return this.size < this.#limits.letters && this.#bytes < this.#limits.bytes / 2;
  }

  /** False when it is full. */
  add(outgoing: Outgoing): boolean {
    const bytes = this.#bytes + sizeOf(outgoing);
    if (this.size >= this.#limits.letters || bytes > this.#limits.bytes) return false;
    this.force(outgoing);
    return true;
  }

  /** Beyond the bound: for answers, which are bounded by the questions. */
  force(outgoing: Outgoing): void {
    this.#bytes += sizeOf(outgoing);
    this.#waiting.push(outgoing);
  }

  /**
   * Gives the next letter its place, unless that lies beyond `limit`. Letters nobody waits for are let go on the way.
   * The caller sends it or calls `takeBack`.
   */
  next(limit: number, nowMs: number): Sent | undefined {
    while (this.#nextSeq <= limit) {
      const outgoing = this.#waiting.shift();
      if (outgoing === undefined) return undefined;
      if (!outgoing.wanted() || (outgoing.dueMs !== null && outgoing.dueMs <= nowMs)) {
        this.#bytes -= sizeOf(outgoing);
        outgoing.lost('nobody waits for it any more');
        continue;
      }
      const sent = { seq: this.#nextSeq++, outgoing, firstMs: nowMs, lastMs: nowMs, times: 1 };
      this.#sent.push(sent);
      return sent;
    }
    return undefined;
  }

  /** The newest `count` letters were certainly not sent: they wait again, in front. */
  takeBack(count: number): void {
    const back = this.#sent.splice(this.#sent.length - count, count);
    this.#nextSeq -= count;
    const behind = this.#drainWaiting();
    for (const outgoing of [...back.map((sent) => sent.outgoing), ...behind]) this.#waiting.push(outgoing);
  }

  /** All up to `seq` have arrived. Answers with them; never more than were sent. */
  receipt(seq: number): readonly Sent[] {
    let count = 0;
    while (count < this.#sent.length && (this.#sent[count] as Sent).seq <= seq) count++;
    if (count === 0) return [];
    const arrived = this.#sent.splice(0, count);
    for (const { outgoing } of arrived) this.#bytes -= sizeOf(outgoing);
    return arrived;
  }

  /** A new order begins at 1. Answers with what was sent and never receipted: it may or may not have arrived. What waits still waits. */
  restart(): readonly Outgoing[] {
    const doubtful = this.#sent.map((sent) => sent.outgoing);
    this.#sent = [];
    this.#nextSeq = 1;
    for (const outgoing of doubtful) this.#bytes -= sizeOf(outgoing);
    return doubtful;
  }

  /** Empties it; what was sent first. */
  drain(): readonly Outgoing[] {
    const all = [...this.restart(), ...this.#drainWaiting()];
    this.#bytes = 0;
    return all;
  }

  #drainWaiting(): Outgoing[] {
    const all: Outgoing[] = [];
    for (let one = this.#waiting.shift(); one !== undefined; one = this.#waiting.shift()) all.push(one);
    return all;
  }
}
