/** What a node and a unit's thread on it say to each other, beside what goes over the bus. */
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { EsperError } from '../../contracts/index.ts';
import { checkerOf } from '../../runtime/checker.ts';

export const UNIT = {
  /** "What have you brought from the last node?" Asked by the thread before its actors start. */
  given: 'unit.given',
  /** "Hear no more, and give away what must not be lost." */
  take: 'unit.take',
  /** "You stay after all: hear again." */
  keep: 'unit.keep',
  /** A message to the unit by its name. */
  mail: 'unit.mail',
} as const;

export const UnitMail = Type.Object({
  /** Milliseconds somebody waits for the answer; null when nobody does. */
  leftMs: Type.Union([Type.Number({ minimum: 0 }), Type.Null()]),
  message: Type.Object({ type: Type.String({ minLength: 1, maxLength: 200 }) }),
});
export type UnitMail = Static<typeof UnitMail>;

/** A refusal of the actor in there is an answer like any other. */
export const UnitAnswer = Type.Union([
  Type.Object({ answer: Type.Unknown() }),
  Type.Object({ refused: Type.String(), details: Type.Record(Type.String(), Type.Unknown()) }),
]);
export type UnitAnswer = Static<typeof UnitAnswer>;

export const UnitTake = Type.Object({ withinMs: Type.Number({ minimum: 0 }) });

/** By actor; each checks its own when it starts. */
export const UnitState = Type.Record(Type.String(), Type.Unknown());

/** @returns checks what came over the link. @throws UNIT_WORD_INVALID */
export function worded<T extends TSchema>(schema: T, topic: string): (body: unknown) => Static<T> {
  const checker = checkerOf(schema);
  return (body) => {
    if (checker.check(body)) return body;
    throw new EsperError(
      'UNIT_WORD_INVALID',
      `what came on ${topic} is not what belongs there`,
      { topic, ...checker.firstError(body) },
      { hint: 'node and thread must come from the same version' },
    );
  };
}
