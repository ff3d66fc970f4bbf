/** A definition's handlers as a map: a message typed `constructor` finds nothing. Made once a definition. */
import type { AnyDefinition, Cx } from './behaviour.ts';
import type { Decision } from './decision.ts';
import type { Message } from './messages.ts';

export type Handler = (
  state: unknown,
  message: Message,
  cx: Cx<Message>,
) => Decision<unknown> | Promise<Decision<unknown>>;

const known = new WeakMap<AnyDefinition, ReadonlyMap<string, Handler>>();

export function handlersOf(definition: AnyDefinition): ReadonlyMap<string, Handler> {
  const made = known.get(definition);
  if (made) return made;
  const handlers = new Map(Object.entries(definition.decide) as [string, Handler][]);
  known.set(definition, handlers);
  return handlers;
}
