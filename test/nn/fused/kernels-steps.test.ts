/** Losses, figures and optimiser steps in the fused engine, against the formulas of the tensor plan. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nowhere } from '../../../nn/fused/opcodes.ts';
import { lossAndGradient } from '../../../nn/loss-head.ts';
import { distance, draw, Ground } from './ground.ts';

describe('a loss', () => {
  test('and its gradient are those of the tensor plan', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 1, max: 13 }),
        fc.constantFrom('softmax_cross_entropy' as const, 'mse' as const),
        (rows, width, kind) => {
          const ground = new Ground();
          const z = draw(rows * width, 1).map((v) => 8 * v);
          const t = z.map((_, i) => Number(i % width === (i * 7) % width));
          const cell = ground.put([0, 0]);
          const g = ground.room(z.length);
          const at = { z: ground.put(z), t: ground.put(t), g, width, lossCell: cell, addSlope: 0 };
          const inverseRowsCell = ground.put([1 / rows]);
          const name = kind === 'mse' ? 'squareLoss' : 'softmaxLoss';
          ground.run(name, { ...at, inverseRowsCell }, rows);
          const wanted = lossAndGradient(kind, z, t, rows);
          expect(Math.abs(ground.readDoubles(cell, 1)[0]! / rows - wanted.loss)).toBeLessThan(2e-6);
          expect(distance(ground.read(g, z.length), wanted.gradient)).toBeLessThan(1e-6);
          ground.run(name, { ...at, g: nowhere, inverseRowsCell, addSlope: 1 }, rows);
          expect(Math.abs(ground.readDoubles(cell, 1)[0]! / rows - 2 * wanted.loss)).toBeLessThan(4e-6);
        },
      ),
    );
  });

  test('stays finite at large numbers and is not finite where these are not', () => {
    const ground = new Ground();
    const cell = ground.put([0, 0]);
    const lossOf = (z: readonly number[], t: readonly number[]) => {
      const at = { z: ground.put(z), t: ground.put(t), g: nowhere, width: z.length, lossCell: cell };
      ground.run('softmaxLoss', { ...at, inverseRowsCell: ground.put([1]), addSlope: 0 }, 1);
      return ground.readDoubles(cell, 1)[0]!;
    };
    expect(lossOf([1000, 0, -1000], [1, 0, 0])).toBe(0);
    expect(lossOf([1000, 0, -1000], [0, 1, 0])).toBe(1000);
    expect(lossOf([Number.NaN, 0, 0], [0, 1, 0])).toBeNaN();
    expect(lossOf([0, Number.NaN, 0], [1, 0, 0])).toBeNaN();
    expect(Number.isFinite(lossOf([Number.POSITIVE_INFINITY, 0], [0, 1]))).toBe(false);
  });
});

describe('figures read off on the way', () => {
  test('are sums and sums of squares, to the last lane', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), (count) => {
        const ground = new Ground();
        const [a, b] = [draw(count, 1), draw(count, 2)];
        const cell = ground.put([0, 0, 0, 0]);
        const at = { a: ground.put(a), b: ground.put(b) };
        const total = (f: (i: number) => number) => Array.from(a, (_, i) => f(i)).reduce((x, y) => x + y, 0);
        ground.run('squares', { ...at, count, cell, add: 0 }, 1);
        expect(ground.readDoubles(cell, 1)[0]).toBeCloseTo(
          total((i) => (a[i]! + b[i]!) ** 2),
          4,
        );
        ground.run('squares', { ...at, b: nowhere, count, cell, add: 0 }, 1);
        expect(ground.readDoubles(cell, 1)[0]).toBeCloseTo(
          total((i) => a[i]! ** 2),
          4,
        );
        ground.run('moments', { x: at.a, size: count, cell, addSlope: 0 }, 1);
        expect(ground.readDoubles(cell, 2)[0]).toBeCloseTo(
          total((i) => a[i]!),
          4,
        );
        expect(ground.readDoubles(cell, 2)[1]).toBeCloseTo(
          total((i) => a[i]! ** 2),
          4,
        );
      }),
    );
  });

  test('say when a gradient holds a number that is none', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, -1e30]) {
      const ground = new Ground();
      const a = draw(101, 1);
      a[67] = bad;
      const cell = ground.put([0, 0]);
      ground.run('squares', { a: ground.put(a), b: nowhere, count: 101, cell, add: 0 }, 1);
      expect(Number.isFinite(ground.readDoubles(cell, 1)[0]!)).toBe(false);
    }
  });
});

/** Formulas of nn/optimizer.ts for one weight. */
const formulas = {
  decay: 0.02,
  rate: 0.05,
  scale: 0.7,
  sgd: (w: number, g: number) => w - 0.05 * (g * 0.7 + 0.02 * w),
  speed: (w: number, v: number, g: number) => 0.9 * v + g * 0.7 + 0.02 * w,
};

