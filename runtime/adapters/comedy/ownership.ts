/** The tree of existence on comedy 2.1.7, in memory only: the one place where comedy is used. */
import { EsperError } from '../../../contracts/failure.ts';
import type { Log } from '../../ports/log.ts';
import type { OwnedHooks, Owner, Ownership } from '../../ports/ownership.ts';
import { Crowd, type Group } from './crowd.ts';
import { type ComedyActor, type ComedySystem, createSystem } from './driver.ts';
import { comedyLogger } from './logger.ts';
import { schedulePolitely } from './scheduler.ts';

/** Children that sit right below their owner; more are seated in groups. */
const DIRECT = 32;

/** The single topic: it queues and returns, so that comedy never counts a message as pending. */
const TOPIC = '$';

export interface ComedyOptions {
  readonly log: Log;
  /** Present only to be refused: forked, threaded and remote lose messages, errors or whole processes. */
  readonly mode?: string;
}

/**
 * One comedy system for this host. It neither reads files nor handles signals.
 * @throws COMEDY_MODE_REFUSED for any mode but `in-memory`
 */
export async function comedyOwnership({ log, mode = 'in-memory' }: ComedyOptions): Promise<Ownership> {
  if (mode !== 'in-memory') {
    throw new EsperError(
      'COMEDY_MODE_REFUSED',
      `comedy mode ${mode} is not used here`,
      { mode },
      { hint: 'For another thread or process start a host; see runtime/host.' },
    );
  }
  schedulePolitely();
  // busyLagLimit 0: how busy we are is for mailboxes to say, not for comedy.
  const system = createSystem({ config: {}, logger: comedyLogger(log), busyLagLimit: 0 });
  dropSignalHandlers(system);
  const root = await system.rootActor();
  return { root: new ComedyOwner(root), close: async () => system.destroy() };
}

/** comedy would leave the process at once, before anything could be flushed. */
function dropSignalHandlers(system: ComedySystem): void {
  process.removeListener('SIGINT', system.sigintHandler);
  process.removeListener('SIGTERM', system.sigtermHandler);
}

class ComedyOwner implements Owner {
  readonly #actor: ComedyActor;
  readonly #above: ComedyOwner | null;
  readonly #seat: Group | null;
  #below: Below | null = null;
  #released: Promise<void> | null = null;

  /**
   * @param above whom it leaves when it has gone, so that its place can be taken again
   * @param seat where it sits there; null right below
   */
  constructor(actor: ComedyActor, above: ComedyOwner | null = null, seat: Group | null = null) {
    this.#actor = actor;
    this.#above = above;
    this.#seat = seat;
  }

  async own(name: string, hooks: OwnedHooks): Promise<Owner> {
    if (this.#released !== null) throw closed(name, 'released');
    const below = this.#open();
    if (below.direct < DIRECT) {
      below.direct++;
      return new ComedyOwner(await create(this.#actor, name, hooks), this);
    }
    const group = await below.crowd.seat();
    return new ComedyOwner(await create(group.actor, name, hooks), this, group);
  }

  release(): Promise<void> {
    this.#released ??= this.#release();
    return this.#released;
  }

  /** A house at a time: what ends at once has to be remembered at once, and the collector pays for it. */
  async #release(): Promise<void> {
    if (this.#below !== null) {
      for (const house of this.#below.houses) await house.release();
      await this.#below.crowd.destroy();
    }
    await this.#actor.destroy();
    if (this.#above !== null) this.#above.#left(this);
  }

  #left(child: ComedyOwner): void {
    const below = this.#open();
    below.houses.delete(child);
    if (child.#seat === null) below.direct--;
    else below.crowd.leave(child.#seat);
  }

  /** From now on it has children. */
  #open(): Below {
    if (this.#below !== null) return this.#below;
    if (this.#above !== null) this.#above.#open().houses.add(this);
    const crowd = new Crowd(this.#actor, (parent, group) => create(parent, group, null));
    this.#below = { direct: 0, crowd, houses: new Set() };
    return this.#below;
  }
}

/** Made for the first child: most have none. */
interface Below {
  /** Children right below it. */
  direct: number;
  /** The others. */
  readonly crowd: Crowd;
  /** Children that have children. */
  readonly houses: Set<ComedyOwner>;
}

async function create(parent: ComedyActor, name: string, hooks: OwnedHooks | null): Promise<ComedyActor> {
  const state = parent.getState();
  if (state !== 'new' && state !== 'ready') {
    throw closed(name, state);
  }
  const owned = new Owned(hooks);
  // What createChild answers with can only be sent to; the actor itself is handed to `initialize`, which is over by then.
  await parent.createChild(owned, { mode: 'in-memory', name });
  return owned.actor as ComedyActor;
}

const closed = (name: string, state: string) =>
  new EsperError('OWNERSHIP_CLOSED', `${name} has nobody to own it`, { name, state });

/** A behaviour as comedy wants it. Of a class of its own: a plain object would be copied, and kept twice. */
class Owned {
  actor: ComedyActor | null = null;
  readonly #hooks: OwnedHooks | null;

  constructor(hooks: OwnedHooks | null) {
    this.#hooks = hooks;
  }

  initialize(actor: ComedyActor): void {
    this.actor = actor;
  }

  [TOPIC](message: unknown): void {
    this.#hooks?.enqueue(message);
  }

  metrics(): Readonly<Record<string, number>> {
    return this.#hooks?.metrics() ?? {};
  }

  destroy(): void {
    this.#hooks?.destroyed();
  }
}
