/** The tree of existence on comedy 2.1.7, in memory only: the one place where comedy is used. */
import { EsperError } from '../../../contracts/failure.ts';
import type { Log } from '../../ports/log.ts';
import type { OwnedHooks, Owner, Ownership } from '../../ports/ownership.ts';
import { Crowd } from './crowd.ts';
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
  readonly #left: (() => void) | null;
  #direct = 0;
  #crowd: Crowd | null = null;
  #released: Promise<void> | null = null;

  /** @param left called when it has gone, so that its seat can be taken again */
  constructor(actor: ComedyActor, left: (() => void) | null = null) {
    this.#actor = actor;
    this.#left = left;
  }

  async own(name: string, hooks: OwnedHooks): Promise<Owner> {
    const behaviour = definitionOf(hooks);
    if (this.#direct < DIRECT) {
      this.#direct++;
      return new ComedyOwner(await create(this.#actor, name, behaviour), () => void this.#direct--);
    }
    this.#crowd ??= new Crowd(this.#actor, (parent, group) => create(parent, group, {}));
    const crowd = this.#crowd;
    const group = await crowd.seat();
    return new ComedyOwner(await create(group.actor, name, behaviour), () => crowd.leave(group));
  }

  release(): Promise<void> {
    this.#released ??= this.#release();
    return this.#released;
  }

  async #release(): Promise<void> {
    await this.#actor.destroy();
    this.#left?.();
  }
}

async function create(parent: ComedyActor, name: string, behaviour: object): Promise<ComedyActor> {
  const state = parent.getState();
  if (state !== 'new' && state !== 'ready') {
    throw new EsperError('OWNERSHIP_CLOSED', `${name} has nobody to own it`, { name, state });
  }
  // What createChild answers with can only be sent to; the actor itself is handed to `initialize`.
  const { promise, definition } = introduced(behaviour);
  await parent.createChild(definition, { mode: 'in-memory', name });
  return promise;
}

function introduced(behaviour: object) {
  let introduce: (self: ComedyActor) => void = () => {};
  const promise = new Promise<ComedyActor>((resolve) => {
    introduce = resolve;
  });
  return { promise, definition: { ...behaviour, initialize: introduce } };
}

function definitionOf(hooks: OwnedHooks): object {
  return {
    [TOPIC]: (message: unknown) => hooks.enqueue(message),
    metrics: () => hooks.metrics(),
    destroy: () => hooks.destroyed(),
  };
}
