/** How a durable actor's loop reaches its event stream: brought back at a start, written before anything counts. */
import type { Refusal } from '../../contracts/failure.ts';
import type { AnyDefinition, Cx } from './behaviour.ts';
import type { Recovery } from './durability.ts';
import type { Message } from './messages.ts';

/** One life's hand on its own event stream. */
export interface Diary {
  /** Resolves when the events can no longer be lost. A refusal: another owner wrote, and this life is over. */
  write(events: readonly unknown[]): Promise<Refusal | undefined>;
  /** What was written has been applied, and this is the state now. */
  applied(state: unknown): void;
}

export interface Recovered {
  readonly state: unknown;
  readonly diary: Diary;
  readonly recovery: Recovery;
}

export interface Durability {
  /** @throws DURABLE_NO_STORE, DURABLE_GAP, DURABLE_NO_UPCAST, DURABLE_UNREADABLE, or what `fresh` and `evolve` throw */
  recover(definition: AnyDefinition, cx: Cx<Message>, args: unknown): Promise<Recovered>;
}
