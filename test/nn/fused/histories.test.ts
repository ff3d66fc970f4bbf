/** The fused plan against the tensor plan through whole lives: growth, damage, ways back, plans that come and go. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { openTensorRuntime, type SeedMode, type TensorRuntime } from '../../../nn/index.ts';
import { type Event, Life } from './histories.ts';
import { BLUEPRINTS, optimizers } from './random-hosts.ts';

const few = fc.nat(5);
const modes = fc.constantFrom<SeedMode>('absent', 'isolated', 'live', 'live', 'live', 'held', 'shadow');
const many = fc.nat(BLUEPRINTS.length - 1);
const step: fc.Arbitrary<Event> = fc.record({
  does: fc.constant('step' as const),
  rows: fc.integer({ min: 1, max: 9 }),
  rate: fc.constantFrom('all', 'all', 'all', 'all', 'none', 'zero'),
  by: fc.constantFrom('plan', 'plan', 'plan', 'second', 'tensors'),
});
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 8, arbitrary: step },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('plant' as const), slot: fc.nat(20), blueprint: many }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('mode' as const), seed: few, mode: modes }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('alpha' as const),
      seed: few,
      alpha: fc.constantFrom(0, 0.3, 0.8, 1, 1),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constantFrom('fossilize', 'fossilize', 'fossilize', 'uproot', 'nan', 'explode'),
      seed: few,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constantFrom('capture', 'capture', 'capture', 'reload', 'renew') }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constantFrom('restore', 'restore', 'release'), snapshot: few }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('evaluate' as const),
      rows: fc.integer({ min: 1, max: 40 }),
      without: fc.integer({ min: -2, max: 3 }),
      shadow: fc.integer({ min: -2, max: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('score' as const), slot: fc.nat(20), blueprint: many }),
  },
);

describe('a life on the fused plan', () => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime('cpu');
  });

  it('is the life on the tensor plan, whatever befalls the network', async () => {
    const history = fc.tuple(
      fc.nat(1e6),
      fc.constantFrom(...optimizers),
      fc.array(event, { minLength: 8, maxLength: 30, size: 'max' }),
    );
    const before = runtime.memory().tensors;
    await fc.assert(
      fc.asyncProperty(history, async ([runSeed, optimizer, events]) => {
        const make = (fused: boolean) =>
          new Life(runtime, optimizer, { runSeed, fused, blueprints: BLUEPRINTS });
        const [ours, theirs] = [make(true), make(false)];
        try {
          for (const each of events) {
            const [got, wanted] = [await ours.befall(each), await theirs.befall(each)];
            alike(got, wanted, each.does);
          }
          const [mine, other] = [await ours.network.image(), await theirs.network.image()];
          expect(mine.structure).toEqual(other.structure);
          for (const [i, { name, data }] of mine.tensors.entries())
            alike([...data], [...other.tensors[i]!.data], name);
          expect(ours.network.seeds()).toEqual(theirs.network.seeds());
          expect(ours.multiplyAdds).toBe(theirs.multiplyAdds);
          expect(ours.said).toEqual([]);
        } finally {
          ours.dispose();
          theirs.dispose();
        }
      }),
      { numRuns: 60, seed: 11 },
    );
    expect(runtime.memory().tensors).toBe(before);
  });
});

/** The same in words and shapes; numbers to a thousandth of the largest beside them. */
function alike(got: unknown, wanted: unknown, where: string): void {
  if (typeof wanted === 'number' && typeof got === 'number') {
    if (Object.is(got, wanted) || Math.abs(got - wanted) <= 1e-3 * Math.max(1, Math.abs(wanted))) return;
    expect(got, where).toBe(wanted);
  } else if (Array.isArray(wanted) && Array.isArray(got) && typeof wanted[0] === 'number') {
    expect(got.length, where).toBe(wanted.length);
    const most = wanted.reduce((m: number, v: number) => Math.max(m, Math.abs(v) || 0), 1);
    wanted.forEach((w: number, i) => {
      if (Object.is(got[i], w) || Math.abs(got[i] - w) <= 1e-3 * most) return;
      expect(got[i], `${where}[${i}]`).toBe(w);
    });
  } else if (wanted !== null && typeof wanted === 'object') {
    expect(Object.keys(got as object).sort(), where).toEqual(Object.keys(wanted).sort());
    for (const [key, value] of Object.entries(wanted))
      alike((got as Record<string, unknown>)[key], value, `${where}.${key}`);
  } else expect(got, where).toEqual(wanted);
}
