/** The dead letters of one process: the newest, as long as it lives. */
import type { DeadLetter } from './bus.ts';
import { type DeadLetterStore, type KeptLetter, LIST_MOST, REPLAY_MOST } from './dead-letter-store.ts';
import type { InProcessBus } from './in-process-bus.ts';

/** Places are given when a letter is first seen here, and stay. */
export function localDeadLetters(bus: InProcessBus): DeadLetterStore {
  const places = new Map<DeadLetter, number>();
  let next = 1;
  const all = (): ReadonlyArray<readonly [number, DeadLetter]> => {
    const letters = bus.deadLetters();
    for (const letter of letters) if (!places.has(letter)) places.set(letter, next++);
    for (const letter of places.keys()) if (!letters.includes(letter)) places.delete(letter);
    return letters.map((letter) => [places.get(letter) ?? 0, letter]);
  };
  return {
    list: async ({ from = 1, limit = LIST_MOST } = {}) =>
      all()
        .filter(([place]) => place >= from)
        .slice(0, limit)
        .map(kept),
    inspect: async (place) =>
      all()
        .filter(([at]) => at === place)
        .map(kept)[0],
    async replay(which, { most = REPLAY_MOST } = {}) {
      const wanted = all().filter(([place]) => which === 'all' || place === which);
      const sent = wanted.slice(0, most).filter(([, letter]) => bus.replay(letter));
      return bus.forget(sent.map(([, letter]) => letter));
    },
    purge: async () => bus.forget(bus.deadLetters()),
  };
}

function kept([place, dead]: readonly [number, DeadLetter]): KeptLetter {
  const { message, reason, tries, subscriber, diedMs } = dead;
  const queue = dead.queue ?? `subscriber-${subscriber}`;
  return { place, letter: { v: 1, ...message, reason, tries, queue, node: 'here', diedMs } };
}
