/** Brings a group of actors to rest for a moment: no handler under way, no message taken. */
import { EsperError } from '../../contracts/failure.ts';
import type { GroupMember } from '../actor/overseer.ts';
import { within } from '../maybe.ts';
import type { Clock } from '../ports/clock.ts';

export interface BarrierWorld {
  readonly clock: Clock;
  /** Those who take part, now. */
  readonly members: () => readonly GroupMember[];
  /** Rises when the group goes back in time. */
  readonly epoch: () => number;
}

/**
 * Waits until everybody is at rest and does `cut` in that very moment.
 * @throws ROLLBACK_BARRIER_LATE, or what `cut` throws; everybody goes on in any case
 */
export async function atRest<T>(world: BarrierWorld, withinMs: number, cut: () => T): Promise<T> {
  const { clock, members, epoch } = world;
  const group = members();
  const began = lives(group, epoch());
  const dueMs = clock.nowMs() + withinMs;
  for (const member of group) member.hold();
  try {
    for (;;) {
      if (lives(members(), epoch()) !== began) throw late('it went back or restarted meanwhile', group);
      const busy = group.filter(({ handling }) => handling !== null);
      if (busy.length === 0) return cut();
      const leftMs = dueMs - clock.nowMs();
      const all = Promise.all(busy.map(({ handling }) => handling)).then(() => {});
      if (leftMs <= 0 || !(await within(clock, leftMs, all)))
        throw late(`handlers went on for more than ${withinMs} ms`, busy);
    }
  } finally {
    for (const member of group) member.letGo();
  }
}

/** Changes whenever somebody joins, leaves or starts anew: whoever does is not held. */
const lives = (group: readonly GroupMember[], epoch: number): string =>
  [epoch, ...group.map(({ path, incarnation }) => `${path}#${incarnation}`)].join(' ');

const late = (why: string, members: readonly GroupMember[]) =>
  new EsperError(
    'ROLLBACK_BARRIER_LATE',
    `the group did not come to rest: ${why}`,
    { why, members: members.map(({ path }) => path) },
    {
      retryable: true,
      hint: 'Handlers of a group must not wait for each other; give more time if they are merely slow.',
    },
  );
