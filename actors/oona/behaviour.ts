/** How a message from the bus reaches an actor, and what counts as delivered. */
import { EsperError } from '../../contracts/index.ts';
import type { BusMessage, Ref } from '../../runtime/index.ts';
import { Undeliverable } from './undeliverable.ts';

/** Who hears what, as data: the whole wiring between actors is one table. */
export interface Route {
  readonly pattern: string;
  /** Path of the actor, such as `esper/innovation/karn`. */
  readonly to: string;
  /** `ask`: delivered when the actor has dealt with it. `send`: delivered when it is in the mailbox. */
  readonly how: 'ask' | 'send';
  /** Actors of this name share what they hear, and a network keeps it for them. */
  readonly queue: string;
}

type Anything = { readonly type: string };

/**
 * A handler that hands messages to an actor.
 *
 * A refusal is an answer, so it counts as delivered: the same question would get the same answer; a full mailbox is
 * none. A silence longer than `withinMs` and an actor that is gone are failures, and the bus tries again. A message that
 * crashed its actor has had its second chance from the runtime already: a third crash would only cost restarts.
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
      const { code, retryable } = thrown instanceof EsperError ? thrown : { code: '', retryable: true };
      if (code === 'ACTOR_CRASHED') throw new Undeliverable(`${ref.path} crashed over it`, { cause: thrown });
      if (code !== 'ACTOR_REFUSED' || retryable) throw thrown;
    }
  };
}
