/** Holding a name that only one may hold at a time: taken by compare-and-set, renewed by beats, given up before it can end. */
import type { RandomStream } from '../../contracts/random-stream.ts';
import type { Clock } from '../ports/clock.ts';
import type { FailPoints } from '../ports/fail-points.ts';
import type { LeaseEntry, Leases } from '../ports/leases.ts';
import type { Log } from '../ports/log.ts';
import { type LeaseRecord, leaseIn, packLease, readLease } from './lease-record.ts';

/** What the holder has in its hands. */
export interface Held {
  readonly name: string;
  /** Write it on everything that is sent to whatever the lease protects. */
  readonly epoch: number;
  /** Of the last tenure that anybody may have acted in before this one; 0 when there was none. */
  readonly previous: number;
  /** Milliseconds from `held()` becoming false until somebody else may hold it. */
  readonly graceMs: number;
  /** May it act now? False from two thirds of the lease's life after the last renewal, for ever. */
  held(): boolean;
}

export interface TenureHooks {
  gained(held: Held): void;
  /** Not held any more: whatever acted for it must stop within a third of the lease's life. */
  lost(why: string): void;
  /** Somebody else holds it now. */
  taken?(by: LeaseRecord): void;
}

export interface TenureOptions {
  readonly clock: Clock;
  readonly random: RandomStream;
  readonly leases: Leases;
  readonly log: Log;
  readonly failPoints?: FailPoints | undefined;
  readonly key: string;
  readonly name: string;
  /** Unlike that of anybody else who might hold it, earlier lives of this process included. */
  readonly holder: string;
  readonly lifeMs: number;
  /** What was noticed of it before this holder began to try: a revision, and since when it has stood, monotonic milliseconds. */
  readonly noticed?: { readonly revision: number; readonly sinceMs: number } | undefined;
  /** Takes it from an earlier holder at once: for a name that belongs to whoever came last. */
  readonly eager?: boolean;
  /** The epoch is never below it; default 1. */
  readonly leastEpoch?: number;
  readonly hooks: TenureHooks;
}

/** Attempts in one life of a lease: two thirds of them may fail before the holder gives up. */
const BEATS = 6;

interface Holding {
  readonly held: Held;
  beat: number;
  revision: number;
  /** Monotonic milliseconds: from here on it does not act. */
  fenceMs: number;
}

export class Tenure {
  readonly #options: TenureOptions;
  #holding: Holding | null = null;
  /** The last revision seen, and since when: one that stays for a whole life belongs to nobody. */
  #seen = { revision: 0, sinceMs: 0 };
  #busy = false;
  #over = false;
  #released = false;
  #everHeld = false;
  /** What was there before this holder's own attempts whose answers came late or never: in those nobody acted. */
  #vain = { epoch: 0, previous: 0 };
  #cancelBeat: (() => void) | null = null;
  #cancelFence: (() => void) | null = null;
  #unwatch: (() => void) | null = null;

  constructor(options: TenureOptions) {
    this.#options = options;
    if (options.noticed !== undefined) this.#seen = { ...options.noticed };
  }

  get holding(): Held | null {
    return this.#holding?.held ?? null;
  }

