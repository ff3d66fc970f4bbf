/** When a beat that does not move is a standstill, and when it was only the watcher that slept. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StallWatch } from '../../../runtime/watchdog/stall-watch.ts';

const options = { limitMs: 100, checkMs: 25 };

/** Looks every 25 ms; one entry a look: does the beat move? */
function verdicts(moves: readonly boolean[]): string[] {
  const watch = new StallWatch(options);
  let beats = 0;
  return moves.map((moved, i) => watch.look(i * 25, moved ? ++beats : beats));
}

describe('a stall watch', () => {
  it('says once that a beat stands still, and once that it moves again', () => {
    expect(verdicts([true, false, false, false, false, false, true, true])).toEqual([
      'beating',
      'beating',
      'beating',
      'beating',
      'stalled',
      'beating',
      'over',
      'beating',
    ]);
  });

  it('speaks of a standstill exactly where the beat has not moved for the limit', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), (moves) => {
        const said = verdicts([true, ...moves]);
        let still = 0;
        let open = false;
        for (const [i, moved] of moves.entries()) {
          still = moved ? 0 : still + 1;
          const expected = moved && open ? 'over' : still === 4 ? 'stalled' : 'beating';
          open = moved ? false : open || still === 4;
          expect(said[i + 1]).toBe(expected);
        }
      }),
    );
  });

  it('accuses nobody after it has slept itself', () => {
    const watch = new StallWatch(options);
    watch.look(0, 1);

    expect(watch.look(30_000, 1)).toBe('beating');
    expect(watch.look(30_050, 1)).toBe('beating');
    expect(watch.look(30_099, 1)).toBe('beating');
    expect(watch.look(30_110, 1)).toBe('stalled');
    expect(watch.sinceMs).toBe(30_000);
  });
});
