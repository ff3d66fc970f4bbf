/** Tests a handler in one call: no system, no time, no mailbox; what it decided, what would change, what it did besides. */
import type { Refusal } from '../../contracts/failure.ts';
import type { ActorDefinition, Cx } from '../actor/behaviour.ts';
import { type Decision, isRefusal } from '../actor/decision.ts';
import type { Message } from '../actor/messages.ts';
import { type Effect, RecordingCx, type RecordingOptions } from './recording-cx.ts';

export interface Decided<S, E> {
  readonly reply: unknown;
  readonly refusal: Refusal | null;
  readonly events: readonly E[];
  /** The state once `evolve` has seen every event; the one given when refused. */
  readonly state: S;
  /** In the order in which they were done. */
  readonly effects: readonly Effect[];
}

/**
 * What `definition` makes of `message` in `state`. What the handler throws is thrown.
 * @throws AssertionError when it asks somebody for whom `options.answers` has nothing
 */
export async function decide<S, M extends Message, E, A>(
  definition: ActorDefinition<S, M, E, A>,
  state: S,
  message: M,
  options: RecordingOptions = {},
): Promise<Decided<S, E>> {
  const cx = new RecordingCx(options);
  const handlers = definition.decide as unknown as Record<string, Handler<S, M, E>>;
  const handler = (handlers[message.type] ?? definition.otherwise) as Handler<S, M, E>;
  const decision = await handler(state, message, cx as unknown as Cx<M>);
  const { effects } = cx;
  if (isRefusal(decision)) return { reply: undefined, refusal: decision, events: [], state, effects };
  const { reply, events } = decision;
  const evolved = events.reduce((now, event) => definition.evolve?.(now, event) ?? now, state);
  return { reply, refusal: null, events, state: evolved, effects };
}

type Handler<S, M, E> = (state: S, message: M, cx: Cx<M>) => Decision<E> | Promise<Decision<E>>;
