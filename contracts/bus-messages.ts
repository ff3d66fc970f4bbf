/** What the bus itself is asked, and the one thing it says on its own. */
import { Type } from '@sinclair/typebox';
import { type MessageOf, message } from './message.ts';

/** "Say this for me": for those who hold no bus of their own. */
export const PublishMessage = message('oona.message.publish', 1, {
  topic: Type.String({ minLength: 1 }),
  /** Checked by whoever hears it. */
  body: Type.Object({ type: Type.String(), v: Type.Integer() }, { additionalProperties: true }),
  priority: Type.Integer({ minimum: 0, maximum: 4 }),
});
export type PublishMessage = MessageOf<typeof PublishMessage>;

/** Answered with the counters of the bus and its newest dead letters. */
export const BusStateRequested = message('oona.state.requested', 1, {});
export type BusStateRequested = MessageOf<typeof BusStateRequested>;

/** A message that no try could deliver, told so that nobody waits for its effect in vain. */
export const MessageDied = message('oona.message.died', 1, {
  topic: Type.String(),
  messageId: Type.String(),
  reason: Type.String(),
  body: Type.Unknown(),
});
export type MessageDied = MessageOf<typeof MessageDied>;
