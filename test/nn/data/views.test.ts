/** Views show the same rows in another order, number or size. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  columnStatistics,
  floatRows,
  joinRows,
  keepRows,
  normalise,
  pickRows,
  poolImages,
  takeRows,
} from '../../../nn/data/index.ts';
import { inputsOf, labelsOf } from './read-all.ts';

const table = (inputs: number[], width: number) => {
  const count = inputs.length / width;
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 3);
  return floatRows(Float32Array.from(inputs), width, { kind: 'classes', labels, classes: 3 });
};
const counting = table([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 2);

describe('views', () => {
  it('take a range, and a range of a range', () => {
    expect(inputsOf(takeRows(counting, 1, 3))).toEqual([
      [2, 3],
      [4, 5],
    ]);
    expect(labelsOf(takeRows(takeRows(counting, 1, 5), 1, 2))).toEqual([2]);
  });

  it('refuse a range that is not there', () => {
    expect(() => takeRows(counting, 2, 6)).toThrowError(
      expect.objectContaining({ code: 'DATA_TOO_FEW_ROWS' }),
    );
  });

  it('pick rows in any order, inputs and targets alike', () => {
    const picked = pickRows(counting, Uint32Array.of(4, 0, 4));

    expect(inputsOf(picked)).toEqual([
      [8, 9],
      [0, 1],
      [8, 9],
    ]);
    expect(labelsOf(picked)).toEqual([1, 0, 1]);
  });

  it('of parts joined again are the whole', () => {
    fc.assert(
      fc.property(fc.nat(5), fc.nat(5), (one, two) => {
        const [from, to] = [Math.min(one, two), Math.max(one, two)];
        const parts = [takeRows(counting, 0, from), takeRows(counting, from, to), takeRows(counting, to, 5)];

        expect(inputsOf(joinRows(parts))).toEqual(inputsOf(counting));
        expect(labelsOf(joinRows(parts))).toEqual(labelsOf(counting));
      }),
    );
  });

  it('do not join when they are not alike', () => {
    expect(() => joinRows([counting, table([1, 2, 3], 3)])).toThrowError(
      expect.objectContaining({ code: 'DATA_COUNT_MISMATCH' }),
    );
  });

  it('crash on a row that does not exist rather than train on nothing', () => {
    for (const rows of [counting, takeRows(counting, 0, 5), joinRows([counting]), keepRows(counting)]) {
      expect(() => rows.fillInputs([5], new Float32Array(2))).toThrow(RangeError);
      expect(() => rows.fillInputs([-1], new Float32Array(2))).toThrow(RangeError);
    }
    for (const rows of [counting, keepRows(counting)])
      expect(() => rows.fillInputs([0, 1], new Float32Array(3))).toThrow(RangeError);
  });

  it('leave nothing of an earlier batch in the targets', () => {
    const out = new Float32Array(3).fill(9);
    counting.fillTargets([1], out);

    expect([...out]).toEqual([0, 1, 0]);
  });
});

describe('kept rows', () => {
  it('are the same rows, each asked for once', () => {
    const asked: number[] = [];
    const watched = {
      ...counting,
      fillInputs: (indices: ArrayLike<number>, out: Float32Array) => {
        asked.push(...Array.from(indices));
        counting.fillInputs(indices, out);
      },
    };
    const kept = keepRows(watched);
    const out = new Float32Array(4);
    kept.fillInputs([3, 1], out);

    expect([...out]).toEqual([6, 7, 2, 3]);
    expect(asked).toEqual([3, 1]);
    expect(inputsOf(kept)).toEqual(inputsOf(counting));
    expect(inputsOf(kept)).toEqual(inputsOf(counting));
    expect(asked.toSorted()).toEqual([0, 1, 2, 3, 4]);
  });

  it('do not change when a batch made of them does', () => {
    const kept = keepRows(counting);
    const out = new Float32Array(2);
    kept.fillInputs([2], out);
    out.fill(99);
    kept.fillInputs([2], out);

    expect([...out]).toEqual([4, 5]);
  });

  it('that would not fit into memory stay as they are', () => {
    const large = { ...counting, count: 2 ** 20, inputs: 2 ** 12 };

    expect(keepRows(large)).toBe(large);
  });
});

describe('normalised rows', () => {
  it('have mean 0 and deviation 1 in every column, and 0 in a constant one', () => {
    const numbers = fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 700 });
    fc.assert(
      fc.property(numbers, (column) => {
        fc.pre(new Set(column).size > 1);
        const rows = table(
          column.flatMap((x) => [x, 7]),
          2,
        );
        const scaled = inputsOf(normalise(rows, columnStatistics(rows)));
        const first = scaled.map(([x = 0]) => x);
        const mean = first.reduce((sum, x) => sum + x, 0) / first.length;
        const variance = first.reduce((sum, x) => sum + (x - mean) ** 2, 0) / first.length;

        expect(mean).toBeCloseTo(0, 4);
        expect(variance).toBeCloseTo(1, 3);
        expect(scaled.every(([, constant]) => constant === 0)).toBe(true);
      }),
    );
  });

  it('use the statistics they are given, not their own', () => {
    const other = { mean: Float64Array.of(1, 1), deviation: Float64Array.of(2, 4) };

    expect(inputsOf(normalise(takeRows(counting, 0, 1), other))).toEqual([[-0.5, 0]]);
  });
});

describe('pooled images', () => {
  it('hold the means of squares, each channel for itself', () => {
    const first = [1, 2, 0, 0, 3, 4, 0, 8];
    const image = table(
      first.flatMap((value) => [value, 5]),
      16,
    );
    const pooled = poolImages(image, { height: 2, width: 4, channels: 2 }, 2);

    expect(pooled.inputs).toBe(4);
    expect(inputsOf(pooled)).toEqual([[2.5, 5, 2, 5]]);
  });

  it('refuse squares that do not fit', () => {
    expect(() => poolImages(counting, { height: 1, width: 2, channels: 1 }, 2)).toThrowError(
      expect.objectContaining({ code: 'DATA_BAD_OPTION' }),
    );
  });
});
