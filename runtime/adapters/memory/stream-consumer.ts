/** One durable consumer of a stream in memory: hands each message to one of its takers until somebody settles it. */
import type { Clock } from '../../ports/clock.ts';
import type { ConsumerBacklog, ConsumerSpec, Stored } from '../../ports/streams.ts';
import type { Road } from './road.ts';
import type { StreamLog } from './stream-log.ts';
import { subjectMatches } from './subject.ts';

/** A client that consumes. */
export interface Taker {
  readonly road: Road;
  readonly atOnce: number;
  /** Messages it has and has not settled. */
  readonly holding: number;
  take(message: Stored, tries: number): void;
}

/** How a message is settled; `working` only prolongs. */
export type Word = 'done' | 'never' | 'working' | { readonly againMs: number };

interface Seat {
  readonly taker: Taker;
  /** Messages on their way to it. */
  underWay: number;
}

export class StreamConsumer {
  spec: ConsumerSpec;
  readonly #log: StreamLog;
  readonly #clock: Clock;
  readonly #createdMs: number;
  /** Whose turn it is stands first. */
  readonly #seats: Seat[] = [];
  /** By sequence: not to be handed out now; the value ends the wait for that. */
  readonly #waits = new Map<number, () => void>();
  /** Of every message that was handed out and not settled. */
  readonly #tries = new Map<number, number>();
  /** To be handed out once more. */
  readonly #again = new Set<number>();
  /** Every message up to here was handed out, or is not for this consumer. */
  #seen = 0;
  #handedOutTo = 0;
  #handOuts = 0;

  constructor(spec: ConsumerSpec, log: StreamLog, clock: Clock) {
    this.spec = spec;
    this.#log = log;
    this.#clock = clock;
    this.#createdMs = clock.wallMs();
  }

  join(taker: Taker): void {
    this.#seats.push({ taker, underWay: 0 });
    this.pump();
  }

  leave(taker: Taker): void {
    const at = this.#seats.findIndex((seat) => seat.taker === taker);
    if (at >= 0) this.#seats.splice(at, 1);
  }

  /** @param tries of the delivery that is settled: only `done` and `never` are taken from an older one */
  settle(sequence: number, tries: number, word: Word): void {
    if (!this.#tries.has(sequence)) return;
    if (word === 'done' || word === 'never') {
      this.#forget(sequence);
      if (this.#log.spec.keeps === 'work') this.#log.remove(sequence);
    } else if (this.#tries.get(sequence) === tries && this.#waits.has(sequence)) {
      this.#wait(sequence, word === 'working' ? this.spec.settleMs : word.againMs);
    }
    this.pump();
  }

  backlog(): ConsumerBacklog {
    const { durable, filter } = this.spec;
    return {
      durable,
      filter,
      createdMs: this.#createdMs,
      handedOutTo: this.#handedOutTo,
      handOuts: this.#handOuts,
      unread: this.#log.count(filter, this.#seen + 1),
    };
  }

  /** Hands out what can be handed out. */
  pump(): void {
    this.#log.forgetOld();
    for (let seat = this.#free(); seat !== undefined; seat = this.#free()) {
      const message = this.#next();
      if (message === undefined) return;
      this.#hand(seat, message);
    }
  }

  /** What came after the last sequence was never there. */
  rewind(last: number): void {
    this.#seen = Math.min(this.#seen, last);
    this.#handedOutTo = Math.min(this.#handedOutTo, last);
    for (const sequence of [...this.#tries.keys()]) if (sequence > last) this.#forget(sequence);
  }

  /** Ends all timers. */
  end(): void {
    for (const cancel of this.#waits.values()) cancel();
    this.#waits.clear();
  }

  #free(): Seat | undefined {
    const gone = this.#seats.findIndex(({ taker }) => taker.road.closed);
    if (gone >= 0) this.#seats.splice(gone, 1);
    return this.#seats.find(
      ({ taker, underWay }) => taker.road.open && taker.holding + underWay < taker.atOnce,
    );
  }

  #next(): Stored | undefined {
    for (const sequence of [...this.#again].sort((a, b) => a - b)) {
      this.#again.delete(sequence);
      const message = this.#log.kept.get(sequence);
      if (message !== undefined) return message;
      this.#forget(sequence);
    }
    for (const [sequence, message] of this.#log.kept) {
      if (sequence <= this.#seen) continue;
      this.#seen = sequence;
      if (subjectMatches(this.spec.filter, message.subject)) return message;
    }
    return undefined;
  }

  #hand(seat: Seat, message: Stored): void {
    const { sequence } = message;
    const tries = (this.#tries.get(sequence) ?? 0) + 1;
    this.#tries.set(sequence, tries);
    this.#handedOutTo = Math.max(this.#handedOutTo, sequence);
    this.#handOuts++;
    this.#wait(sequence, this.spec.settleMs);
    // Last in line now: those who share the work get about as much.
    this.#seats.splice(this.#seats.indexOf(seat), 1);
    this.#seats.push(seat);
    seat.underWay++;
    const arrive = () => {
      seat.underWay--;
      seat.taker.take(message, tries);
    };
    const lost = () => {
      seat.underWay--;
      this.pump();
    };
    seat.taker.road.carry('back', arrive, lost);
  }

  #wait(sequence: number, ms: number): void {
    this.#waits.get(sequence)?.();
    const cancel = this.#clock.after(ms, () => {
      this.#waits.delete(sequence);
      this.#again.add(sequence);
      this.pump();
    });
    this.#waits.set(sequence, cancel);
  }

  #forget(sequence: number): void {
    this.#waits.get(sequence)?.();
    this.#waits.delete(sequence);
    this.#tries.delete(sequence);
    this.#again.delete(sequence);
  }
}
