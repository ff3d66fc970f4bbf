/** Commands about messages that nobody could take: they are looked at, tried again, or thrown away. */

import type { AdminHandlers } from '../../../actors/admin/targets.ts';
import { untouched } from '../../../actors/admin/untouched.ts';
import type { KeptLetter } from '../../../actors/oona/dead-letter-store.ts';
import { type DeadLetterLine, EsperError, encode } from '../../../contracts/index.ts';
import type { AdminWorld } from './world.ts';

type DeadLetters = Pick<
  AdminHandlers,
  'dead-letters-ls' | 'dead-letters-show' | 'dead-letters-replay' | 'dead-letters-purge'
>;

export function deadLetters({ bus, link, placement }: AdminWorld): DeadLetters {
  const store = bus.deadLetterStore;
  const stream = `${placement.cluster.toUpperCase()}_DEAD`;
  return {
    async 'dead-letters-ls'({ from = 1, limit = 50 }) {
      const letters = await store.list({ from, limit });
      const { messages } = await link.streams.size(stream);
      return { total: messages, letters: letters.map(lineOf) };
    },
    async 'dead-letters-show'({ sequence }) {
      const found = await store.inspect(sequence);
      if (found === undefined) throw noLetter(sequence);
      const { id, priority, tries, queue, node, body } = found.letter;
      const headers = { id, priority: String(priority), tries: String(tries), queue, node };
      return { ...lineOf(found), headers, message: body };
    },
    async 'dead-letters-replay'({ sequence }) {
      if ((await store.replay(sequence)) === 0) throw noLetter(sequence);
      return { done: `${sequence} was said again, to those who could not take it`, details: { sequence } };
    },
    async 'dead-letters-purge'() {
      const count = await store.purge();
      return { done: `${count} were thrown away`, details: { count } };
    },
  };
}

const lineOf = ({ place, letter }: KeptLetter): DeadLetterLine => ({
  sequence: place,
  topic: letter.topic,
  reason: letter.reason,
  bytes: encode(letter.body).length,
  storedMs: letter.diedMs,
});

const noLetter = (sequence: number) =>
  untouched(
    new EsperError(
      'ADMIN_LETTER_NOT_FOUND',
      `there is no dead letter ${sequence}`,
      { sequence },
      { hint: 'esper admin dead-letters ls' },
    ),
  );
