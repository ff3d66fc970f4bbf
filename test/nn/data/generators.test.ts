/** The generated tasks have known answers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moons, parity, teacherStudent, twoSpirals } from '../../../nn/data/index.ts';
import { inputsOf, targetsOf } from './read-all.ts';

describe('two spirals', () => {
  const { train, dense } = twoSpirals();

  it('has 194 points, each followed by its mirror image of the other class', () => {
    const [points, targets] = [inputsOf(train), targetsOf(train)];

    expect(train.count).toBe(194);
    for (let i = 0; i < 194; i += 2) {
      expect(points[i + 1]).toEqual(points[i]?.map((x) => -x));
      expect([targets[i], targets[i + 1]]).toEqual([[1], [-1]]);
    }
  });

  it('begins at the top of the unit circle and winds three times towards the centre', () => {
    const points = inputsOf(train);

    expect(points[0]).toEqual([0, 1]);
    expect(points[16]?.[0]).toBeCloseTo(96 / 104, 6);
    expect(points[16]?.[1]).toBeCloseTo(0, 6);
    expect(Math.hypot(...(points[192] ?? []))).toBeCloseTo(8 / 104, 6);
  });

  it('has a dense test of 1,552 points, the training points among them', () => {
    const [points, close, targets] = [inputsOf(train), inputsOf(dense), targetsOf(dense)];

    expect(dense.count).toBe(1552);
    for (let i = 0; i < 97; i++) {
      expect(close[i * 16]).toEqual(points[i * 2]);
      expect(targets[i * 16]).toEqual([1]);
    }
  });
});

describe('parity', () => {
  it('of two bits is exclusive or', () => {
    const { train, test } = parity(2);

    expect(inputsOf(train)).toEqual([
      [-1, -1],
      [1, -1],
      [-1, 1],
      [1, 1],
    ]);
    expect(targetsOf(train)).toEqual([[-1], [1], [1], [-1]]);
    expect(test).toBe(train);
  });

  it('is the product of the inputs up to a sign, and half of the cases are odd', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 }), (bits) => {
        const { train } = parity(bits);
        const [cases, targets] = [inputsOf(train), targetsOf(train).flat()];

        expect(new Set(cases.map(String)).size).toBe(2 ** bits);
        expect(targets.filter((target) => target === 1)).toHaveLength(2 ** (bits - 1));
        cases.forEach((signs, i) => {
          const product = signs.reduce((sum, sign) => sum * -sign, 1);
          expect(targets[i]).toBe(-product);
        });
      }),
    );
  });

  it('trains on a share of the cases and tests on all others', () => {
    const { train, test } = parity(10, 0.25, 7);
    const seen = new Set(inputsOf(train).map(String));

    expect([train.count, test.count]).toEqual([256, 768]);
    expect(inputsOf(test).some((row) => seen.has(String(row)))).toBe(false);
    expect(inputsOf(parity(10, 0.25, 7).train)).toEqual(inputsOf(train));
    expect(inputsOf(parity(10, 0.25, 8).train)).not.toEqual(inputsOf(train));
  });
});

describe('moons', () => {
  it('without noise lie on two half circles', () => {
    const rows = moons(101, 0, 1);
    const points = inputsOf(rows);

    targetsOf(rows).forEach(([first], i) => {
      const [x = 0, y = 0] = points[i] ?? [];
      const [cx, cy] = first === 1 ? [0, 0] : [1, 0.5];
      expect(Math.hypot(x - cx, y - cy)).toBeCloseTo(1, 5);
      expect(first === 1 ? y >= -1e-6 : y <= 0.5 + 1e-6).toBe(true);
    });
    expect(targetsOf(rows).filter(([first]) => first === 1)).toHaveLength(51);
  });

  it('spread by the noise that was asked for', () => {
    const noisy = inputsOf(moons(4000, 0.2, 3));
    const inside = noisy.filter(([x = 0, y = 0]) => Math.abs(Math.hypot(x, y) - 1) < 0.4 && y > 0.6);
    const spread = inside.map(([x = 0, y = 0]) => Math.hypot(x, y) - 1);
    const deviation = Math.sqrt(spread.reduce((sum, d) => sum + d * d, 0) / spread.length);

    expect(deviation).toBeGreaterThan(0.13);
    expect(deviation).toBeLessThan(0.23);
  });

  it('are the same for the same seed', () => {
    expect(inputsOf(moons(50, 0.1, 5))).toEqual(inputsOf(moons(50, 0.1, 5)));
    expect(inputsOf(moons(50, 0.1, 5))).not.toEqual(inputsOf(moons(50, 0.1, 6)));
  });
});

describe('teacher and student', () => {
  const order = { inputs: 3, hidden: 4, outputs: 2, rows: 200, seed: 11 };

  it('targets are what the teacher answers', () => {
    const { train, teacher } = teacherStudent(order);
    const targets = targetsOf(train);

    inputsOf(train).forEach((x, row) => {
      for (let out = 0; out < 2; out++) {
        let answer = 0;
        for (let unit = 0; unit < 4; unit++) {
          const z = x.reduce((sum, value, i) => sum + value * (teacher.first[i * 4 + unit] ?? 0), 0);
          if (z > 0) answer += z * (teacher.second[unit * 2 + out] ?? 0);
        }
        expect(targets[row]?.[out]).toBeCloseTo(answer, 4);
      }
    });
  });

  it('draws weights from -1 to 1, inputs from a normal, and other rows for the test', () => {
    const { train, test, teacher } = teacherStudent({ ...order, rows: 2000 });
    const inputs = inputsOf(train).flat();
    const mean = inputs.reduce((sum, x) => sum + x, 0) / inputs.length;
    const variance = inputs.reduce((sum, x) => sum + x * x, 0) / inputs.length - mean * mean;

    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
    expect(Math.max(...teacher.first.map(Math.abs))).toBeLessThanOrEqual(1);
    expect(teacher.first.some((weight) => weight < 0)).toBe(true);
    expect(inputsOf(test)[0]).not.toEqual(inputsOf(train)[0]);
  });
});
