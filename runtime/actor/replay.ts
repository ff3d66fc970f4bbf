/** Sends dead letters again, at a measured pace, and says what became of each. */
import { passed } from '../maybe.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeadLetter, DeadLetterReason } from './dead-letter.ts';

export interface ReplayOptions {
  /** Letters sent again at most. */
  readonly limit: number;
  /** Letters a second at most; as fast as they go without it. */
  readonly perSecond?: number;
}

/** What became of a letter, as far as it could be seen when the call ended. */
export interface Replayed {
  readonly id: number;
  readonly to: string;
  readonly outcome: 'taken' | 'came_back';
  /** Why it came back. */
  readonly reason?: DeadLetterReason;
}

export interface ReplayReport {
  readonly taken: number;
  readonly cameBack: number;
  readonly letters: readonly Replayed[];
}

/** A replay under way, told of every new dead letter. */
export interface Replay {
  cameBack(letter: DeadLetter): void;
}

/** @param world `under`: where the replay is listed while it lasts, so that it hears of letters that come back */
export async function replay(
  chosen: readonly DeadLetter[],
  { perSecond }: ReplayOptions,
  world: { readonly clock: Clock; readonly send: (letter: DeadLetter) => void; readonly under: Set<Replay> },
): Promise<ReplayReport> {
  const { clock, send, under } = world;
  const back = new Map<object, DeadLetterReason>();
  const sent = new Set<object>();
  const run: Replay = {
    cameBack({ message, reason }) {
      if (sent.has(message)) back.set(message, reason);
    },
  };
  under.add(run);
  try {
    for (const [i, letter] of chosen.entries()) {
      if (i > 0 && perSecond !== undefined) await passed(clock, 1_000 / perSecond);
      sent.add(letter.message);
      send(letter);
    }
    await new Promise<void>((resolve) => clock.soon(resolve));
  } finally {
    under.delete(run);
  }
  const letters = chosen.map(({ id, to, message }): Replayed => {
    const reason = back.get(message);
    return reason === undefined ? { id, to, outcome: 'taken' } : { id, to, outcome: 'came_back', reason };
  });
  const taken = letters.filter(({ outcome }) => outcome === 'taken').length;
  return { taken, cameBack: letters.length - taken, letters };
}
