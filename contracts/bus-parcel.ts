/** What the bus writes on the wire: messages of one sender on one topic, together. */
import { type Static, Type } from '@sinclair/typebox';

/** Version of this form; another is refused. */
export const BUS_PARCEL_VERSION = 1;
/** Messages in one parcel at most. */
export const BUS_PARCEL_MOST = 100;

const closed = { additionalProperties: false };

/** Checked again by its own contract: the parcel only promises that it says which one. */
export const BusBodySchema = Type.Object(
  { type: Type.String({ minLength: 1, maxLength: 128 }), v: Type.Integer({ minimum: 1 }) },
  { additionalProperties: true },
);

/** Names of those who share work; also part of subjects and of the names of durable consumers. */
export const BUS_QUEUE = '^[a-z0-9_-]{1,32}$';

/** Ids of messages: printable ASCII without spaces, since they travel in headers too. */
export const BUS_ID = '^[!-~]{1,128}$';

export const BusTopic = Type.String({
  pattern: '^[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*$',
  maxLength: 200,
});

export const BusPriority = Type.Integer({ minimum: 0, maximum: 4 });

export const BusParcel = Type.Object(
  {
    v: Type.Literal(BUS_PARCEL_VERSION),
    /** Node that says it, and which life of it. */
    from: Type.String({ pattern: '^[a-z][a-z0-9_-]{0,63}$' }),
    epoch: Type.Integer({ minimum: 1 }),
    topic: BusTopic,
    priority: BusPriority,
    /** By the sender's wall clock, milliseconds: only for messages that a broker kept meanwhile. */
    sentMs: Type.Number({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
    /** For this queue alone: a dead letter that is tried again. */
    only: Type.Optional(Type.String({ pattern: BUS_QUEUE })),
    said: Type.Array(
      Type.Object(
        {
          /** Counts what this life of the node has said. */
          seq: Type.Integer({ minimum: 1 }),
          /** Absent: made of node, life and `seq`. */
          id: Type.Optional(Type.String({ pattern: BUS_ID })),
          /** Milliseconds until nobody wants it any more, counted from `sentMs`. */
          leftMs: Type.Optional(Type.Number({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
          body: BusBodySchema,
        },
        closed,
      ),
      { minItems: 1, maxItems: BUS_PARCEL_MOST },
    ),
  },
  closed,
);
export type BusParcel = Static<typeof BusParcel>;