describe('an optimiser step', () => {
  const count = 23;
  const [w, a, b, first] = [1, 2, 3, 4].map((seed) => draw(count, seed));
  const second = draw(count, 5).map((v) => v * v);
  const whole = a!.map((v, i) => v + b![i]!);

  function field() {
    const ground = new Ground();
    const cells = { rateCell: ground.put([formulas.rate]), scaleCell: ground.put([formulas.scale]) };
    return { ground, cells, blocks: { w: ground.put(w!), a: ground.put(a!), b: ground.put(b!), count } };
  }

  test('of plain descent adds both halves, scales, and decays', () => {
    const { ground, cells, blocks } = field();
    ground.run('sgd', { ...blocks, ...cells, decay: formulas.decay }, 1);
    const wanted = w!.map((v, i) => formulas.sgd(v, whole[i]!));
    expect(distance(ground.read(blocks.w, count), wanted)).toBeLessThan(1e-6);
  });

  test('with momentum keeps a speed', () => {
    const { ground, cells, blocks } = field();
    const speed = ground.put(first!);
    ground.run('momentum', { ...blocks, speed, ...cells, momentum: 0.9, decay: formulas.decay }, 1);
    const speeds = w!.map((v, i) => formulas.speed(v, first![i]!, whole[i]!));
    expect(distance(ground.read(speed, count), speeds)).toBeLessThan(1e-6);
    expect(
      distance(
        ground.read(blocks.w, count),
        w!.map((v, i) => v - 0.05 * speeds[i]!),
      ),
    ).toBeLessThan(1e-6);
  });

  test.each([
    ['adam', 0.02, 0],
    ['adamw', 0, 0.02],
  ] as const)('of %s corrects every weight by its own age', (_, coupled, decoupled) => {
    const { ground, cells, blocks } = field();
    const [beta1, beta2] = [0.9, 0.999];
    const ages = [1, 5, 300];
    const pairs = ages.flatMap((age) => [1 / (1 - beta1 ** age), 1 / (1 - beta2 ** age)]);
    const classes = ground.room(8);
    for (let i = 0; i < count; i++) ground.engine.u8[classes + i] = i % 3;
    const at = { ...blocks, first: ground.put(first!), second: ground.put(second) };
    const betas = { beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2, epsilon: 1e-8 };
    const corrections = ground.put(pairs);
    ground.run('adam', { ...at, ...cells, ...betas, coupled, decoupled, corrections, classes }, 1);
    const wanted = w!.map((old, i) => {
      const g = whole[i]! * formulas.scale + coupled * old;
      const m = beta1 * first![i]! + (1 - beta1) * g;
      const v = beta2 * second[i]! + (1 - beta2) * g * g;
      const step =
        (formulas.rate * m * pairs[2 * (i % 3)]!) / (Math.sqrt(v * pairs[2 * (i % 3) + 1]!) + 1e-8);
      return (1 - formulas.rate * decoupled) * old - step;
    });
    expect(distance(ground.read(blocks.w, count), wanted)).toBeLessThan(1e-6);
  });
});
