/** The pure rules of supervision: who restarts, when it is too much, how long to wait. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addRestart, affected, backoffMs, shouldRestart } from '../../../runtime/index.ts';

const order = ['a', 'b', 'c', 'd'];

describe('affected', () => {
  it('names only the dead one, everybody, or the dead one and those after it', () => {
    expect(affected('one_for_one', order, 'b')).toEqual(['b']);
    expect(affected('one_for_all', order, 'b')).toEqual(order);
    expect(affected('rest_for_one', order, 'b')).toEqual(['b', 'c', 'd']);
  });
});

describe('shouldRestart', () => {
  const ends = [
    { kind: 'normal' },
    { kind: 'shutdown', why: '' },
    { kind: 'killed', why: '' },
    { kind: 'crashed', error: new Error() },
  ] as const;

  it.each([
    ['permanent', [true, true, true, true]],
    ['transient', [false, false, true, true]],
    ['temporary', [false, false, false, false]],
  ] as const)('%s after normal, shutdown, killed, crashed: %s', (restart, expected) => {
    expect(ends.map((reason) => shouldRestart(restart, reason))).toEqual(expected);
  });
});

describe('addRestart', () => {
  it('allows exactly `intensity` restarts in any window', () => {
    const limit = { intensity: 2, periodMs: 100 };
    const one = addRestart([], 0, limit);
    const two = addRestart(one.restarts, 50, limit);
    const three = addRestart(two.restarts, 100, limit);

    expect([one, two, three].map(({ exceeded }) => exceeded)).toEqual([false, false, true]);
    expect(addRestart(two.restarts, 101, limit)).toEqual({ restarts: [50, 101], exceeded: false });
  });

  it('agrees with counting the window by hand', () => {
    const gaps = fc.array(fc.nat(50), { maxLength: 40 });
    fc.assert(
      fc.property(gaps, fc.nat(4), fc.integer({ min: 1, max: 100 }), (given, intensity, periodMs) => {
        const times: number[] = [];
        let restarts: readonly number[] = [];
        let now = 0;
        for (const gap of given) {
          now += gap;
          times.push(now);
          const next = addRestart(restarts, now, { intensity, periodMs });
          restarts = next.restarts;
          expect(next.exceeded).toBe(times.filter((at) => at >= now - periodMs).length > intensity);
        }
      }),
    );
  });
});

describe('backoffMs', () => {
  it('is nothing without a back-off', () => {
    expect(backoffMs(null, 9, 0.5)).toBe(0);
  });

  it('doubles from the first delay to the last, and chance only shortens it', () => {
    const backoff = { firstMs: 50, maxMs: 5_000 };

    expect([1, 2, 3].map((attempt) => backoffMs(backoff, attempt, 0))).toEqual([50, 100, 200]);
    expect(backoffMs(backoff, 50, 0)).toBe(5_000);
    expect(backoffMs(backoff, 1, 0.999)).toBeGreaterThanOrEqual(25);
  });
});
