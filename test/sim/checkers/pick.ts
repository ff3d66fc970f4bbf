/** Takes one kind of happening out of a history. */
import type { Note } from '../../../runtime/simulation/index.ts';
import type { Of, SimEvent } from '../events.ts';

export type SimHistory = readonly Note<SimEvent>[];

export function pick<K extends SimEvent['kind']>(history: SimHistory, ...kinds: readonly K[]): Note<Of<K>>[] {
  return history.filter((note): note is Note<Of<K>> =>
    (kinds as readonly string[]).includes(note.event.kind),
  );
}
