/** A broker in memory that behaves as badly as a network may: delays, losses, doubles, partitions and restarts, all from a seed. */
import assert from 'node:assert/strict';
import type { RandomStream } from '../../../contracts/random-stream.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Leases } from '../../ports/leases.ts';
import type { Services } from '../../ports/services.ts';
import type { Streams } from '../../ports/streams.ts';
import type { Transport } from '../../ports/transport.ts';
import { BrokerClient, type BrokerInside, type Parcel, type Subscription } from './broker-client.ts';
import { type BrokerCounts, noCounts } from './broker-counts.ts';
import { type LeaseStore, memoryLeases } from './leases.ts';
import { Road } from './road.ts';
import { memoryServices, type ServiceBoard } from './services.ts';
import { memoryStreams, type StreamStore } from './streams.ts';

/** What may happen to a message on its way from one client to another. Rates are 0 to 1. */
export interface BrokerFaults {
  /** Milliseconds on the way, drawn evenly. */
  readonly delayMs: readonly [least: number, most: number];
  readonly dropRate: number;
  readonly duplicateRate: number;
  /** Share of messages that may be overtaken and overtake; the others keep the order between two clients. */
  readonly reorderRate: number;
}

/** A message and what a script wants done with it; `undefined` leaves it to chance. */
export type Verdict = 'drop' | 'duplicate' | { readonly delayMs: number } | undefined;

export interface BrokerOptions {
  readonly clock: Clock;
  readonly random: RandomStream;
  readonly faults?: Partial<BrokerFaults>;
  /** Bytes a message may have; default 1 MiB. */
  readonly maxBytes?: number;
  /** Milliseconds until a client notices that the broker is out of reach or back; default 100. */
  readonly noticeMs?: number;
  /** Messages a slow client may have waiting before the broker lets go of more; default 4,096. */
  readonly pendingLimit?: number;
  /** Looks at every message to every client first. */
  readonly script?: (parcel: Parcel) => Verdict;
}

/** In a partition, the name of the lease store. */
export const LEASE_STORE = 'leases';
/** Likewise of the stream store. */
export const STREAM_STORE = 'streams';

export interface MemoryBroker {
  /** A client known by `name` in partitions. A name may connect again after `close`. */
  connect(name: string): Transport;
  /** The lease store as that client reaches it. */
  leases(name: string, withinMs?: number): Leases;
  /** The stream store as that client reaches it; what it consumes ends when the client is closed. */
  streams(name: string, withinMs?: number): Streams;
  /** Services as that client asks and serves them; what it serves ends when the client is closed. */
  services(name: string): Services;
  readonly leaseStore: LeaseStore;
  readonly streamStore: StreamStore;
  readonly counts: Readonly<BrokerCounts>;
  /** From now on. What is not named stays as it is. */
  setFaults(faults: Partial<BrokerFaults>): void;
  /** Nothing passes from `from` to `to`, nor back unless `oneWay`. What is under way is lost. */
  partition(from: string, to: string, options?: { readonly oneWay?: boolean }): void;
  /** Takes one partition away, both ways; without names all of them, and all cuts. */
  heal(from?: string, to?: string): void;
  /** The client reaches nobody, the broker included; it notices after a while. */
  cut(name: string): void;
  mend(name: string): void;
  /** The client takes `ms` for each message; 0 makes it quick again. */
  slow(name: string, ms: number): void;
  /**
   * Goes down at once, loses everything under way, and is back after `downMs`. Its machine went down with it when
   * `losesMs` is given: what streams stored in so many last milliseconds was on no disk yet.
   */
  restart(downMs: number, options?: { readonly losesMs?: number }): void;
}

export function memoryBroker(options: BrokerOptions): MemoryBroker {
  return new Broker(options);
}

