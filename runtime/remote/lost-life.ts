/** How a life ended, told to watchers on another node. */
import { type Static, Type } from '@sinclair/typebox';
import { Failure, fromFailure, toFailure } from '../../contracts/failure.ts';
import type { StopReason } from '../actor/messages.ts';
import { checkerOf } from '../checker.ts';

const Why = Type.String({ maxLength: 4_096 });
const LostLife = Type.Union([
  Type.Object({ kind: Type.Literal('normal') }),
  Type.Object({ kind: Type.Literal('shutdown'), why: Why }),
  Type.Object({ kind: Type.Literal('killed'), why: Why }),
  Type.Object({ kind: Type.Literal('crashed'), failure: Failure }),
]);
type LostLife = Static<typeof LostLife>;

const checker = checkerOf(LostLife);

export function packReason(reason: StopReason): LostLife {
  if (reason.kind === 'crashed') return { kind: 'crashed', failure: toFailure(reason.error) };
  if (reason.kind === 'node_down') return { kind: 'killed', why: reason.why };
  return reason;
}

/** Nothing when it is no reason. */
export function readReason(data: unknown): StopReason | undefined {
  if (!checker.check(data)) return undefined;
  return data.kind === 'crashed' ? { kind: 'crashed', error: fromFailure(data.failure) } : data;
}