  /** Begins to try for it; from now on the hooks are called. */
  start(): void {
    const { leases, key } = this.#options;
    this.#unwatch = leases.watch(key, (entry) => {
      if (entry.key === key && this.#holding === null && leaseIn(entry.value)?.holder === '')
        this.#soonBeat();
    });
    this.#soonBeat();
  }

  /** Ends without a word, as a crash would. `lost` is not called. */
  abandon(): void {
    this.#over = true;
    this.#holding = null;
    this.#cancelBeat?.();
    this.#cancelFence?.();
    this.#unwatch?.();
  }

  /** Is no longer entitled to it: gives up without a word to the store, and tries no more. */
  resign(why: string): void {
    this.#lose(why);
    this.abandon();
  }

  /** Whatever acted for it has stopped: lets others have it at once, if the store can be reached. */
  async release(): Promise<void> {
    const holding = this.#holding;
    this.#released = true;
    this.abandon();
    if (holding !== null) await this.#free(holding.held.epoch, holding.revision);
  }

  async #free(epoch: number, revision: number): Promise<void> {
    const { leases, key } = this.#options;
    const free = packLease({ ...this.#record(epoch, 0), holder: '' });
    try {
      if ((await leases.put(key, free, revision)) !== undefined) return;
      // A renewal that was under way came first, or somebody else is there.
      const entry = await leases.get(key);
      const now = entry === undefined ? undefined : this.#recordOf(entry);
      if (entry !== undefined && now !== undefined && this.#isMine(now) && now.epoch === epoch)
        await leases.put(key, free, entry.revision);
    } catch (thrown) {
      this.#complain('a lease could not be released; it will run out', thrown);
    }
  }

  #soonBeat(): void {
    this.#cancelBeat?.();
    this.#cancelBeat = this.#options.clock.after(0, () => this.#beat());
  }

  #beat(): void {
    const { clock, random, lifeMs } = this.#options;
    const pauseMs = (lifeMs / BEATS) * (0.95 + 0.05 * random.next());
    this.#cancelBeat = clock.after(pauseMs, () => this.#beat());
    if (this.#busy) return;
    this.#busy = true;
    const work = this.#holding === null ? this.#try() : this.#renew(this.#holding);
    const done = () => {
      this.#busy = false;
    };
    void work.then(done, (thrown) => {
      done();
      if (!this.#over) this.#complain('the lease store does not answer as it should', thrown);
    });
  }

  async #renew(holding: Holding): Promise<void> {
    const { clock, leases, key, failPoints } = this.#options;
    failPoints?.hit('leaseBeforeRenew');
    // Counted from before the write: nobody can have seen the beat earlier.
    const askedMs = clock.nowMs();
    const record = this.#record(holding.held.epoch, holding.beat + 1);
    const revision = await leases.put(key, packLease(record), holding.revision);
    if (this.#holding !== holding) return;
    if (revision !== undefined) {
      holding.beat++;
      holding.revision = revision;
      this.#hold(holding, askedMs);
      return;
    }
    const entry = await leases.get(key);
    if (this.#holding !== holding) return;
    const now = entry === undefined ? undefined : this.#recordOf(entry);
    if (entry !== undefined && now !== undefined && this.#isMine(now) && now.epoch === holding.held.epoch) {
      // An earlier renewal was written and its answer lost. Only the next one counts.
      holding.revision = entry.revision;
      holding.beat = now.beat;
      this.#soonBeat();
      return;
    }
    this.#lose('somebody else holds it');
    if (now !== undefined) this.#options.hooks.taken?.(now);
  }

  /** Takes it when it is free, let go, left by an earlier attempt of this holder, or without a beat for a whole life. */
  async #try(): Promise<void> {
    const { clock, leases, key, eager = false, leastEpoch = 1 } = this.#options;
    const entry = await leases.get(key);
    if (this.#over) return;
    const nowMs = clock.nowMs();
    const record = entry === undefined ? undefined : this.#recordOf(entry);
    if (entry !== undefined && entry.revision !== this.#seen.revision) {
      this.#seen = { revision: entry.revision, sinceMs: nowMs };
    }
    const free = record === undefined || record.holder === '' || this.#isMine(record);
    if (eager && this.#everHeld && !free) {
      this.#options.hooks.taken?.(record);
      return;
    }
    if (!free && !eager && nowMs - this.#seen.sinceMs < record.lifeMs) return;
    const epoch = Math.max(leastEpoch, (record?.epoch ?? 0) + 1);
    const inVain = record !== undefined && this.#isMine(record) && record.epoch === this.#vain.epoch;
    const previous = inVain ? this.#vain.previous : (record?.epoch ?? 0);
    this.#vain = { epoch, previous };
    const revision = await leases.put(key, packLease(this.#record(epoch, 0)), entry?.revision ?? 0);
    if (revision === undefined) return;
    if (this.#over) {
      // It came while this was being let go.
      if (this.#released) await this.#free(epoch, revision);
      return;
    }
    const holding: Holding = {
      held: {
        name: this.#options.name,
        epoch,
        previous,
        graceMs: this.#options.lifeMs / 3,
        held: () => this.#holding === holding && clock.nowMs() < holding.fenceMs,
      },
      beat: 0,
      revision,
      fenceMs: 0,
    };
    if (!this.#hold(holding, nowMs)) return;
    this.#options.hooks.gained(holding.held);
  }

  /** False when the answer came so late that it must not act any more. */
  #hold(holding: Holding, askedMs: number): boolean {
    const { clock, lifeMs } = this.#options;
    const fenceMs = askedMs + (lifeMs * 2) / 3;
    const leftMs = fenceMs - clock.nowMs();
    if (leftMs <= 0) return false;
    holding.fenceMs = fenceMs;
    this.#holding = holding;
    this.#everHeld = true;
    this.#cancelFence?.();
    this.#cancelFence = clock.after(leftMs, () => this.#lose('it could not be renewed in time'));
    return true;
  }

  #lose(why: string): void {
    if (this.#holding === null) return;
    this.#holding = null;
    this.#cancelFence?.();
    this.#cancelFence = null;
    this.#options.hooks.lost(why);
  }

  #isMine(record: LeaseRecord): boolean {
    return record.holder === this.#options.holder;
  }

  #record(epoch: number, beat: number): LeaseRecord {
    const { holder, lifeMs } = this.#options;
    return { v: 1, holder, epoch, beat, lifeMs };
  }

  #recordOf({ key, value }: LeaseEntry): LeaseRecord {
    return readLease(key, value);
  }

  #complain(text: string, thrown: unknown): void {
    const error = thrown instanceof Error ? thrown.message : String(thrown);
    this.#options.log.write('warn', text, { lease: this.#options.name, error });
  }
}