class Broker implements MemoryBroker, BrokerInside {
  readonly clock: Clock;
  readonly maxBytes: number;
  readonly noticeMs: number;
  readonly counts = noCounts();
  readonly leaseStore: LeaseStore;
  readonly streamStore: StreamStore;
  readonly #serviceBoard: ServiceBoard;
  /** By client: its ways to streams and services. */
  readonly #roads = new Map<string, Road[]>();
  readonly #random: RandomStream;
  readonly #script: BrokerOptions['script'];
  readonly #pendingLimit: number;
  readonly #clients = new Map<string, BrokerClient>();
  readonly #blocked = new Set<string>();
  readonly #cuts = new Set<string>();
  readonly #slow = new Map<string, number>();
  /** When the last message from one client to another arrives, for those that keep their order. */
  readonly #lastAt = new Map<string, number>();
  #faults: BrokerFaults;
  #up = true;
  /** Rises with every message that goes to one of several. */
  #turn = 0;
  /** Rises with every restart: what was under way before is lost. */
  #life = 0;

  constructor({ clock, random, faults, maxBytes, noticeMs, pendingLimit, script }: BrokerOptions) {
    this.clock = clock;
    this.maxBytes = maxBytes ?? 1_048_576;
    this.noticeMs = noticeMs ?? 100;
    this.#random = random;
    this.#script = script;
    this.#pendingLimit = pendingLimit ?? 4_096;
    this.#faults = { delayMs: [1, 1], dropRate: 0, duplicateRate: 0, reorderRate: 0, ...faults };
    this.leaseStore = memoryLeases(clock);
    this.streamStore = memoryStreams(clock, this.maxBytes);
    this.#serviceBoard = memoryServices(clock, this.maxBytes);
  }

  connect(name: string): Transport {
    assert(
      ![LEASE_STORE, STREAM_STORE].includes(name) && !this.#clients.has(name),
      `${name} is connected already`,
    );
    const client = new BrokerClient(name, this);
    this.#clients.set(name, client);
    return client;
  }

