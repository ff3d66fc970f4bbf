/** How a message from the bus reaches an actor, and what counts as delivered. */
import { EsperError } from '../../contracts/index.ts';
import type { BusMessage, Ref } from '../../runtime/index.ts';

/** Who hears what, as data: the whole wiring between actors is one table. */
export interface Route {
  readonly pattern: string;
  /** Path of the actor, such as `esper/innovation/karn`. */
  readonly to: string;
  /** `ask`: delivered when the actor has dealt with it. `send`: delivered when it is in the mailbox. */
  readonly how: 'ask' | 'send';
}

type Anything = { readonly type: string };

/**
 * A handler that hands messages to an actor.
 *
 * A refusal is an answer, so it counts as delivered: the same question would get the same answer. A crash, a silence
 * longer than `withinMs` and an actor that is gone are failures; the bus tries again.
 */
export function deliverTo(ref: Ref<Anything>, how: Route['how'], withinMs: number) {
  if (how === 'send') {
    return ({ body }: BusMessage): void => {
      if (!ref.send(body))
        throw new EsperError('OONA_NOT_TAKEN', `${ref.path} took no message`, { to: ref.path });
    };
  }
  return async ({ body }: BusMessage): Promise<void> => {
    try {
      await ref.ask(body, { withinMs });
    } catch (thrown) {
      if (!(thrown instanceof EsperError) || thrown.code !== 'ACTOR_REFUSED') throw thrown;
    }
  };
}
