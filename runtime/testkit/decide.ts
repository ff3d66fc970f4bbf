/** Tests a handler in one call: no system, no time, no mailbox; what it decided, what would change, what it did besides. */
import assert from 'node:assert/strict';
import type { Refusal } from '../../contracts/failure.ts';
import type { ActorDefinition, AnyDefinition } from '../actor/behaviour.ts';
import { type Decision, isRefusal } from '../actor/decision.ts';
import { handlersOf } from '../actor/handlers.ts';
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
 * @throws AssertionError when it asks somebody for whom `options.answers` has nothing, does not understand the message, or has
 * events and no `evolve`
 */
export async function decide<S, M extends Message, E, A>(
  definition: ActorDefinition<S, M, E, A>,
  state: S,
  message: M,
  options: RecordingOptions = {},
): Promise<Decided<S, E>> {
  const cx = new RecordingCx(options);
  const { otherwise } = definition as unknown as AnyDefinition;
  const handler = handlersOf(definition as unknown as AnyDefinition).get(message.type) ?? otherwise;
  assert(handler, `${definition.name} does not understand ${message.type}`);
  const decision = (await handler(state, message, cx)) as Decision<E>;
  const { effects } = cx;
  if (isRefusal(decision)) return { reply: undefined, refusal: decision, events: [], state, effects };
  const { reply, events } = decision;
  let evolved = state;
  for (const event of events) {
    // A real actor crashes here as well.
    assert(definition.evolve, `${definition.name} has events but no evolve`);
    evolved = definition.evolve(evolved, event);
  }
  return { reply, refusal: null, events, state: evolved, effects };
}
