/** The client's side of consuming in memory: what it has out, and what it says of each message. */
import type { Clock } from '../../ports/clock.ts';
import type { Consuming, Delivery, Stored } from '../../ports/streams.ts';
import type { Road } from './road.ts';
import type { StreamConsumer, Taker, Word } from './stream-consumer.ts';

interface Out {
  readonly tries: number;
  settled: boolean;
}

export interface TakerParts {
  readonly clock: Clock;
  readonly road: Road;
  readonly consumer: StreamConsumer;
  readonly atOnce: number;
  readonly handle: (delivery: Delivery) => void;
}

export class StreamTaker implements Taker, Consuming {
  readonly road: Road;
  readonly atOnce: number;
  readonly #parts: TakerParts;
  readonly #out = new Map<number, Out>();
  #stopped = false;
  #emptied: () => void = () => undefined;

  constructor(parts: TakerParts) {
    this.#parts = parts;
    this.road = parts.road;
    this.atOnce = parts.atOnce;
  }

  get holding(): number {
    return this.#out.size;
  }

  take(message: Stored, tries: number): void {
    const { sequence, bytes, headers } = message;
    const older = this.#out.get(sequence);
    if (older !== undefined) older.settled = true;
    const out: Out = { tries, settled: false };
    this.#out.set(sequence, out);
    const settle = (word: Word) => this.#settle(sequence, out, word);
    if (this.#stopped) {
      settle({ againMs: 0 });
      return;
    }
    this.#parts.handle({
      ...message,
      bytes: bytes.slice(),
      headers: { ...headers },
      tries,
      done: () => settle('done'),
      again: (delayMs) => settle({ againMs: Math.max(0, delayMs) }),
      never: () => settle('never'),
      working: () => {
        if (!out.settled) this.#say(sequence, tries, 'working');
      },
    });
  }

  async stop(withinMs: number): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    const { clock, consumer } = this.#parts;
    consumer.leave(this);
    if (this.#out.size > 0 && withinMs > 0) {
      await new Promise<void>((resolve) => {
        const cancel = clock.after(withinMs, resolve);
        this.#emptied = () => {
          cancel();
          resolve();
        };
      });
    }
    for (const [sequence, out] of [...this.#out]) this.#settle(sequence, out, { againMs: 0 });
  }

  #settle(sequence: number, out: Out, word: Word): void {
    if (out.settled) return;
    out.settled = true;
    if (this.#out.get(sequence) === out) this.#out.delete(sequence);
    this.#say(sequence, out.tries, word);
    if (this.#out.size === 0) this.#emptied();
  }

  /** A word that is lost leaves the message to be handed out again. */
  #say(sequence: number, tries: number, word: Word): void {
    const { consumer } = this.#parts;
    this.road.carry(
      'there',
      () => consumer.settle(sequence, tries, word),
      () => consumer.pump(),
    );
  }
}
