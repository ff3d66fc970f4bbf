/** What commands act upon: whoever boots a node fills this in; what is left out is refused by name, never pretended. */
import type { AdminAnswer, AdminArgs, AdminRole, AdminVerb } from '../../contracts/index.ts';
import type { Deadline } from './deadline.ts';

/** Who is behind a command, as the handler may know them. */
export interface Caller {
  readonly who: string;
  readonly role: AdminRole;
  /** Names the command in the audit. */
  readonly request: string;
  /** Until when they wait for an answer. */
  readonly deadline: Deadline;
}

export type AdminHandlers = {
  readonly [V in AdminVerb]?: (args: AdminArgs<V>, caller: Caller) => Promise<AdminAnswer<V>>;
};

export interface AdminTargets {
  /**
   * All but `audit-tail`, which the service knows by itself. An EsperError thrown by a handler is answered with its code and
   * sentence; one that is marked as `untouched` frees the idempotency key.
   */
  readonly handlers: AdminHandlers;
  /** Why a command that has no handler cannot be carried out here. */
  readonly whyNot: (verb: AdminVerb) => string;
  /** Present epoch of what a command is about: the unit's, or the steward's; null where nothing has one. */
  readonly epochOf: (
    verb: AdminVerb,
    args: Readonly<Record<string, unknown>>,
    deadline: Deadline,
  ) => Promise<number | null>;
}
