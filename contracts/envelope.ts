/** What is written on the outside of a message when it leaves the room: who, to whom, why, and until when it matters. */
import { Type } from '@sinclair/typebox';
import { type MessageOf, message } from './message.ts';
import { WallMs } from './units.ts';

const Address = Type.String({ minLength: 1, maxLength: 256, description: 'path in the tree, or a topic' });
const MessageId = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'unique; the same on every retry',
});

/** The body is checked again by its own contract: the envelope only promises that it says which one. */
export const Envelope = message('leyline.envelope.sent', 1, {
  id: MessageId,
  from: Address,
  to: Address,
  /** The message that made the sender send this one; null for the first of a conversation. */
  causationId: Type.Union([MessageId, Type.Null()]),
  /** The same for a whole conversation. */
  correlationId: MessageId,
  sentAtMs: WallMs,
  /** Milliseconds from sending until nobody waits any more; null for ever. Relative, because clocks of two machines differ. */
  deadlineMs: Type.Union([Type.Number({ minimum: 0 }), Type.Null()]),
  /** 0 emergency (never shed), 1 strategic, 2 normal, 3 experimental, 4 background. */
  priority: Type.Integer({ minimum: 0, maximum: 4 }),
  /** W3C trace context, when the sender is being traced. */
  traceparent: Type.Optional(Type.String({ pattern: '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$' })),
  body: Type.Object(
    { type: Type.String({ minLength: 1 }), v: Type.Integer({ minimum: 1 }) },
    { additionalProperties: true },
  ),
});
export type Envelope = MessageOf<typeof Envelope>;
