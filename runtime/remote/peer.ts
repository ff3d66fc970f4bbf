/** One other node as this one knows it: is it there, in which life, and what is under way between the two. */
import { encode } from '../../contracts/codec.ts';
import { EsperError, type Refusal } from '../../contracts/failure.ts';
import { Asker } from '../actor/asker.ts';
import { dueMsOf } from '../actor/deadlines.ts';
import type { Kernel, NodeIdentity } from '../actor/kernel.ts';
import { type Item, Letter, messageOf } from '../actor/letter.ts';
import type { Down } from '../actor/messages.ts';
import { NORMAL } from '../actor/priority.ts';
import { formatTraceparent } from '../actor/trace-context.ts';
import { Awaited } from './awaited.ts';
import { type Answer, Desk } from './desk.ts';
import type { Beat, CarriedLetter, Packet } from './envelope.ts';
import { incompatible, nodeDown, outboxFull, tooLarge } from './errors.ts';
import type { LeaseRecord } from './lease-record.ts';
import { Liveness } from './liveness.ts';
import type { LetterText, OutboxLimits, Outgoing } from './outbox.ts';
import type { NumberedPacket } from './packet-form.ts';
import { Pipe } from './pipe.ts';
import { remotePath } from './remote-path.ts';

/** `unreachable` is not `down`: what is under way waits, until the node is back or its lease has ended. */
export type PeerState = 'unknown' | 'up' | 'unreachable' | 'down' | 'incompatible';

export interface PeerView {
  readonly node: string;
  /** 0 until it was heard of. */
  readonly epoch: number;
  readonly state: PeerState;
  /** It is down because it went in order, and not because it fell. */
  readonly left: boolean;
  /** Letters that were not receipted yet. */
  readonly outbox: number;
  /** Questions that wait for an answer. */
  readonly asks: number;
  /** Its letters that wait for room here. */
  readonly held: number;
  /** What it last said is on it. */
  readonly inventory: Readonly<Record<string, unknown>>;
}

export interface PeerWorld {
  readonly kernel: Kernel;
  readonly self: NodeIdentity;
  readonly protocol: string;
  readonly outbox: OutboxLimits;
  readonly bodyBytes: number;
  readonly bytesAtOnce: number;
  readonly beatMs: number;
  readonly lifeMs: number;
  nextId(): string;
  send(packet: Omit<NumberedPacket, 'from' | 'epoch'>): boolean;
  changed(view: PeerView): void;
  /** All that was to be sent has been receipted, or is lost. */
  emptied(): void;
}

export class Peer {
  readonly node: string;
  readonly #world: PeerWorld;
  readonly #pipe: Pipe;
  readonly #desk: Desk;
  readonly #awaited: Awaited;
  #liveness: Liveness;
  #state: PeerState = 'unknown';
  #epoch = 0;
  #left = false;
  /** Lives up to this one are over, whatever they still say. */
  #deadEpoch = 0;
  /** Number of its newest beat. */
  #beats = 0;
  #theirProtocol = '';
  #inventory: Readonly<Record<string, unknown>> = {};

