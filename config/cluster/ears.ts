/** Ears that can be shut: a unit that gives its state away must hear nothing that this state would lack. */
import type { OonaBus } from '../../actors/oona/oona-bus.ts';
import { EsperError } from '../../contracts/index.ts';
import type { SubscribeOptions } from '../../runtime/index.ts';

type Handle = Parameters<OonaBus['subscribe']>[1];

interface Ear {
  readonly pattern: string;
  readonly handle: Handle;
  readonly options: SubscribeOptions;
  leave: () => void;
}

/** A bus like the one it is made from. Says and answers as that does, whether it is shut or not. */
export class Ears implements OonaBus {
  readonly #bus: OonaBus;
  readonly #ears = new Set<Ear>();
  #open = true;

  constructor(bus: OonaBus) {
    this.#bus = bus;
  }

  /** From now on nothing is heard. What was kept for those who share a queue waits for one of them. */
  shut(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const ear of this.#ears) ear.leave();
  }

  /** All is heard again that was heard before. */
  open(): void {
    if (this.#open) return;
    this.#open = true;
    for (const ear of this.#ears) ear.leave = this.#listen(ear);
  }

  subscribe(pattern: string, handle: Handle, options: SubscribeOptions = {}): () => void {
    const ear: Ear = { pattern, handle, options, leave: () => {} };
    if (this.#open) ear.leave = this.#listen(ear);
    this.#ears.add(ear);
    return () => {
      if (this.#ears.delete(ear)) ear.leave();
    };
  }

  publish(...said: Parameters<OonaBus['publish']>): boolean {
    return this.#bus.publish(...said);
  }

  request(...asked: Parameters<OonaBus['request']>): ReturnType<OonaBus['request']> {
    return this.#bus.request(...asked);
  }

  respond(...offered: Parameters<OonaBus['respond']>): () => void {
    return this.#bus.respond(...offered);
  }

  counters(): ReturnType<OonaBus['counters']> {
    return this.#bus.counters();
  }

  deadLetters(): ReturnType<OonaBus['deadLetters']> {
    return this.#bus.deadLetters();
  }

  close(): void {
    this.#bus.close();
  }

  #listen({ pattern, handle, options }: Ear): () => void {
    const hear: Handle = (message) => {
      // It was on its way when they were shut: it goes back, for whoever hears next.
      if (!this.#open) throw shut(pattern);
      return handle(message);
    };
    return this.#bus.subscribe(pattern, hear, options);
  }
}

const shut = (pattern: string) =>
  new EsperError(
    'OONA_NOT_TAKEN',
    'nothing is heard while the state is given away',
    { pattern },
    { retryable: true, hint: 'nothing: it is handed to whoever hears next' },
  );
