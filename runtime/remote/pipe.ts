/** Both directions between this node and one other: in order, once, receipted, at the pace of the slower side. */
import type { RandomStream } from '../../contracts/random-stream.ts';
import type { Dispatch, Runnable } from '../actor/dispatcher.ts';
import type { Clock } from '../ports/clock.ts';
import type { FailPoints } from '../ports/fail-points.ts';
import type { Metrics } from '../ports/metrics.ts';
import { type CarriedLetter, LETTERS_AT_ONCE, type Packet } from './envelope.ts';
import { Inbox, WINDOW } from './inbox.ts';
import { Outbox, type OutboxLimits, type Outgoing, type Sent } from './outbox.ts';
import { Pace } from './pace.ts';
import type { Numbered } from './packet-form.ts';

/** Milliseconds a receipt waits for a letter to travel with. */
const RECEIPT_MS = 10;
/** Letters after which a receipt waits no longer. */
const RECEIPT_AFTER = 32;
/** Letters a new pipe may send before it has heard how much the other side takes. */
const FIRST_LIMIT = 64;

export interface PipeWorld {
  readonly clock: Clock;
  readonly dispatch: Dispatch;
  readonly random: RandomStream;
  readonly metrics: Metrics;
  readonly failPoints: FailPoints | null;
  /** Bytes of letters that travel together; one alone may be larger. */
  readonly bytesAtOnce: number;
  /** False: certainly not sent. */
  send(head: Pick<Packet, 'ack' | 'beyond' | 'limit'>, letters: readonly Numbered[]): boolean;
  /** In order, each once. */
  handOn(letter: CarriedLetter): void;
  /** Every letter has been receipted. */
  emptied(): void;
  /** Letters handed on that still wait for room: they use up the window. */
  held(): number;
}

export class Pipe implements Runnable {
  readonly #world: PipeWorld;
  readonly #outbox: Outbox;
  readonly #pace: Pace;
  #inbox = new Inbox();
  #limit = FIRST_LIMIT;
  #open = false;
  #used = false;
  #flushAsked = false;
  /** Something was sent since the event loop last went round: what comes now waits for company. */
  #flushed = false;
  #unreceipted = 0;
  #cancelReceipt: (() => void) | null = null;
  #cancelResend: (() => void) | null = null;

  constructor(world: PipeWorld, limits: OutboxLimits) {
    this.#world = world;
    this.#outbox = new Outbox(limits);
    this.#pace = new Pace(world.random);
  }

  get outbox(): Outbox {
    return this.#outbox;
  }
  get inbox(): Inbox {
    return this.#inbox;
  }

