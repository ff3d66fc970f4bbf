import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonical, digest } from '../../../actors/tolaria/digest.ts';
import { explosions } from '../../../actors/tolaria/explosion.ts';
import { strikes } from '../../../actors/tolaria/fault-plan.ts';
import { freshGovernor, type GovernorState, watch } from '../../../actors/tolaria/governor.ts';

const image = (values: number[]) => ({
  structure: { a: 1 },
  tensors: [{ name: 'w', shape: [values.length], data: Float32Array.from(values) }],
});

describe('the digest', () => {
  it('changes with every bit of every tensor', () => {
    const base = digest(image([1, 2, 3]), {});
    const bits = new Uint32Array(Float32Array.from([2]).buffer);
    bits[0] = (bits[0] as number) ^ 1;
    const flipped = new Float32Array(bits.buffer)[0] as number;

    expect(digest(image([1, 2, 3]), {})).toBe(base);
    expect(digest(image([1, flipped, 3]), {})).not.toBe(base);
    expect(digest(image([1, 3, 2]), {})).not.toBe(base);
    expect(digest(image([1, 2, 3, 0]), {})).not.toBe(base);
  });

  it('covers the plain state, whatever the order of its fields', () => {
    expect(digest(image([1]), { a: 1, b: 2 })).toBe(digest(image([1]), { b: 2, a: 1 }));
    expect(digest(image([1]), { a: 1 })).not.toBe(digest(image([1]), { a: 2 }));
    expect(canonical({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
  });

  it('leaves nothing of the plain state out, and writes the same for the same in another order', () => {
    const backwards = (value: unknown): unknown => {
      if (value === null || typeof value !== 'object') return value;
      if (Array.isArray(value)) return value.map(backwards);
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, inner]) => [key, backwards(inner)]),
      );
    };
    const plain = fc.jsonValue();
    fc.assert(
      fc.property(plain, (value) => {
        const text = canonical(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonical(backwards(value))).toBe(text);
      }),
    );
  });
});

const alarmsOf = (losses: number[], classes: number | null = null) =>
  losses.reduce<{ state: GovernorState; alarms: string[] }>(
    ({ state, alarms }, loss) => {
      const seen = watch(state, loss, classes);
      return { state: seen.state, alarms: seen.alarm ? [...alarms, seen.alarm.kind] : alarms };
    },
    { state: freshGovernor, alarms: [] },
  ).alarms;

describe('the governor', () => {
  it('stays quiet while a run learns, even noisily', () => {
    expect(
      alarmsOf(Array.from({ length: 40 }, (_, i) => 1 / (1 + i * 0.1) + 0.05 * Math.sin(i * 7))),
    ).toEqual([]);
  });

  it('needs three divergent boundaries in a row to cry out', () => {
    const calm = Array.from({ length: 12 }, (_, i) => 1 + 0.01 * (i % 3));

    expect(alarmsOf([...calm, 40, 1, 40, 1])).toEqual([]);
    expect(alarmsOf([...calm, 40, 400, 4000])).toEqual(['divergence']);
  });

  it('knows a lobotomy: back at guessing after better days', () => {
    expect(alarmsOf([...Array.from({ length: 12 }, () => 0.4), Math.log(10)], 10)).toEqual(['lobotomy']);
    expect(alarmsOf([...Array.from({ length: 12 }, () => Math.log(10)), Math.log(10)], 10)).toEqual([]);
  });
});

const report = (gradientNorm: number, seeds: Record<string, number>) => ({
  loss: 1,
  finite: true,
  gradientNorm,
  hostGradientNorm: 1,
  seeds: Object.fromEntries(
    Object.entries(seeds).map(([id, norm]) => [id, { gradientNorm: norm, loss: null, finite: true }]),
  ),
});

describe('the explosion guard', () => {
  it('blames the seed whose gradient is a thousand times the trend', () => {
    expect(explosions(report(5, { s1: 2, s2: 5_000 }), 1)).toEqual(['s2']);
  });

  it('blames the host when no seed stands out', () => {
    expect(explosions(report(5_000, { s1: 2 }), 1)).toEqual([]);
  });

  it('lets a normal step pass, and judges nothing before there is a trend', () => {
    expect(explosions(report(5, { s1: 8 }), 1)).toBeNull();
    expect(explosions(report(5_000, {}), null)).toBeNull();
  });
});

describe('the fault plan', () => {
  const plan = [
    { kind: 'seed_output_nan', atStep: 10 },
    { kind: 'tamiyo_throws', atStep: 5 },
    { kind: 'poisoned_blueprint', atStep: 0 },
  ] as const;

  it('waits for its step, and for a seed to strike', () => {
    expect(strikes(plan, [], 4, [])).toEqual([]);
    expect(strikes(plan, [], 10, [{ seedId: 's1', stage: 'GERMINATED' }])).toEqual([
      { index: 1, kind: 'tamiyo_throws', seedId: null },
    ]);
    expect(strikes(plan, [1], 10, [{ seedId: 's1', stage: 'BLENDING' }])).toEqual([
      { index: 0, kind: 'seed_output_nan', seedId: 's1' },
    ]);
  });

  it('strikes once', () => {
    expect(strikes(plan, [0, 1], 99, [{ seedId: 's1', stage: 'BLENDING' }])).toEqual([]);
  });
});
