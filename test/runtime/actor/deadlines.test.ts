/** The wheel of deadlines, when one that fires changes the others. */
import { describe, expect, it } from 'vitest';
import { type Deadline, Deadlines } from '../../../runtime/actor/deadlines.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';

function deadline(expire: () => void): Deadline {
  return { previous: null, next: null, dueTick: 0, expire };
}

describe('a wheel of deadlines', () => {
  it('never fires what another one disarmed in the same turn, and forgets none behind it', async () => {
    const clock = memoryClock();
    const wheel = new Deadlines(clock);
    const fired: string[] = [];
    const all = ['a', 'b', 'c', 'd'].map((name) =>
      deadline(() => {
        fired.push(name);
        for (const other of [all[1], all[2]]) if (other !== undefined) wheel.disarm(other);
      }),
    );
    for (const one of all) wheel.arm(one, 50);
    await clock.advance(100);

    expect(fired.toSorted()).toEqual(['a', 'd']);
    expect(clock.armed).toBe(0);
  });

  it('takes new ones while it fires', async () => {
    const clock = memoryClock();
    const wheel = new Deadlines(clock);
    const fired: number[] = [];
    const again = deadline(() => {
      fired.push(clock.nowMs());
      if (fired.length < 3) wheel.arm(again, 5_120); // once round: the same bucket
    });
    wheel.arm(again, 5_120);
    await clock.advance(20_000);

    expect(fired).toEqual([5_120, 10_240, 15_360]);
  });
});
