/** The news that a message died, so that whoever waits for its effect can stop waiting. */
import { MessageDied, TOPICS } from '../../contracts/index.ts';
import type { DeadLetter } from './bus.ts';
import { roughBytes } from './measure.ts';

/** Letters of a reason that are told. */
export const REASON_MOST = 2_048;

/**
 * Nothing when the dead letter was such news itself: it is told once at most.
 * @param maxBytes of a body on this bus; of a message that is not far smaller, everything but its body is told
 */
export function obituary({ message, reason }: Pick<DeadLetter, 'message' | 'reason'>, maxBytes: number) {
  if (message.topic === TOPICS.messageDied) return null;
  const { topic, id } = message;
  // A letter of text may become three bytes on a wire.
  const body = roughBytes(message.body, maxBytes / 4) <= maxBytes / 4 ? message.body : null;
  const told = { topic, messageId: id, reason: reason.slice(0, REASON_MOST), body };
  return { topic: TOPICS.messageDied, body: MessageDied.of(told) };
}
