/** What a behaviour answers: "yes, and this happened", or "no, and why". */
import type { Refusal } from '../../contracts/failure.ts';

/** Yes: the reply for whoever asked, and the events that change the state. */
export interface Accepted<E = never> {
  readonly reply: unknown;
  readonly events: readonly E[];
}

export type Decision<E = never> = Accepted<E> | Refusal;

const nothing: readonly never[] = Object.freeze([]);
const yes: Accepted = Object.freeze({ reply: undefined, events: nothing });

/** Says yes. The events are applied by `evolve`, in order, before the reply leaves. */
export function accept<E = never>(reply?: unknown, ...events: E[]): Accepted<E> {
  if (events.length > 0) return { reply, events };
  return reply === undefined ? yes : { reply, events: nothing };
}

/** Says no. Nothing changes; an asker receives the code, a teller hears nothing. */
export function refuse(code: string, details: Record<string, unknown> = {}): Refusal {
  return { refused: code, details };
}

/** Is this answer a no? */
export function isRefusal(answer: unknown): answer is Refusal {
  return typeof answer === 'object' && answer !== null && typeof (answer as Refusal).refused === 'string';
}
