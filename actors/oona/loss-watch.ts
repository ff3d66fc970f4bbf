/** Counts what a bounded log had to let go before a queue had it: the one way in which what is critical is lost. */
import { toFailure } from '../../contracts/index.ts';
import type { Backlog, Clock, ConsumerBacklog, Log, Metrics, Streams } from '../../runtime/index.ts';
import { queueOf } from './subjects.ts';

export interface LossWorld {
  readonly streams: Streams;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly stream: string;
  /** Milliseconds between two looks. */
  readonly everyMs: number;
}

/** Milliseconds by which the birth of a consumer may differ from one look to the next: 2.9 forgets digits when it restarts. */
const SAME_MS = 500;

/**
 * Looks at all queues of the cluster now and then, those that nobody on this node has joined included: a queue that is
 * far behind may have nobody at all.
 *
 * A broker does not say what it let go. But of what was unread at one look, and what came since, everything was handed
 * out, or is unread still, or is lost. What is handed out twice, or comes and goes between two looks, makes the count
 * smaller: it says how many are lost at least, and nothing as long as none is.
 */
export class LossWatch {
  readonly #world: LossWorld;
  readonly #counts = new Map<string, number>();
  #before: Backlog | null = null;
  #cancel: () => void;
  #closed = false;

  constructor(world: LossWorld) {
    this.#world = world;
    this.#cancel = this.#later();
  }

  /** By queue, since this watch began. */
  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }

  /** Nothing is looked at any more. */
  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  #later(): () => void {
    return this.#world.clock.after(this.#world.everyMs, () => {
      this.#look().then(
        () => this.#again(),
        (thrown: unknown) => {
          const { code, message } = toFailure(thrown);
          this.#world.log.write('debug', 'nobody knows what the log let go', { code, message });
          this.#again();
        },
      );
    });
  }

  #again(): void {
    if (!this.#closed) this.#cancel = this.#later();
  }

  async #look(): Promise<void> {
    const { streams, stream } = this.#world;
    const before = this.#before;
    const suspects = before === null ? [] : await this.#suspects(before);
    const came = new Map<string, number>();
    // Before the next look: what comes in between is counted at neither, and so never as lost.
    for (const { durable, filter } of suspects)
      came.set(durable, await streams.count(stream, { filter, from: (before?.last ?? 0) + 1 }));
    const now = await streams.backlog(stream);
    for (const then of suspects) {
      const here = now.consumers.find(({ durable }) => durable === then.durable);
      if (here === undefined || isOther(here, then) || now.last < (before?.last ?? 0)) continue;
      // A broker that fell forgets hand-outs that it had not written down; those were not lost.
      const handed = Math.max(0, here.handOuts - then.handOuts);
      this.#lost(then, then.unread + (came.get(then.durable) ?? 0) - handed - here.unread);
    }
    this.#before = now;
  }

  /** Those of which something was unread that the log may have let go since. */
  async #suspects({ consumers }: Backlog): Promise<readonly ConsumerBacklog[]> {
    const { streams, stream } = this.#world;
    const behind = consumers.filter(({ unread }) => unread > 0);
    if (behind.length === 0) return [];
    const { first } = await streams.backlog(stream);
    return behind.filter(({ handedOutTo }) => first > handedOutTo + 1);
  }

  #lost({ durable, filter }: ConsumerBacklog, count: number): void {
    if (count <= 0) return;
    const queue = queueOf(durable);
    this.#counts.set(queue, (this.#counts.get(queue) ?? 0) + count);
    this.#world.metrics.count('oona_lost_total', count, { queue });
    this.#world.log.write('error', 'the log let go of critical messages before their queue had them', {
      code: 'OONA_OUTRUN',
      queue,
      filter,
      count,
    });
  }
}

const isOther = (one: ConsumerBacklog, other: ConsumerBacklog): boolean =>
  Math.abs(one.createdMs - other.createdMs) > SAME_MS;
