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

  it('grows by its factor up to the longest when chance has no share', () => {
    const steady = { firstMs: 50, maxMs: 5_000, factor: 2, jitter: 0 };

    expect([0, 50, 100, 4_000].map((previous) => backoffMs(steady, previous, 0.5))).toEqual([
      50, 100, 200, 5_000,
    ]);
  });

  it('is drawn between the least pause and three times the one before', () => {
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.array(chance, { minLength: 1 }), (chances) => {
        let previous = 0;
        for (const drawn of chances) {
          const next = backoffMs({ firstMs: 50, maxMs: 5_000 }, previous, drawn);
          expect(next).toBeGreaterThanOrEqual(50);
          expect(next).toBeLessThanOrEqual(Math.min(5_000, 3 * Math.max(50, previous)) + 1e-9);
          previous = next;
        }
      }),
    );
  });
});
