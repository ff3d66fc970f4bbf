/** The dead letters of a cluster: a stream that every node adds to, bounded, where the oldest go first. */
import { BusDeadLetter, decode, EsperError } from '../../contracts/index.ts';
import { checkerOf } from '../../runtime/checker.ts';
import type { Clock, Streams } from '../../runtime/index.ts';
import { type DeadLetterStore, type KeptLetter, LIST_MOST, REPLAY_MOST } from './dead-letter-store.ts';
import { keyOf } from './message-key.ts';
import type { Subjects } from './subjects.ts';
import type { Author } from './wire.ts';

const checker = checkerOf(BusDeadLetter);

export interface DeadLetterWorld {
  readonly streams: Streams;
  readonly subjects: Subjects;
  readonly clock: Clock;
  readonly author: Author;
}

/** Every call rejects with STREAMS_UNREACHABLE (retryable) while there is no broker. */
export function streamDeadLetters({ streams, subjects, clock, author }: DeadLetterWorld): DeadLetterStore {
  /** Reads on past what is no letter: strangers must not hide what lies behind. */
  async function read(from: number, limit: number): Promise<readonly KeptLetter[]> {
    const letters: KeptLetter[] = [];
    for (let next = from; letters.length < limit; ) {
      const found = await streams.read(subjects.dead, { from: next, limit: limit - letters.length });
      for (const { sequence, bytes } of found) {
        const letter = opened(bytes);
        if (letter) letters.push({ place: sequence, letter });
        next = sequence + 1;
      }
      if (found.length === 0) break;
    }
    return letters;
  }
  const inspect = async (place: number) => {
    const [found] = await streams.read(subjects.dead, { from: place, limit: 1 });
    const letter = found?.sequence === place ? opened(found.bytes) : undefined;
    return letter && { place, letter };
  };

  /** A new id for the broker, which would take the old one for a repetition; the message keeps its own. */
  async function send({ place, letter }: KeptLetter): Promise<void> {
    const { topic, priority, queue, id, body } = letter;
    const head = { topic, priority, sentMs: clock.wallMs(), only: queue };
    const bytes = author.pack(head, [{ seq: author.next(), id, body }]);
    await streams.publish(subjects.kept(topic, priority), bytes, {
      id: `replay-${place}-${keyOf(letter)}`,
    });
    await streams.remove(subjects.dead, place);
  }

  return {
    list: ({ from = 1, limit = LIST_MOST } = {}) => read(from, limit),
    inspect,
    async replay(which, { most = REPLAY_MOST } = {}) {
      const one = which === 'all' ? undefined : await inspect(which);
      const letters = which === 'all' ? await read(1, most) : one ? [one] : [];
      for (const letter of letters) await send(letter);
      return letters.length;
    },
    purge: () => streams.purge(subjects.dead),
  };
}

function opened(bytes: Uint8Array): BusDeadLetter | undefined {
  try {
    const letter = decode(bytes);
    return checker.check(letter) ? letter : undefined;
  } catch (thrown) {
    if (thrown instanceof EsperError) return undefined;
    throw thrown;
  }
}
