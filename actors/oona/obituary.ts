/** The news that a message died, so that whoever waits for its effect can stop waiting. */
import { MessageDied, TOPICS } from '../../contracts/index.ts';
import type { DeadLetter } from './bus.ts';

/** Nothing when the dead letter was such news itself: it is told once at most. */
export function obituary({ message, reason }: Pick<DeadLetter, 'message' | 'reason'>) {
  if (message.topic === TOPICS.messageDied) return null;
  const { topic, id, body } = message;
  return { topic: TOPICS.messageDied, body: MessageDied.of({ topic, messageId: id, reason, body }) };
}
