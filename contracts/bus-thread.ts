/** What a thread and its node say to each other about the bus. */
import { type Static, Type } from '@sinclair/typebox';
import { BUS_ID, BUS_QUEUE, BusBodySchema } from './bus-parcel.ts';

const closed = { additionalProperties: false };
const Place = Type.Integer({ minimum: 1 });
const Topic = Type.String({ minLength: 1, maxLength: 200 });
const Queue = Type.String({ pattern: BUS_QUEUE });

/** "Say these for me." Answered with `ThreadTaken`. */
export const ThreadSaid = Type.Object(
  {
    said: Type.Array(
      Type.Object(
        {
          topic: Topic,
          body: BusBodySchema,
          priority: Type.Number(),
          id: Type.Optional(Type.String({ pattern: BUS_ID })),
          withinMs: Type.Optional(Type.Number()),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type ThreadSaid = Static<typeof ThreadSaid>;

/** What became of what a thread said: places of what found no room now, and of what the bus will never carry. */
export const ThreadTaken = Type.Object(
  {
    full: Type.Array(Type.Integer({ minimum: 0 })),
    never: Type.Array(
      Type.Object(
        { place: Type.Integer({ minimum: 0 }), code: Type.String(), message: Type.String() },
        closed,
      ),
    ),
  },
  closed,
);
export type ThreadTaken = Static<typeof ThreadTaken>;

/** "I want to hear this", or "I answer this" for questions. */
export const ThreadWish = Type.Object(
  {
    number: Place,
    pattern: Topic,
    queue: Type.Optional(Queue),
    credits: Type.Optional(Type.Integer({ minimum: 1 })),
    atOnce: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  closed,
);
export type ThreadWish = Static<typeof ThreadWish>;

export const ThreadUnwish = Type.Object({ number: Place }, closed);

/** A message for one of the thread's subscriptions, or a question for one of its answerers. */
export const ThreadHeard = Type.Object(
  {
    number: Place,
    message: Type.Object(
      { topic: Topic, body: BusBodySchema, priority: Type.Number(), id: Type.String({ minLength: 1 }) },
      closed,
    ),
  },
  closed,
);
export type ThreadHeard = Static<typeof ThreadHeard>;

export const ThreadAsked = Type.Object(
  { topic: Topic, body: BusBodySchema, withinMs: Type.Number({ minimum: 0 }) },
  closed,
);
