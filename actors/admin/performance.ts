/** A command that was let through is carried out: once for each idempotency key, and only in the epoch it was meant for. */

import { type Static, Type } from '@sinclair/typebox';
import { ADMIN_VERBS } from '../../contracts/admin-verbs.ts';
import { Done, EsperError, Failure, fromFailure } from '../../contracts/index.ts';
import { checkerOf } from '../../runtime/checker.ts';
import type { Clock } from '../../runtime/ports/clock.ts';
import type { Hasher } from '../../runtime/ports/hasher.ts';
import { badArgs, keyConflict, staleEpoch, stillOpen, unsupported } from './errors.ts';
import type { Admitted } from './guard.ts';
import type { Remembered } from './remembered.ts';
import type { AdminTargets, Caller } from './targets.ts';
import { isUntouched } from './untouched.ts';

/** Milliseconds that an answer is kept for whoever asks again. */
const KEEP_ANSWER_MS = 3_600_000;
/** Characters of an answer that are kept. */
const LONGEST_ANSWER = 8_192;

const answers = checkerOf(Done);
const FailedBefore = Type.Object({ failed: Failure }, { additionalProperties: false });
type FailedBefore = Static<typeof FailedBefore>;
const failures = checkerOf(FailedBefore);

export interface PerformanceOptions {
  readonly targets: AdminTargets;
  /** Idempotency keys and what was answered under them. */
  readonly kept: Remembered;
  readonly hasher: Hasher;
  readonly clock: Clock;
}

export interface Performed {
  readonly result: unknown;
  readonly again: boolean;
}

/** @throws ADMIN_UNSUPPORTED, ADMIN_EPOCH_STALE, ADMIN_KEY_CONFLICT, ADMIN_KEY_BUSY, and what the handler throws */
export async function perform(
  admitted: Admitted,
  caller: Caller,
  options: PerformanceOptions,
): Promise<Performed> {
  const { idempotencyKey } = admitted.claims;
  if (idempotencyKey === undefined) return { result: await act(admitted, caller, options), again: false };
  if (ADMIN_VERBS[admitted.verb].effect === 'reads')
    throw badArgs(
      admitted.verb,
      '/idempotencyKey',
      'it changes nothing and may be asked as often as you like',
    );
  const { kept, clock } = options;
  const name = `${admitted.kid} ${idempotencyKey}`;
  const fact = factOf(admitted, options.hasher);
  const claimed = await kept.claim(name, clock.wallMs() + KEEP_ANSWER_MS, fact);
  if (!claimed.first) return recalled(claimed, fact);
  let result: unknown;
  try {
    result = await act(admitted, caller, options);
  } catch (thrown) {
    if (isUntouched(thrown)) await kept.release(name);
    else if (thrown instanceof EsperError && !thrown.retryable) await kept.settle(name, failed(thrown));
    throw thrown; // what may yet come to something stays open
  }
  await kept.settle(name, keepable(result));
  return { result, again: false };
}

async function act({ verb, args, claims }: Admitted, caller: Caller, { targets }: PerformanceOptions) {
  const handler = targets.handlers[verb] as
    | ((args: Readonly<Record<string, unknown>>, caller: Caller) => Promise<unknown>)
    | undefined;
  if (handler === undefined) throw unsupported(verb, targets.whyNot(verb));
  if (claims.expectedEpoch !== undefined) {
    const actual = await targets.epochOf(verb, args, caller.deadline);
    if (actual !== claims.expectedEpoch) throw staleEpoch(claims.expectedEpoch, actual);
  }
  return handler(args, caller);
}

/** The command itself, however long it is waited for: the same key with another one is a mistake, not a repetition. */
function factOf({ verb, args: { within: _, ...args }, claims }: Admitted, hasher: Hasher): string {
  const said = JSON.stringify([verb, args, claims.aud, claims.expectedEpoch ?? null]);
  return hasher.sha256([new TextEncoder().encode(said)]);
}

function recalled(
  claimed: { readonly fact: string; readonly answer: string | null },
  fact: string,
): Performed {
  if (claimed.fact !== fact) throw keyConflict();
  if (claimed.answer === null) throw stillOpen();
  const kept: unknown = JSON.parse(claimed.answer);
  if (failures.check(kept)) throw fromFailure(kept.failed);
  return { result: kept, again: true };
}

/** Its code and its words, as whoever gave it first heard them. */
function failed({ code, message, hint }: EsperError): string {
  const text = message.slice(0, LONGEST_ANSWER / 2);
  const kept: FailedBefore = { failed: { code, message: text, details: { hint }, retryable: false } };
  return JSON.stringify(kept);
}

function keepable(result: unknown): string {
  const text = JSON.stringify(result);
  if (text.length <= LONGEST_ANSWER || !answers.check(result)) return text;
  return JSON.stringify({ done: result.done.slice(0, LONGEST_ANSWER / 2), details: { shortened: true } });
}
