/** A message that no try could deliver, as it is kept for people to look at and to try again. */
import { type Static, Type } from '@sinclair/typebox';
import { BUS_ID, BUS_QUEUE, BusBodySchema, BusPriority, BusTopic } from './bus-parcel.ts';

export const BusDeadLetter = Type.Object(
  {
    v: Type.Literal(1),
    /** Of the message; the same when it is tried again. */
    id: Type.String({ pattern: BUS_ID }),
    topic: BusTopic,
    priority: BusPriority,
    body: BusBodySchema,
    /** Code and sentence of the last try. */
    reason: Type.String({ maxLength: 2_048 }),
    tries: Type.Integer({ minimum: 0 }),
    /** Whom it could not be delivered to. */
    queue: Type.String({ pattern: BUS_QUEUE }),
    /** Node where the last try was made. */
    node: Type.String({ minLength: 1, maxLength: 64 }),
    /** UTC milliseconds. */
    diedMs: Type.Number({ minimum: 0 }),
  },
  { additionalProperties: false },
);
export type BusDeadLetter = Static<typeof BusDeadLetter>;
