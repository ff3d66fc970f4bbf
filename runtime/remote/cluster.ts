/** This node among others: it joins under a name, beats, finds addresses elsewhere, and notices who is gone. */
import type { Address } from '../actor/address.ts';
import { asError } from '../actor/errors.ts';
import type { Kernel, NodeIdentity } from '../actor/kernel.ts';
import { within } from '../maybe.ts';
import type { LeaseEntry } from '../ports/leases.ts';
import type { Transport } from '../ports/transport.ts';
import { type ClusterLimits, type ClusterOptions, limitsOf } from './cluster-options.ts';
import type { Beat, RemoteEnvelope } from './envelope.ts';
import { badNodeName, joinLate, nameTaken } from './errors.ts';
import { openEnvelope } from './gate.ts';
import { Herald } from './herald.ts';
import { type LeaseRecord, leaseIn, readLease } from './lease-record.ts';
import { type NumberedPacket, packPacket } from './packet-form.ts';
import { Peer, type PeerView, type PeerWorld } from './peer.ts';
import { RemoteAddress } from './remote-address.ts';
import { isNodeName, parseRemotePath } from './remote-path.ts';
import type { RemoteSide } from './remote-side.ts';
import { SealedTransport } from './sealed-transport.ts';
import { type Held, Tenure, type TenureHooks } from './tenure.ts';

/** Nodes that one node knows: whoever makes up names must not fill its memory. */
const MOST_PEERS = 1_024;
/** Names whose leases are kept an eye on, so that whoever takes one over need not begin to wait. */
const MOST_NOTICED = 4_096;

export interface Cluster extends RemoteSide {
  /** Give it to `startSystem`. Its epoch rises when the node's lease lapsed and was taken again. */
  readonly node: NodeIdentity;
  /** Other nodes, by name. */
  peers(): readonly PeerView[];
  /** Tries for a name that one node holds at a time, until released. `release` lets others have it at once. */
  hold(name: string, hooks: TenureHooks): { release(): Promise<void> };
  /**
   * Who holds a name now; nothing when nobody does. It may have changed when you read it.
   * @throws LEASES_UNREACHABLE
   */
  holderOf(name: string): Promise<{ readonly node: string; readonly epoch: number } | undefined>;
  /** Stops at once and without a word, as a crash would. */
  abandon(): void;
}

/**
 * Takes the node's lease; resolves when this node has its name and epoch. Beats begin when a system was started with it.
 * @throws NODE_NAME_INVALID, NODE_JOIN_LATE (retryable) when the lease store does not answer
 */
export async function joinCluster(options: ClusterOptions): Promise<Cluster> {
  const { name } = options.node;
  if (!isNodeName(name)) throw badNodeName(name);
  const cluster = new Joined(options);
  const { joinMs } = limitsOf(options.limits, options.transport.maxBytes);
  if (await within(options.clock, joinMs, cluster.join())) return cluster;
  cluster.abandon();
  throw joinLate(name, joinMs);
}

class Joined implements Cluster {
  readonly node: { readonly name: string; epoch: number };
  readonly #options: ClusterOptions;
  readonly #limits: ClusterLimits;
  readonly #prefix: string;
  readonly #transport: Transport;
  readonly #herald: Herald;
  readonly #lease: Tenure;
  readonly #tenures = new Set<Tenure>();
  readonly #peers = new Map<string, Peer>();
  readonly #lookedUp = new Set<string>();
  /** Of names that one node holds at a time: the newest revision heard of, and when. */
  readonly #noticed = new Map<string, { readonly revision: number; readonly sinceMs: number }>();
  #kernel: Kernel | null = null;
  #letters = 0;
  #turns = 0;
  #over = false;
  #joined: () => void = () => {};
  #cancelTurn: () => void = () => {};
  /** Called when an outbox has emptied, while somebody waits for that. */
  #emptied: () => void = () => {};
  #leaving: Promise<void> | null = null;
  #ends: (() => void)[] = [];

