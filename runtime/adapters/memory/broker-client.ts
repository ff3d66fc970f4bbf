/** One client of a memory broker: its subscriptions, and what it believes about being connected. */
import type { Clock } from '../../ports/clock.ts';
import type { Transport } from '../../ports/transport.ts';
import { subjectMatches } from './subject.ts';

/** A message on its way to one client. */
export interface Parcel {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly bytes: Uint8Array;
  /** Subscriptions of queues whose turn it is to get this one. */
  readonly shared: readonly Subscription[];
}

/** What the broker opens to its clients. */
export interface BrokerInside {
  readonly clock: Clock;
  readonly maxBytes: number;
  readonly noticeMs: number;
  reachable(name: string): boolean;
  route(from: string, subject: string, bytes: Uint8Array): void;
  forget(client: BrokerClient): void;
}

export interface Subscription {
  readonly pattern: string;
  /** Null: it gets all. */
  readonly queue: string | null;
  readonly handle: (bytes: Uint8Array, subject: string) => void;
}

export class BrokerClient implements Transport {
  readonly name: string;
  /** Messages under way to this client. */
  pending = 0;
  /** When a slow client has taken all that is under way to it. */
  freeAtMs = 0;
  readonly #broker: BrokerInside;
  readonly #subscriptions = new Set<Subscription>();
  readonly #listeners = new Set<(connected: boolean) => void>();
  #connected: boolean;
  #closed = false;
  #cancelLook: (() => void) | null = null;

  constructor(name: string, broker: BrokerInside) {
    this.name = name;
    this.#broker = broker;
    this.#connected = broker.reachable(name);
  }

  get connected(): boolean {
    return this.#connected;
  }
  get maxBytes(): number {
    return this.#broker.maxBytes;
  }

  publish(subject: string, bytes: Uint8Array): boolean {
    if (!this.#connected || bytes.length > this.maxBytes) return false;
    this.#broker.route(this.name, subject, bytes.slice());
    return true;
  }

  subscribe(
    pattern: string,
    handle: Subscription['handle'],
    { queue = null }: { readonly queue?: string | null } = {},
  ): () => void {
    const subscription = { pattern, queue, handle };
    this.#subscriptions.add(subscription);
    return () => void this.#subscriptions.delete(subscription);
  }

  onChange(tell: (connected: boolean) => void): () => void {
    this.#listeners.add(tell);
    return () => void this.#listeners.delete(tell);
  }

  close(): void {
    this.#closed = true;
    this.#connected = false;
    this.#cancelLook?.();
    this.#subscriptions.clear();
    this.#listeners.clear();
    this.#broker.forget(this);
  }

  hears(subject: string): boolean {
    for (const { pattern, queue } of this.#subscriptions)
      if (queue === null && subjectMatches(pattern, subject)) return true;
    return false;
  }

  /** Those that share messages on this subject with others. */
  sharing(subject: string): readonly Subscription[] {
    return [...this.#subscriptions].filter(
      ({ pattern, queue }) => queue !== null && subjectMatches(pattern, subject),
    );
  }

  /** Each handler gets bytes of its own. False when nobody listens any more. */
  take({ subject, bytes, shared }: Parcel): boolean {
    let heard = false;
    for (const subscription of [...this.#subscriptions]) {
      const { pattern, queue, handle } = subscription;
      if (queue === null ? !subjectMatches(pattern, subject) : !shared.includes(subscription)) continue;
      heard = true;
      handle(bytes.slice(), subject);
    }
    return heard;
  }

  /** Something about the road to the broker changed: the client notices a little later. */
  look(): void {
    if (this.#closed || this.#cancelLook !== null) return;
    this.#cancelLook = this.#broker.clock.after(this.#broker.noticeMs, () => {
      this.#cancelLook = null;
      const connected = this.#broker.reachable(this.name);
      if (connected === this.#connected) return;
      this.#connected = connected;
      for (const tell of [...this.#listeners]) tell(connected);
    });
  }
}
