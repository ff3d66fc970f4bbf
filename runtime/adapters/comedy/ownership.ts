/** The tree of existence on comedy 2.1.7, in memory only: the one place where comedy is used. */
import { EsperError } from '../../../contracts/failure.ts';
import type { Log } from '../../ports/log.ts';
import type { OwnedHooks, Owner, Ownership } from '../../ports/ownership.ts';
import { type ComedyActor, type ComedySystem, createSystem } from './driver.ts';
import { comedyLogger } from './logger.ts';
import { schedulePolitely } from './scheduler.ts';

/** Tearing down siblings is quadratic in comedy; groups of at most this many keep it flat. */
const FAN_OUT = 1_000;

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
  /** Children made here, group cells included. */
  #made = 0;
  #group: Promise<ComedyOwner> | null = null;
  #inGroup = 0;

  constructor(actor: ComedyActor) {
    this.#actor = actor;
  }

  async own(name: string, hooks: OwnedHooks): Promise<Owner> {
    if (this.#made < FAN_OUT / 2) return this.#create(name, definitionOf(hooks));
    if (this.#group === null || this.#inGroup === FAN_OUT) this.#openGroup();
    this.#inGroup++;
    const group = await this.#group;
    return (group as ComedyOwner).#create(name, definitionOf(hooks));
  }

  async release(): Promise<void> {
    await this.#actor.destroy();
  }

  /** Half the fan-out is for children, half for groups of them: 500,500 in all. */
  #openGroup(): void {
    if (this.#made === FAN_OUT) {
      throw new EsperError('OWNERSHIP_FULL', 'too many children for one owner', { made: this.#made });
    }
    this.#inGroup = 0;
    this.#group = this.#create(`group-${this.#made}`, {});
  }

  async #create(name: string, behaviour: object): Promise<ComedyOwner> {
    this.#made++;
    const state = this.#actor.getState();
    if (state !== 'new' && state !== 'ready') {
      throw new EsperError('OWNERSHIP_CLOSED', `${name} has nobody to own it`, { name, state });
    }
    // What createChild answers with can only be sent to; the actor itself is handed to `initialize`.
    const { promise, definition } = introduced(behaviour);
    await this.#actor.createChild(definition, { mode: 'in-memory', name });
    return new ComedyOwner(await promise);
  }
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
