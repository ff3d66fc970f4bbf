/** What a node feels: the worst of its machine and its schedulers, held on to for a while, and never more than it may say. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodeFacts } from '../../../contracts/index.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { checkerOf } from '../../../runtime/checker.ts';
import { STARVING_MS, Strain } from '../../../runtime/placement/strain.ts';
import { feedback, node } from './facts.ts';

const CALM = { starvingMs: 0, overcommit: 0, ioHeat: 0 };
const factsChecker = checkerOf(NodeFacts);

describe('what a scheduler says', () => {
  it('is felt at once, whichever class of its tasks hungers', () => {
    const strain = new Strain(memoryClock());
    expect(strain.note(feedback(1_200))).toBe(true);

    expect(strain.felt(CALM)).toMatchObject({ starvingMs: 1_200, starving: false });
  });

  it('counts as excess only when turns ran out, and as heat only when many wait', () => {
    const strain = new Strain(memoryClock());
    const hot = (meanWaiting: number) => [{ label: 'disk', waits: 1, meanWaiting, share: 0.8 }];
    strain.note(feedback(0, { overcommit: 4, spentTurns: 0, ioHeat: hot(1) }));
    expect(strain.felt(CALM)).toMatchObject({ overcommit: 0, ioHeat: 0.1 });
    strain.note(feedback(0, { overcommit: 4, ioHeat: hot(50) }));

    expect(strain.felt(CALM)).toMatchObject({ overcommit: 4, ioHeat: 0.8 });
  });

  it('is forgotten when it says nothing any more', async () => {
    const clock = memoryClock();
    const strain = new Strain(clock);
    strain.note(feedback(8_000));
    strain.felt(CALM);
    await clock.advance(3_001);
    strain.felt(CALM);
    await clock.advance(60_000);

    expect(strain.felt(CALM).starvingMs).toBeLessThan(1);
  });

  it('is believed only when it is a sample', () => {
    const strain = new Strain(memoryClock());
    for (const said of [null, {}, { ...feedback(9_000), overcommit: -1 }, { ...feedback(9_000), more: 1 }])
      expect(strain.note(said)).toBe(false);

    expect(strain.felt(CALM)).toEqual({ ...CALM, starving: false });
  });

  it('is remembered of so many schedulers, the newest', () => {
    const strain = new Strain(memoryClock());
    strain.note(feedback(4_000, { scheduler: 'first' }));
    for (let i = 0; i < 256; i++) strain.note(feedback(10, { scheduler: `s${i}` }));

    expect(strain.felt(CALM).starvingMs).toBe(10);
  });
});

describe('a node that starves', () => {
  it('says so until it has eased well below where it began', async () => {
    const clock = memoryClock();
    const strain = new Strain(clock);
    const at = (starvingMs: number) => strain.felt({ ...CALM, starvingMs }).starving;
    expect(at(STARVING_MS - 1)).toBe(false);
    expect(at(STARVING_MS)).toBe(true);
    const said: boolean[] = [];
    for (let beat = 0; beat < 40; beat++) {
      await clock.advance(500);
      // Around the mark, again and again.
      said.push(at(beat % 2 === 0 ? STARVING_MS - 400 : STARVING_MS + 400));
    }
    expect(said).not.toContain(false);
    await clock.advance(4_500);
    expect(at(0)).toBe(false);
  });

  it('feels the same however often it is asked', async () => {
    const ask = async (everyMs: number) => {
      const clock = memoryClock();
      const strain = new Strain(clock);
      strain.felt({ starvingMs: 9_000, overcommit: 3, ioHeat: 0.5 });
      for (let passed = 0; passed < 6_000; passed += everyMs) {
        await clock.advance(everyMs);
        strain.felt(CALM);
      }
      return strain.felt(CALM);
    };
    const [often, seldom] = [await ask(10), await ask(3_000)];

    expect(often.starvingMs).toBeCloseTo(seldom.starvingMs, 6);
    expect(often.ioHeat).toBeCloseTo(seldom.ioHeat, 9);
  });
});

it('whatever is felt, the facts of the node stay within their contract', () => {
  const any = fc.double({ min: -1e12, max: 1e300 }).map((n) => (n > 1e299 ? Number.POSITIVE_INFINITY : n));
  const felt = fc.record({ starvingMs: any, overcommit: any, ioHeat: any });
  fc.assert(
    fc.property(fc.array(felt, { minLength: 1, maxLength: 5 }), fc.nat(1e9), (all, worstWaitMs) => {
      const strain = new Strain(memoryClock());
      strain.note(feedback(worstWaitMs, { overcommit: worstWaitMs }));
      for (const one of all) expect(factsChecker.check({ ...node('n1'), ...strain.felt(one) })).toBe(true);
    }),
  );
});
