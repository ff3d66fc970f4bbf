/** How a life is ended politely: the present handler, then the children, then a last flush, all within one patience. */
import { andThen, isPromise, type Maybe, within } from '../maybe.ts';
import type { AnyDefinition, Cx } from './behaviour.ts';
import { asError } from './errors.ts';
import type { Kernel } from './kernel.ts';
import type { Message, StopReason } from './messages.ts';
import type { Patience } from './overseer.ts';

/** The cell whose life ends. */
export interface Leaving {
  readonly kernel: Kernel;
  readonly definition: AnyDefinition;
  readonly cx: Cx<Message>;
  /** The async handler under way, if any. */
  readonly handling: Promise<void> | null;
  /** From here on nothing that this life began counts. */
  fence(): void;
  endChildren(why: string, patience: Patience): Maybe<void>;
  /** The last flush. */
  letGo(reason: StopReason): Maybe<void>;
  /** There was no polite end. */
  killed(): void;
  /** Ends a polite end under way; null when there is none. */
  hurry: (() => void) | null;
}

/** Never throws, and never takes longer than `patience`; null kills at once and asks nobody. */
export function farewell(leaving: Leaving, reason: StopReason, patience: Patience): Maybe<void> {
  if (patience === null) {
    leaving.killed();
    leaving.fence();
    return leaving.endChildren('its parent was killed', null);
  }
  let abandoned = false;
  const polite = andThen(leaving.handling ?? undefined, () => {
    if (abandoned) return;
    leaving.fence();
    const ended = leaving.endChildren('its parent stops', patience);
    return andThen(ended, () => (abandoned ? undefined : leaving.letGo(reason)));
  });
  if (!isPromise(polite)) return;
  const { kernel, definition, cx } = leaving;
  const impatient = (giveUp: () => void) => {
    leaving.hurry = giveUp;
  };
  return andThen(within(kernel.clock, patience, polite, impatient), (inTime) => {
    leaving.hurry = null;
    if (inTime) return;
    abandoned = true;
    leaving.killed();
    leaving.fence();
    cx.metrics.count('esper_stop_timeouts_total', 1, { actor: definition.name });
    cx.log.write('warn', 'did not stop in time; fenced and abandoned', { withinMs: patience });
    return leaving.endChildren('its parent did not stop in time', null);
  });
}

/** Lets a state go. What goes wrong is counted and told, and stops nobody. */
export function callStopped(
  definition: AnyDefinition,
  cx: Cx<Message>,
  state: unknown,
  reason: StopReason,
): Maybe<void> {
  try {
    const done = definition.stopped?.(state, reason);
    if (isPromise(done)) return done.then(undefined, (thrown) => complain(definition, cx, thrown));
  } catch (thrown) {
    complain(definition, cx, thrown);
  }
}

function complain(definition: AnyDefinition, cx: Cx<Message>, thrown: unknown): void {
  cx.metrics.count('esper_stop_failures_total', 1, { actor: definition.name });
  cx.log.write('error', 'stopped() failed', { error: asError(thrown).message });
}