  leases(name: string, withinMs?: number): Leases {
    const road = (from: string, to: string) => () => {
      if (!this.reachable(name) || this.#isBlocked(from, to)) return null;
      return this.#delay();
    };
    return this.leaseStore.view({ there: road(name, LEASE_STORE), back: road(LEASE_STORE, name) }, withinMs);
  }

  streams(name: string, withinMs?: number): Streams {
    return this.streamStore.view(this.#road(name, STREAM_STORE), withinMs);
  }

  services(name: string): Services {
    const reaches = (other: string) => !this.#isBlocked(other, name);
    return this.#serviceBoard.view({ name, road: this.#road(name), noticeMs: this.noticeMs, reaches });
  }

  /** @param to a name in partitions, when it has one */
  #road(name: string, to = ''): Road {
    const road = new Road({
      clock: this.clock,
      passes: (way) =>
        this.reachable(name) && !(way === 'there' ? this.#isBlocked(name, to) : this.#isBlocked(to, name)),
      delayMs: () => this.#delay(),
      life: () => this.#life,
    });
    this.#roads.set(name, [...(this.#roads.get(name) ?? []), road]);
    return road;
  }

  setFaults(faults: Partial<BrokerFaults>): void {
    this.#faults = { ...this.#faults, ...faults };
  }

  partition(from: string, to: string, { oneWay = false } = {}): void {
    this.#blocked.add(`${from}>${to}`);
    if (!oneWay) this.#blocked.add(`${to}>${from}`);
  }

  heal(from?: string, to?: string): void {
    if (from === undefined || to === undefined) {
      this.#blocked.clear();
      for (const name of [...this.#cuts]) this.mend(name);
    } else {
      this.#blocked.delete(`${from}>${to}`);
      this.#blocked.delete(`${to}>${from}`);
    }
    this.streamStore.pump();
  }

  cut(name: string): void {
    this.#cuts.add(name);
    this.#clients.get(name)?.look();
  }

  mend(name: string): void {
    this.#cuts.delete(name);
    this.#clients.get(name)?.look();
    this.streamStore.pump();
  }

  slow(name: string, ms: number): void {
    if (ms > 0) this.#slow.set(name, ms);
    else this.#slow.delete(name);
  }

  restart(downMs: number, { losesMs = 0 } = {}): void {
    const life = ++this.#life;
    this.#up = false;
    if (losesMs > 0) this.streamStore.loseLast(losesMs);
    this.#lookAll();
    this.clock.after(downMs, () => {
      if (life !== this.#life) return;
      this.#up = true;
      this.#lookAll();
      this.streamStore.pump();
    });
  }

  reachable(name: string): boolean {
    return this.#up && !this.#cuts.has(name);
  }

  forget(client: BrokerClient): void {
    if (this.#clients.get(client.name) !== client) return;
    this.#clients.delete(client.name);
    for (const road of this.#roads.get(client.name) ?? []) road.close();
    this.#roads.delete(client.name);
  }

  route(from: string, subject: string, bytes: Uint8Array): void {
    this.counts.published++;
    if (!this.reachable(from)) {
      this.counts.lostWhileDown++;
      return;
    }
    const chosen = this.#share(subject);
    for (const client of this.#clients.values()) {
      const shared = chosen.get(client) ?? [];
      if (shared.length === 0 && !client.hears(subject)) continue;
      this.#carry({ from, to: client.name, subject, bytes, shared }, client);
    }
  }

  /** Whose turn it is in each queue. */
  #share(subject: string): ReadonlyMap<BrokerClient, readonly Subscription[]> {
    const queues = new Map<string, (readonly [BrokerClient, Subscription])[]>();
    for (const client of this.#clients.values()) {
      for (const subscription of client.sharing(subject)) {
        const name = `${subscription.queue} ${subscription.pattern}`;
        queues.set(name, [...(queues.get(name) ?? []), [client, subscription]]);
      }
    }
    const chosen = new Map<BrokerClient, Subscription[]>();
    for (const members of queues.values()) {
      const [client, subscription] = members[this.#turn++ % members.length] as (typeof members)[number];
      chosen.set(client, [...(chosen.get(client) ?? []), subscription]);
    }
    return chosen;
  }

  #carry(parcel: Parcel, client: BrokerClient): void {
    if (this.#isBlocked(parcel.from, parcel.to)) {
      this.counts.partitioned++;
      return;
    }
    const verdict = this.#script?.(parcel);
    const { dropRate, duplicateRate } = this.#faults;
    if (verdict === 'drop' || (verdict === undefined && this.#happens(dropRate))) {
      this.counts.dropped++;
      return;
    }
    this.#send(parcel, client, typeof verdict === 'object' ? verdict.delayMs : this.#delay());
    if (verdict === 'duplicate' || (verdict === undefined && this.#happens(duplicateRate))) {
      this.counts.duplicated++;
      this.#send(parcel, client, this.#delay());
    }
  }

  #send(parcel: Parcel, client: BrokerClient, delayMs: number): void {
    const life = this.#life;
    const nowMs = this.clock.nowMs();
    const pair = `${parcel.from}>${parcel.to}`;
    let atMs = nowMs + delayMs;
    if (!this.#happens(this.#faults.reorderRate)) {
      atMs = Math.max(atMs, this.#lastAt.get(pair) ?? 0);
      this.#lastAt.set(pair, atMs);
    }
    const slowMs = this.#slow.get(parcel.to) ?? 0;
    if (client.pending >= this.#pendingLimit) {
      this.counts.shedForSlow++;
      return;
    }
    if (slowMs > 0) atMs = Math.max(atMs, client.freeAtMs) + slowMs;
    client.freeAtMs = atMs;
    client.pending++;
    this.clock.after(atMs - nowMs, () => {
      client.pending--;
      const cutOff = life !== this.#life || !this.reachable(parcel.to);
      if (cutOff || this.#isBlocked(parcel.from, parcel.to) || !client.take(parcel)) {
        this.counts.lostUnderWay++;
      } else {
        this.counts.delivered++;
      }
    });
  }

  #delay(): number {
    const [least, most] = this.#faults.delayMs;
    return least === most ? least : least + (most - least) * this.#random.next();
  }

  #happens(rate: number): boolean {
    return rate > 0 && this.#random.next() < rate;
  }

  #isBlocked(from: string, to: string): boolean {
    return this.#blocked.size > 0 && this.#blocked.has(`${from}>${to}`);
  }

  #lookAll(): void {
    for (const client of this.#clients.values()) client.look();
  }
}