  constructor(node: string, world: PeerWorld) {
    const { kernel, bodyBytes, bytesAtOnce, beatMs, outbox } = world;
    const { clock, metrics } = kernel;
    this.node = node;
    this.#world = world;
    this.#liveness = new Liveness(beatMs, clock.nowMs());
    this.#awaited = new Awaited(node, bodyBytes);
    this.#pipe = new Pipe(
      {
        clock,
        dispatch: kernel.dispatcher,
        metrics,
        failPoints: kernel.failPoints,
        random: kernel.random.split(`pipe to ${node}`),
        bytesAtOnce,
        send: ({ ack, beyond, limit }, letters) =>
          this.#epoch > 0 && world.send({ to: node, toEpoch: this.#epoch, ack, beyond, limit, letters }),
        handOn: (letter) => this.#handOn(letter),
        emptied: () => world.emptied(),
        held: () => this.#desk.held,
      },
      outbox,
    );
    this.#desk = new Desk({
      kernel,
      node,
      bodyBytes,
      post: (answer) => this.#answer(answer),
      relieved: () => this.#pipe.relieved(),
    });
  }

  get state(): PeerState {
    return this.#state;
  }
  get epoch(): number {
    return this.#epoch;
  }
  /** Has everything been sent and receipted? */
  get settled(): boolean {
    return this.#pipe.outbox.size === 0;
  }
  /** Would a letter be taken now? */
  get roomy(): boolean {
    return this.#state !== 'down' && this.#pipe.outbox.roomy;
  }
  get heardMs(): number {
    return this.#liveness.heardMs;
  }

  view(): PeerView {
    return {
      node: this.node,
      epoch: this.#epoch,
      state: this.#state,
      left: this.#left,
      outbox: this.#pipe.outbox.size,
      asks: this.#awaited.asks,
      held: this.#desk.held,
      inventory: this.#inventory,
    };
  }

  incarnationOf(path: string): number {
    return this.#awaited.incarnationOf(path);
  }

  /** False, a dead letter, and an answered asker when it cannot be taken. */
  deliver(path: string, item: Item, system: boolean): boolean {
    const letter = item instanceof Letter ? item : null;
    const asker = item instanceof Asker ? item : null;
    const body = this.#pack(messageOf(item));
    if (this.#state === 'down') return this.#undeliverable(path, item, 'node_down', null);
    if (this.#state === 'incompatible') {
      const refusal = incompatible(this.node, this.#world.protocol, this.#theirProtocol);
      return this.#undeliverable(path, item, 'unsendable', refusal);
    }
    if ('refused' in body) return this.#undeliverable(path, item, 'unsendable', body);
    const id = this.#world.nextId();
    const text: LetterText = { id, is: asker === null ? 'tell' : 'ask', path, body: body.bytes };
    if (system) text.system = true;
    if (letter !== null && letter.priority !== NORMAL) text.priority = letter.priority;
    if (letter !== null && letter.trace !== null) text.trace = formatTraceparent(letter.trace);
    const taken = this.#pipe.post({
      text,
      dueMs: asker === null ? null : dueMsOf(asker),
      wanted: () => asker === null || asker.awaited,
      // An asker hears it from `Awaited`, or has given up by itself.
      lost: () => {
        if (asker === null) this.#bury(path, 'node_down', item);
      },
    });
    if (!taken) {
      return this.#undeliverable(path, item, 'outbox_full', outboxFull(this.node, this.#pipe.outbox.size));
    }
    if (asker !== null) this.#awaited.asked(id, asker);
    return true;
  }

  watch(path: string, watcher: object, tell: (down: Down) => void): void {
    if (this.#state === 'down' || this.#state === 'incompatible') {
      const why = this.#state === 'down' ? 'it is down' : 'it speaks another protocol';
      const reason = { kind: 'node_down', node: this.node, epoch: this.#epoch, why } as const;
      tell({ type: 'runtime.down', path: remotePath(this.node, path), incarnation: 0, reason });
      return;
    }
    const id = this.#world.nextId();
    if (!this.#awaited.watch(path, id, watcher, tell)) return;
    this.#post({ id, is: 'watch', path }, () => this.#awaited.isWatching(path, id));
  }

  unwatch(path: string, watcher: object): void {
    const re = this.#awaited.unwatch(path, watcher);
    if (re !== undefined) this.#post({ id: this.#world.nextId(), is: 'unwatch', path, re });
  }

  /** It speaks. False when it is a life that is over, or said it before. */
  heard({ epoch, count, protocol, leaving, hears, inventory }: Beat): boolean {
    if (epoch < this.#epoch || epoch <= this.#deadEpoch) return this.#stale();
    if (epoch === this.#epoch && count <= this.#beats) {
      this.#world.kernel.metrics.count('esper_remote_duplicates_total', 1);
      return false;
    }
    const { self, kernel } = this.#world;
    const nowMs = kernel.clock.nowMs();
    if (epoch > this.#epoch) this.#begin(epoch, nowMs);
    this.#beats = count;
    if (leaving) {
      this.#die('it has left', true);
      return true;
    }
    this.#liveness.heard(nowMs);
    const us = hears.find(({ node, epoch }) => node === self.name && epoch === self.epoch);
    this.#liveness.hearsUs(nowMs, us?.agoMs);
    this.#inventory = inventory;
    this.#theirProtocol = protocol;
    if (protocol !== this.#world.protocol) this.#turnAway();
    else this.check();
    return true;
  }

  /** Letters came. False when they are for or from a life that is over. */
  arrived(packet: Packet): boolean {
    if (packet.epoch <= this.#deadEpoch || packet.epoch < this.#epoch) return this.#stale();
    if (packet.toEpoch !== this.#world.self.epoch) return this.#stale();
    // Its beat comes first: who it is must be known before what it says.
    if (packet.epoch > this.#epoch || this.#state === 'incompatible') return false;
    this.#liveness.heard(this.#world.kernel.clock.nowMs());
    this.#pipe.arrived(packet);
    return true;
  }

  /** Looks whether it is near. */
  check(): void {
    if (this.#state === 'down' || this.#state === 'incompatible') return;
    const near = this.#epoch > 0 && this.#liveness.isNear(this.#world.kernel.clock.nowMs());
    if (near) this.#become('up');
    else if (this.#epoch > 0) this.#become('unreachable');
  }

  /** Is it far, or was its lease never seen, so that it has to be looked at? */
  get inDoubt(): boolean {
    if (this.#state === 'unreachable') return true;
    if (this.#state === 'up') return !this.#liveness.leaseSeen;
    return this.#state === 'unknown' && !this.#liveness.isNear(this.#world.kernel.clock.nowMs());
  }

  /** @param fresh its lease was read just now, and not only heard of */
  leaseSeen(record: LeaseRecord | undefined, revision: number, fresh: boolean): void {
    if (this.#state === 'down') return;
    const { kernel, lifeMs } = this.#world;
    const now = { epoch: this.#epoch, nowMs: kernel.clock.nowMs(), lifeMs, fresh };
    const why = this.#liveness.deathOf(record, revision, now);
    if (why === undefined) return;
    if (record !== undefined && this.#epoch > 0 && record.epoch > this.#epoch) {
      // The newer life has not been heard yet: what was not sent waits for it.
      this.#deadEpoch = this.#epoch;
      this.#endLife(why);
      this.#epoch = 0;
      this.#liveness = new Liveness(this.#world.beatMs, now.nowMs);
      this.#become('unknown');
      return;
    }
    if (record !== undefined) this.#deadEpoch = Math.max(this.#deadEpoch, record.epoch);
    this.#die(why, record?.holder === '');
  }

  /** Once a beat. */
  beat(): void {
    this.#awaited.sweep();
    this.#pipe.beat();
  }

  mended(): void {
    this.#pipe.mended();
  }

  /** This node itself has begun a new life: all that was under way belongs to the old one. */
  ownLifeBegins(): void {
    this.#endLife('this node has begun a new life');
    if (this.#epoch === 0) return;
    this.#liveness = new Liveness(this.#world.beatMs, this.#world.kernel.clock.nowMs());
    if (this.#state === 'up' || this.#state === 'unreachable') this.#pipe.open();
  }

  /** Ends everything: this node leaves. */
  close(why: string): void {
    this.#die(why);
    this.#desk.close();
  }

  #begin(epoch: number, nowMs: number): void {
    if (this.#epoch > 0 && this.#state !== 'down') this.#endLife(`it has begun a new life, epoch ${epoch}`);
    this.#epoch = epoch;
    this.#liveness = new Liveness(this.#world.beatMs, nowMs);
    this.#become('up');
    this.#pipe.open();
  }

  /** What was sent may or may not have been done: it is not sent again. What was not sent yet goes to the new life. */
  #endLife(why: string): void {
    this.#lose(this.#pipe.restart(), why);
  }

  #die(why: string, left = false): void {
    if (this.#state === 'down') return;
    this.#left = left;
    this.#deadEpoch = Math.max(this.#deadEpoch, this.#epoch);
    this.#become('down');
    this.#lose(this.#pipe.close(), why);
  }

  #turnAway(): void {
    if (this.#state === 'incompatible') return;
    this.#become('incompatible');
    this.#lose(this.#pipe.close(), 'it speaks another protocol');
  }

  #lose(letters: readonly Outgoing[], why: string): void {
    const reason = { kind: 'node_down', node: this.node, epoch: this.#epoch, why } as const;
    this.#desk.forget();
    for (const outgoing of letters) outgoing.lost(why);
    if (this.#pipe.outbox.size === 0) this.#world.emptied();
    this.#awaited.allLost(nodeDown(this.node, this.#epoch, why), reason);
  }

  #become(state: PeerState): void {
    if (this.#state === state) return;
    this.#state = state;
    if (state !== 'down') this.#left = false;
    const level = state === 'up' ? 'info' : 'warn';
    this.#world.kernel.log.write(level, `a node is ${state}`, { node: this.node, epoch: this.#epoch });
    this.#world.changed(this.view());
  }

  #stale(): false {
    this.#world.kernel.metrics.count('esper_remote_refused_total', 1, { code: 'STALE_EPOCH' });
    return false;
  }

  #handOn(letter: CarriedLetter): void {
    if (letter.is === 'tell' || letter.is === 'ask' || letter.is === 'watch' || letter.is === 'unwatch') {
      this.#desk.take(letter);
      return;
    }
    const refusal = this.#awaited.take(letter);
    if (refusal === undefined) return;
    this.#world.kernel.metrics.count('esper_remote_refused_total', 1, { code: refusal.refused });
  }

  #answer({ is, path, re, incarnation, data }: Answer): void {
    const packed = this.#pack(data);
    const life = incarnation === undefined ? {} : { incarnation };
    const id = this.#world.nextId();
    if ('bytes' in packed) {
      this.#post({ id, is, path, re, body: packed.bytes, ...life });
      return;
    }
    // What cannot travel is answered with the reason why.
    const instead = this.#pack(is === 'down' ? { kind: 'killed', why: packed.refused } : packed);
    if ('bytes' in instead) {
      this.#post({ id, is: is === 'down' ? is : 'refused', path, re, body: instead.bytes, ...life });
    }
  }

  /** Answers and watches are bounded by what they belong to: the outbox takes them always. */
  #post(text: LetterText, wanted: () => boolean = () => true): void {
    if (this.#state === 'down' || this.#state === 'incompatible') return;
    this.#pipe.postSurely({ text, dueMs: null, wanted, lost: () => undefined });
  }

  #pack(data: unknown): { readonly bytes: Uint8Array } | Refusal {
    const { bodyBytes } = this.#world;
    try {
      const bytes = encode(data);
      return bytes.length > bodyBytes ? tooLarge(bytes.length, bodyBytes) : { bytes };
    } catch (thrown) {
      if (!(thrown instanceof EsperError)) throw thrown;
      return { refused: thrown.code, details: { why: thrown.message } };
    }
  }

  #undeliverable(
    path: string,
    item: Item,
    reason: 'node_down' | 'outbox_full' | 'unsendable',
    refusal: Refusal | null,
  ): false {
    this.#bury(path, reason, item);
    if (!(item instanceof Asker)) return false;
    if (refusal === null) item.fail(nodeDown(this.node, this.#epoch, 'it is not there'));
    else item.refuse(refusal);
    return false;
  }

  #bury(path: string, reason: 'node_down' | 'outbox_full' | 'unsendable', item: Item): void {
    this.#world.kernel.deadLetters.add(remotePath(this.node, path), reason, item);
  }
}