  constructor(options: ClusterOptions) {
    const { transport, seal, metrics, clock, protocol, inventory } = options;
    this.#options = options;
    this.#transport = seal === undefined ? transport : new SealedTransport(transport, seal, metrics);
    this.#limits = limitsOf(options.limits, this.#transport.maxBytes);
    this.#prefix = options.prefix ?? 'esper';
    const { name, epoch = 0 } = options.node;
    this.node = { name, epoch };
    this.#herald = new Herald({
      clock,
      transport: this.#transport,
      subject: `${this.#prefix}.beat`,
      node: this.node,
      protocol,
      inventory,
      hears: () => this.#hears(),
      unsayable: (why) => this.#log('warn', 'what this node says of itself cannot be sent', { why }),
    });
    this.#lease = this.#tenure(this.#nodeKey(name), name, {
      gained: (held) => this.#entitled(held),
      lost: (why) => this.#log('warn', 'the lease of this node has lapsed', { why }),
      taken: (by) => this.#replaced(by),
    });
  }

  join(): Promise<void> {
    return new Promise((resolve) => {
      this.#joined = resolve;
      this.#lease.start();
    });
  }

  attach(kernel: Kernel): void {
    this.#kernel = kernel;
  }

  find(path: string): Address | undefined {
    const there = parseRemotePath(path);
    if (there === undefined || this.#kernel === null) return undefined;
    if (there.node === this.node.name) return this.#kernel.registry.find(there.path);
    return new RemoteAddress(this.#peer(there.node), there.path);
  }

  serve(): void {
    const { leases } = this.#options;
    const transport = this.#transport;
    const take = (bytes: Uint8Array) => this.#receive(bytes);
    const nodes = `${this.#prefix}.node.`;
    this.#ends.push(
      transport.subscribe(`${this.#prefix}.beat`, take),
      transport.subscribe(`${this.#prefix}.to.${this.node.name}`, take),
      transport.onChange((connected) => {
        if (connected) this.#mended();
      }),
      leases.watch(nodes, (entry) => this.#leaseSeen(entry.key.slice(nodes.length), entry, false)),
      leases.watch(this.#singletonKey(''), (entry) => this.#notice(entry)),
    );
    this.#ends.push(
      () => this.#cancelTurn(),
      () => this.#herald.end(),
    );
    this.#turn();
  }

  peers(): readonly PeerView[] {
    return [...this.#peers.values()].map((peer) => peer.view());
  }

  hold(name: string, hooks: TenureHooks): { release(): Promise<void> } {
    const tenure = this.#tenure(this.#singletonKey(name), name, hooks);
    this.#tenures.add(tenure);
    if (!this.#over) tenure.start();
    return {
      release: async () => {
        this.#tenures.delete(tenure);
        await tenure.release();
      },
    };
  }

  async holderOf(name: string): Promise<{ readonly node: string; readonly epoch: number } | undefined> {
    const entry = await this.#options.leases.get(this.#singletonKey(name));
    if (entry === undefined) return undefined;
    const { holder, epoch } = readLease(entry.key, entry.value);
    return holder === '' ? undefined : { node: holder.split('/')[0] as string, epoch };
  }

  leave(): Promise<void> {
    this.#leaving ??= this.#leave();
    return this.#leaving;
  }

  /** What was said last is still sent, for as long as the others take it within `drainMs`. */
  async #leave(): Promise<void> {
    await within(this.#options.clock, this.#limits.drainMs, this.#drained());
    if (this.#over) return;
    this.#over = true;
    for (const end of this.#ends) end();
    this.#herald.beat(true);
    for (const peer of this.#peers.values()) peer.close('this node leaves');
    await Promise.all([...this.#tenures, this.#lease].map((tenure) => tenure.release()));
  }

  abandon(): void {
    this.#over = true;
    for (const end of this.#ends) end();
    for (const tenure of [...this.#tenures, this.#lease]) tenure.abandon();
    for (const peer of this.#peers.values()) peer.close('this node was abandoned');
    this.#emptied();
  }

  #drained(): Promise<void> | undefined {
    const settled = () => this.#over || [...this.#peers.values()].every((peer) => peer.settled);
    if (settled()) return undefined;
    return new Promise((resolve) => {
      this.#emptied = () => {
        if (settled()) resolve();
      };
    });
  }

  /** Four looks a beat, so that silence is noticed in time. */
  #turn(): void {
    if (this.#over) return;
    if (this.#turns++ % 4 === 0) {
      this.#herald.beat();
      for (const peer of this.#peers.values()) peer.beat();
    }
    for (const peer of this.#peers.values()) {
      peer.check();
      if (peer.inDoubt) this.#lookUp(peer.node);
    }
    this.#cancelTurn = this.#options.clock.after(this.#limits.beatMs / 4, () => this.#turn());
  }

  #entitled({ epoch }: Held): void {
    const again = this.#kernel !== null;
    this.node.epoch = epoch;
    this.#log('info', 'this node has its lease', { epoch });
    this.#joined();
    if (!again) return;
    for (const peer of this.#peers.values()) peer.ownLifeBegins();
    this.#herald.greet();
  }

  #replaced({ epoch }: LeaseRecord): void {
    const error = nameTaken(this.node.name, epoch);
    this.#log('error', 'this node was replaced', { code: error.code, epoch });
    for (const tenure of this.#tenures) tenure.resign('this node was replaced');
    this.abandon();
    this.#options.onReplaced?.(error);
  }

  #receive(bytes: Uint8Array): void {
    const envelope = openEnvelope(bytes, this.#transport.maxBytes);
    if ('refused' in envelope) {
      this.#options.metrics.count('esper_remote_refused_total', 1, { code: envelope.refused });
      this.#log('debug', 'an envelope was turned away', { code: envelope.refused });
    } else if (envelope.from !== this.node.name && !this.#over) {
      this.#take(envelope);
    }
  }

  #take(envelope: RemoteEnvelope): void {
    if (this.#peers.size >= MOST_PEERS && !this.#peers.has(envelope.from)) {
      this.#options.metrics.count('esper_remote_refused_total', 1, { code: 'NODE_ONE_TOO_MANY' });
      return;
    }
    const peer = this.#peer(envelope.from);
    if (envelope.is === 'letters') {
      // Whoever speaks out of turn does not know us, or we do not know them.
      if (envelope.to === this.node.name && !peer.arrived(envelope)) this.#herald.greet();
      return;
    }
    const { name, epoch } = this.node;
    const hearsUs = envelope.hears.some((heard) => heard.node === name && heard.epoch === epoch);
    if (peer.heard(envelope) && !hearsUs) this.#herald.greet();
  }

  #peer(node: string): Peer {
    const known = this.#peers.get(node);
    if (known !== undefined) return known;
    const peer = new Peer(node, this.#peerWorld());
    this.#peers.set(node, peer);
    return peer;
  }

  #peerWorld(): PeerWorld {
    const { protocol, onPeer } = this.#options;
    const { outboxLetters, outboxBytes, bodyBytes, beatMs, leaseMs } = this.#limits;
    return {
      kernel: this.#kernel as Kernel,
      self: this.node,
      protocol,
      outbox: { letters: outboxLetters, bytes: outboxBytes },
      bodyBytes,
      bytesAtOnce: Math.min(32_768, this.#transport.maxBytes / 4),
      beatMs,
      lifeMs: leaseMs,
      nextId: () => `${this.node.name}.${this.node.epoch}.${++this.#letters}`,
      send: (packet) => this.#send(packet),
      changed: (view) => onPeer?.(view),
      emptied: () => this.#emptied(),
    };
  }

  #send(packet: Omit<NumberedPacket, 'from' | 'epoch'>): boolean {
    const { metrics } = this.#options;
    const transport = this.#transport;
    if (this.#over || !transport.connected) return false;
    const { name, epoch } = this.node;
    const { to, toEpoch, ack, beyond, limit, letters } = packet;
    const bytes = packPacket({ from: name, epoch, to, toEpoch, ack, beyond, limit, letters });
    if (!transport.publish(`${this.#prefix}.to.${to}`, bytes)) return false;
    if (letters.length > 0) metrics.count('esper_remote_letters_total', letters.length);
    return true;
  }

  #hears(): Beat['hears'] {
    const nowMs = this.#options.clock.nowMs();
    return [...this.#peers.values()]
      .filter(({ state }) => state === 'up' || state === 'unreachable')
      .map(({ node, epoch, heardMs }) => ({ node, epoch, agoMs: nowMs - heardMs }));
  }

  #mended(): void {
    this.#herald.beat();
    for (const peer of this.#peers.values()) peer.mended();
  }

  /** One look at a time for each node; a store that does not answer says nothing about anybody. */
  #lookUp(node: string): void {
    if (this.#lookedUp.has(node)) return;
    this.#lookedUp.add(node);
    const done = () => void this.#lookedUp.delete(node);
    const unknown = (thrown: unknown) =>
      this.#log('debug', 'a lease could not be looked at', { node, error: asError(thrown).message });
    this.#options.leases
      .get(this.#nodeKey(node))
      .then((entry) => this.#leaseSeen(node, entry, true))
      .catch(unknown)
      .finally(done);
  }

  #notice({ key, revision }: LeaseEntry): void {
    if (revision <= (this.#noticed.get(key)?.revision ?? 0)) return;
    if (this.#noticed.size >= MOST_NOTICED && !this.#noticed.has(key)) return;
    this.#noticed.set(key, { revision, sinceMs: this.#options.clock.nowMs() });
  }

  #leaseSeen(node: string, entry: LeaseEntry | undefined, fresh: boolean): void {
    const peer = this.#peers.get(node);
    if (peer === undefined || this.#over) return;
    const record = entry === undefined ? undefined : leaseIn(entry.value);
    // Whoever writes something else there says nothing about the node.
    if (entry === undefined || record !== undefined) peer.leaseSeen(record, entry?.revision ?? 0, fresh);
  }

  #tenure(key: string, name: string, hooks: TenureHooks): Tenure {
    const { clock, random, leases, log, failPoints, ids, node } = this.#options;
    const own = key === this.#nodeKey(node.name);
    return new Tenure({
      clock,
      random: random.split(`lease ${key}`),
      leases,
      log,
      failPoints,
      key,
      name,
      holder: `${node.name}/${ids.next('life')}/${Math.floor(random.next() * 2 ** 32).toString(36)}`,
      lifeMs: this.#limits.leaseMs,
      eager: own,
      noticed: this.#noticed.get(key),
      leastEpoch: own ? (node.epoch ?? 1) : 1,
      hooks,
    });
  }

  #nodeKey(node: string): string {
    return `${this.#prefix}.node.${node}`;
  }

  #singletonKey(name: string): string {
    return `${this.#prefix}.one.${name}`;
  }

  #log(level: 'debug' | 'info' | 'warn' | 'error', text: string, fields: Record<string, unknown>): void {
    this.#options.log.write(level, text, { node: this.node.name, ...fields });
  }
}