  /** False when the outbox is full. */
  post(outgoing: Outgoing): boolean {
    if (!this.#outbox.add(outgoing)) return false;
    this.#flushSoon();
    return true;
  }

  /** Takes it even when the outbox is full: for answers and watches, bounded by what asked for them. */
  postSurely(outgoing: Outgoing): void {
    this.#outbox.force(outgoing);
    this.#flushSoon();
  }

  /** The other side is there, in a life that this pipe's order belongs to. */
  open(): void {
    this.#open = true;
    this.#flushSoon();
  }

  /** A new life on either side: both orders begin at 1. Answers with the letters that may or may not have arrived. */
  restart(): readonly Outgoing[] {
    this.#stop();
    this.#inbox = new Inbox();
    this.#limit = FIRST_LIMIT;
    return this.#outbox.restart();
  }

  /** Ends it. Answers with all letters that were not receipted. */
  close(): readonly Outgoing[] {
    const doubtful = this.restart();
    return [...doubtful, ...this.#outbox.drain()];
  }

  /** The road was away and is back: what was under way is most likely lost. */
  mended(): void {
    if (!this.#open) return;
    this.#pace.progressed();
    if (this.#outbox.sent.length > 0) this.#resend(() => true);
    this.#flushSoon();
  }

  /** Says once a second how far it is: a receipt that was lost must not stop the other side for ever. */
  beat(): void {
    if (this.#open && this.#used) this.#receipt();
    // What the transport did not take at first has no receipt to wait for.
    if (this.#outbox.waiting > 0) this.#flushSoon();
  }

  /** There is room again for what was held. */
  relieved(): void {
    if (this.#open) this.#receipt();
  }

  arrived(packet: Packet): void {
    this.#used = true;
    const { inbox } = this;
    const before = inbox.arrived + inbox.early;
    const known = inbox.duplicates;
    this.#receipted(packet);
    for (const letter of packet.letters) {
      inbox.take(letter, (ready) => this.#world.handOn(ready));
      if (inbox !== this.#inbox) return;
    }
    const doubled = inbox.duplicates - known;
    if (doubled > 0) this.#world.metrics.count('esper_remote_duplicates_total', doubled);
    if (packet.letters.length === 0) return;
    this.#unreceipted += Math.max(1, inbox.arrived + inbox.early - before);
    if (this.#unreceipted >= RECEIPT_AFTER) this.#flushSoon();
    this.#cancelReceipt ??= this.#world.clock.after(RECEIPT_MS, () => {
      this.#cancelReceipt = null;
      if (this.#unreceipted > 0) this.#receipt();
    });
  }

  #receipted({ ack, beyond, limit }: Packet): void {
    const arrived = this.#outbox.receipt(ack);
    const nowMs = this.#world.clock.nowMs();
    const last = arrived.at(-1);
    if (last !== undefined) {
      this.#pace.progressed();
      if (last.times === 1) this.#pace.measured(nowMs - last.firstMs);
      if (this.#outbox.size === 0) this.#world.emptied();
    }
    if (limit > this.#limit) this.#limit = limit;
    if (beyond > ack) {
      const oldMs = nowMs - this.#pace.usualMs;
      this.#resend(({ seq, lastMs }) => seq < beyond && lastMs < oldMs);
    }
    if (this.#outbox.waiting > 0) this.#flushSoon();
  }

  /** A letter alone leaves in the turn it was posted in; under load each round of the event loop sends once more. */
  #flushSoon(): void {
    if (!this.#open || this.#flushAsked) return;
    this.#flushAsked = true;
    if (!this.#flushed) this.#world.dispatch.enlist(this);
  }

  /** Its turn among the actors: those before it in line may have had more to post. */
  run(): number {
    this.#flushAsked = false;
    if (!this.#open) return 0;
    this.#flushed = true;
    this.#world.clock.soon(this.#nextRound);
    this.#flush();
    return 1;
  }

  readonly #nextRound = (): void => {
    this.#flushed = false;
    if (this.#flushAsked) this.run();
  };

  #flush(): void {
    const nowMs = this.#world.clock.nowMs();
    for (let batch = this.#nextBatch(nowMs); batch.length > 0; batch = this.#nextBatch(nowMs)) {
      if (!this.#send(batch, nowMs)) {
        this.#outbox.takeBack(batch.length);
        break;
      }
    }
    if (this.#unreceipted >= RECEIPT_AFTER) this.#receipt();
    this.#armResend();
  }

  #nextBatch(nowMs: number): readonly Sent[] {
    const batch: Sent[] = [];
    let bytes = 0;
    while (batch.length < LETTERS_AT_ONCE && bytes < this.#world.bytesAtOnce) {
      const sent = this.#outbox.next(this.#limit, nowMs);
      if (sent === undefined) break;
      bytes += sent.outgoing.text.body?.length ?? 0;
      batch.push(sent);
    }
    return batch;
  }

  #resend(wanted: (sent: Sent) => boolean): void {
    const batch: Sent[] = [];
    let bytes = 0;
    for (const sent of this.#outbox.sent) {
      if (batch.length === LETTERS_AT_ONCE || bytes >= this.#world.bytesAtOnce) break;
      if (!wanted(sent)) continue;
      bytes += sent.outgoing.text.body?.length ?? 0;
      batch.push(sent);
    }
    const nowMs = this.#world.clock.nowMs();
    if (batch.length === 0 || !this.#send(batch, nowMs)) return;
    for (const sent of batch) {
      sent.lastMs = nowMs;
      sent.times++;
    }
    this.#world.metrics.count('esper_remote_resent_total', batch.length);
  }

  #armResend(): void {
    if (this.#cancelResend !== null || this.#outbox.sent.length === 0) return;
    this.#cancelResend = this.#world.clock.after(this.#pace.nextMs(), () => {
      this.#cancelResend = null;
      const oldest = this.#outbox.sent[0];
      if (oldest !== undefined && this.#world.clock.nowMs() - oldest.lastMs >= this.#pace.usualMs) {
        this.#pace.inVain();
        this.#resend(() => true);
      }
      this.#armResend();
    });
  }

  #receipt(): void {
    this.#send([], 0);
  }

  #send(batch: readonly Sent[], nowMs: number): boolean {
    const letters = batch.map(({ seq, outgoing: { text, dueMs } }) => ({
      seq,
      leftMs: dueMs === null ? null : Math.max(0, dueMs - nowMs),
      text,
    }));
    const { arrived, beyondGap } = this.#inbox;
    const limit = Math.max(arrived, arrived + WINDOW - this.#world.held());
    if (this.#unreceipted > 0) this.#world.failPoints?.hit('outboxBeforeAck');
    if (!this.#world.send({ ack: arrived, beyond: beyondGap, limit }, letters)) return false;
    this.#used = true;
    this.#unreceipted = 0;
    return true;
  }

  #stop(): void {
    this.#open = false;
    this.#unreceipted = 0;
    this.#cancelReceipt?.();
    this.#cancelReceipt = null;
    this.#cancelResend?.();
    this.#cancelResend = null;
  }
}
