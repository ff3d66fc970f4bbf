/** Following a message from actor to actor: three hooks, called only in systems that bring them. */
import type { TraceContext } from '../actor/trace-context.ts';

export interface TracedMessage {
  /** Path of the actor it is for. */
  readonly to: string;
  readonly type: string;
}

/** How the handling of a message ended. */
export type TracedOutcome = 'accepted' | 'refused' | 'stashed' | 'crashed' | 'interrupted';

/** None of the hooks may throw: they run in the middle of a send or of a turn. */
export interface Tracing {
  /**
   * A message leaves.
   * @param parent what its sender was handling, or null when a conversation begins
   * @returns the context it travels with; null: nobody follows this one
   */
  onSend(message: TracedMessage, parent: TraceContext | null): TraceContext | null;
  /** Its handler begins. A message put aside or given a second chance begins again. */
  onHandle(trace: TraceContext, message: TracedMessage): void;
  onDone(trace: TraceContext, outcome: TracedOutcome): void;
}
