/** What passes between two nodes: letters in their order, and beats that say who is there. */
import { type Static, Type } from '@sinclair/typebox';
import { checkerOf } from '../checker.ts';
import { NODE_NAME, PATH_MAX } from './remote-path.ts';

/** Version of the form of letters. Nodes that speak another are turned away. */
export const ENVELOPE_VERSION = 2;
/** Version of the form of beats: whoever speaks another protocol says so in a form that all understand. */
export const BEAT_VERSION = 1;
/** Letters in one envelope at most. */
export const LETTERS_AT_ONCE = 64;
/** Nodes that one beat says are heard, at most. */
export const HEARD_AT_ONCE = 1_024;

/** What a letter can be, in the order that stands for them on the wire. */
export const LETTER_KINDS = [
  'tell',
  'ask',
  'reply',
  'refused',
  'failed',
  'watch',
  'unwatch',
  'down',
] as const;

const closed = { additionalProperties: false };
const NodeName = Type.String({ pattern: NODE_NAME });
const Epoch = Type.Integer({ minimum: 1 });
const LetterId = Type.String({ minLength: 1, maxLength: 128 });
const Ms = Type.Number({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** One message to an actor, or one answer. Its body is bytes of its own, so that it is packed once however often it is sent. */
export const CarriedLetter = Type.Object(
  {
    /** Place among all letters from this node to that one, 1-based, without gaps. */
    seq: Type.Integer({ minimum: 1 }),
    /** The same on every retry. */
    id: LetterId,
    is: Type.Union(LETTER_KINDS.map((is) => Type.Literal(is))),
    /** Whom it concerns, within its node. */
    path: Type.String({ minLength: 1, maxLength: PATH_MAX }),
    /** The letter this one answers or ends. */
    re: Type.Optional(LetterId),
    /** Milliseconds until nobody waits any more, counted from sending: clocks of two machines differ. */
    leftMs: Type.Optional(Ms),
    /** Which life of the actor answered or ended. */
    incarnation: Type.Optional(Type.Integer({ minimum: 0 })),
    /** 0 emergency to 4 background; absent for normal. */
    priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 4 })),
    /** Overtakes what users say, in the mailbox over there. */
    system: Type.Optional(Type.Literal(true)),
    /** W3C trace context of whoever sent it. */
    trace: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
    body: Type.Optional(Type.Uint8Array()),
  },
  closed,
);
export type CarriedLetter = Static<typeof CarriedLetter>;

export const Packet = Type.Object(
  {
    v: Type.Literal(ENVELOPE_VERSION),
    is: Type.Literal('letters'),
    from: NodeName,
    epoch: Epoch,
    to: NodeName,
    toEpoch: Epoch,
    /** All letters of the other direction up to this one have arrived. */
    ack: Type.Integer({ minimum: 0 }),
    /** The lowest letter beyond a gap that has arrived; 0 when none is missing in between. */
    beyond: Type.Integer({ minimum: 0 }),
    /** The other side may send up to this letter: how a slow node pushes back. */
    limit: Type.Integer({ minimum: 0 }),
    letters: Type.Array(CarriedLetter, { maxItems: LETTERS_AT_ONCE }),
  },
  closed,
);
export type Packet = Static<typeof Packet>;

export const Beat = Type.Object(
  {
    v: Type.Literal(BEAT_VERSION),
    is: Type.Literal('beat'),
    from: NodeName,
    epoch: Epoch,
    /** Rises with every beat of a life: one that is played again is not believed. */
    count: Type.Integer({ minimum: 1 }),
    /** Nodes with another protocol do not talk. */
    protocol: Type.String({ minLength: 1, maxLength: 128 }),
    leaving: Type.Boolean(),
    /** Whom it hears itself: liveness needs both directions. */
    hears: Type.Array(Type.Object({ node: NodeName, epoch: Epoch, agoMs: Ms }, closed), {
      maxItems: HEARD_AT_ONCE,
    }),
    /** What is on the node, for people and for placement. */
    inventory: Type.Record(Type.String(), Type.Unknown()),
  },
  closed,
);
export type Beat = Static<typeof Beat>;

export type RemoteEnvelope = Packet | Beat;

export const packetChecker = checkerOf(Packet);
export const beatChecker = checkerOf(Beat);
