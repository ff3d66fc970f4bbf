/** What whoever asked is told when their message will not be handled. */
import type { DeadLetterReason } from './dead-letter.ts';
import { refuse } from './decision.ts';
import { gone } from './errors.ts';
import type { Letter } from './letter.ts';

/** A message that was never begun is refused with a code; one whose actor went away can only fail. */
export function turnAway(letter: Letter, reason: DeadLetterReason | 'coalesced', path: string): void {
  const code = REFUSALS[reason];
  if (code === undefined) letter.fail(gone(path, 'it stopped'));
  else letter.refuse(refuse(code, { path, type: letter.message.type }));
}

const REFUSALS: Partial<Record<DeadLetterReason | 'coalesced', string>> = {
  mailbox_full: 'MAILBOX_FULL',
  not_understood: 'NOT_UNDERSTOOD',
  coalesced: 'MAILBOX_COALESCED',
  shed: 'MAILBOX_SHED',
};
