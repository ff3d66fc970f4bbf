/** What an actor is asked before it moves to another node: which of its state must not be lost? */
import type { Static, TSchema } from '@sinclair/typebox';
import { EsperError } from '../contracts/index.ts';
import { checkerOf } from '../runtime/checker.ts';

/** Answered with plain data that the next life is given; said within one process only. */
export interface StateWanted {
  readonly type: 'unit.state.wanted';
}

/**
 * Checks what an earlier life gave away, on another node perhaps.
 * @throws UNIT_STATE_INVALID
 */
export function givenAs<T extends TSchema>(schema: T, owner: string, given: unknown): Static<T> {
  const checker = checkerOf(schema);
  if (checker.check(given)) return given;
  const { path = '', message = '' } = checker.firstError(given) ?? {};
  throw new EsperError(
    'UNIT_STATE_INVALID',
    `what ${owner} was given is not its state: ${message} at ${path || '/'}`,
    { owner, path },
    { hint: 'run the same version on every node, then move the unit again' },
  );
}
