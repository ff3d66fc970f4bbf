/** Whether a second thread helps: asked of a clock, answered by the middle of seven. */
import { describe, expect, it } from 'vitest';
import { Trial } from '../../../nn/fused/threads/trial.ts';

/** Runs `passes` and counts who did them; a pass takes as long as `lasts` says. */
function runs(passes: number, lasts: (way: 'alone' | 'together', pass: number) => number) {
  let now = 0;
  const trial = new Trial(() => now);
  const done = { alone: 0, together: 0 };
  for (let pass = 0; pass < passes; pass++) {
    const way = (name: 'alone' | 'together') => () => {
      done[name]++;
      now += lasts(name, pass);
    };
    trial.run(way('alone'), way('together'));
  }
  return done;
}

describe('the trial of a second thread', () => {
  it('lets two threads go on where they are faster', () => {
    expect(runs(600, (way) => (way === 'alone' ? 2 : 1))).toEqual({ alone: 7, together: 593 });
  });

  it('stays with one where a second is in the way', () => {
    expect(runs(600, (way) => (way === 'alone' ? 2 : 3))).toEqual({ alone: 593, together: 7 });
  });

  it('is not misled by a thread that is only starting', () => {
    expect(runs(600, (way, pass) => (way === 'alone' ? 2 : pass < 4 ? 500 : 1)).together).toBe(593);
  });

  it('asks again, for other work may have come to the core', () => {
    const done = runs(1200, (way, pass) => (way === 'together' && pass < 600 ? 1 : 2));
    expect(done).toEqual({ alone: 600, together: 600 });
  });
});
