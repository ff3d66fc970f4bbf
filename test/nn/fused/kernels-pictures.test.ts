/** Pools, squeezes, gates and rearrangements in the fused engine, against plain loops and finite differences. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { activationCodes, nowhere } from '../../../nn/fused/opcodes.ts';
import { distance, draw, Ground, type Numbers, slopes } from './ground.ts';

const shapes = fc.record({
  rows: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 2, max: 6 }),
  width: fc.integer({ min: 2, max: 6 }),
  channels: fc.integer({ min: 1, max: 9 }),
  kernelHeight: fc.integer({ min: 1, max: 3 }),
  kernelWidth: fc.integer({ min: 1, max: 3 }),
  strideHeight: fc.integer({ min: 1, max: 2 }),
  strideWidth: fc.integer({ min: 1, max: 2 }),
});

type Shape = typeof shapes extends fc.Arbitrary<infer T> ? T : never;

/** Same padding: the picture is covered to its edges. */
function pictureOf({ rows: _, ...o }: Shape) {
  const along = (size: number, kernel: number, stride: number) => {
    const out = Math.ceil(size / stride);
    return [out, Math.floor(Math.max(0, (out - 1) * stride + kernel - size) / 2)] as const;
  };
  const [outHeight, padTop] = along(o.height, o.kernelHeight, o.strideHeight);
  const [outWidth, padLeft] = along(o.width, o.kernelWidth, o.strideWidth);
  return { ...o, outHeight, outWidth, padTop, padLeft };
}

function pooled(
  x: Numbers,
  rows: number,
  o: ReturnType<typeof pictureOf>,
  kind: 'max' | 'mean',
): Float64Array {
  const out: number[] = [];
  for (let n = 0; n < rows; n++)
    for (let i = 0; i < o.outHeight; i++)
      for (let j = 0; j < o.outWidth; j++)
        for (let c = 0; c < o.channels; c++) {
          const seen: number[] = [];
          for (let a = 0; a < o.kernelHeight; a++)
            for (let b = 0; b < o.kernelWidth; b++) {
              const [y, z] = [i * o.strideHeight - o.padTop + a, j * o.strideWidth - o.padLeft + b];
              if (y >= 0 && z >= 0 && y < o.height && z < o.width)
                seen.push(x[((n * o.height + y) * o.width + z) * o.channels + c]!);
            }
          out.push(kind === 'max' ? Math.max(...seen) : seen.reduce((p, q) => p + q, 0) / seen.length);
        }
  return Float64Array.from(out);
}

describe('a pool', () => {
  test('takes the maximum or mean of what its window sees, and sends gradients back alike', () => {
    fc.assert(
      fc.property(shapes, fc.boolean(), (shape, add) => {
        const ground = new Ground();
        const { rows } = shape;
        const picture = pictureOf(shape);
        const x = draw(rows * shape.height * shape.width * shape.channels, 1);
        const g = draw(rows * picture.outHeight * picture.outWidth * shape.channels, 2);
        const before = draw(x.length, 3);
        const at = { x: ground.put(x), out: ground.room(g.length) };
        ground.run('maxPool', { ...at, b: nowhere, ...picture, activation: 0 }, rows);
        expect(distance(ground.read(at.out, g.length), pooled(x, rows, picture, 'max'))).toBeLessThan(1e-6);
        ground.run('meanPool', { ...at, ...picture }, rows);
        expect(distance(ground.read(at.out, g.length), pooled(x, rows, picture, 'mean'))).toBeLessThan(1e-6);
        for (const kind of ['max', 'mean'] as const) {
          const dx = ground.put(before);
          const flow = { g: ground.put(g), dx, ...picture, add: Number(add) };
          const free = { out: nowhere, db: nowhere, activation: 0, addSlope: 0 };
          if (kind === 'max') ground.run('maxPoolBack', { x: at.x, ...flow, ...free }, rows);
          else ground.run('meanPoolBack', flow, rows);
          const slope = slopes((v) => pooled(v, rows, picture, kind), x, g);
          const wanted = slope.map((s, i) => s + (add ? before[i]! : 0));
          expect(distance(ground.read(dx, x.length), wanted)).toBeLessThan(1e-5);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('lets the first of equal maxima learn, in windows of negative numbers too', () => {
    for (const channels of [4, 3]) {
      const ground = new Ground();
      const picture = { ...plain, height: 2, width: 2, channels, outHeight: 1, outWidth: 1 };
      const dx = ground.room(4 * channels);
      const x = ground.put(new Float32Array(4 * channels).fill(-2));
      const g = ground.put(new Float32Array(channels).fill(5));
      const rest = { out: nowhere, db: nowhere, activation: 0, add: 0, addSlope: 0 };
      ground.run('maxPoolBack', { x, g, dx, ...picture, ...rest }, 1);
      const wanted = Array.from({ length: 4 * channels }, (_, i) => (i < channels ? 5 : 0));
      expect([...ground.read(dx, 4 * channels)]).toEqual(wanted);
    }
  });

  test('bends after the maximum as a layer would have before it', () => {
    for (const activation of ['relu', 'tanh', 'sigmoid'] as const) {
      const ground = new Ground();
      const picture = { ...plain, height: 6, width: 4, channels: 8, outHeight: 3, outWidth: 2 };
      const code = activationCodes[activation];
      const [x, b, g] = [draw(2 * 24 * 8, 1), draw(8, 2), draw(2 * 6 * 8, 3)];
      const at = { x: ground.put(x), out: ground.room(g.length) };
      ground.run('maxPool', { ...at, b: ground.put(b), ...picture, activation: code }, 2);
      const bent = (v: Numbers, c: Numbers) =>
        pooled(
          Float64Array.from(v, (z, i) => bend[activation](z + c[i % 8]!)),
          2,
          picture,
          'max',
        );
      expect(distance(ground.read(at.out, g.length), bent(x, b))).toBeLessThan(1e-6);
      const [dx, db] = [ground.room(x.length), ground.room(8)];
      const back = { ...at, g: ground.put(g), dx, db, ...picture, activation: code, add: 0, addSlope: 0 };
      ground.run('maxPoolBack', back, 2);
      expect(
        distance(
          ground.read(dx, x.length),
          slopes((v) => bent(v, b), x, g),
        ),
      ).toBeLessThan(1e-5);
      expect(
        distance(
          ground.read(db, 8),
          slopes((c) => bent(x, c), b, g),
        ),
      ).toBeLessThan(1e-5);
    }
  });
});

const plain = { kernelHeight: 2, kernelWidth: 2, strideHeight: 2, strideWidth: 2, padTop: 0, padLeft: 0 };
const bend = {
  relu: (z: number) => Math.max(0, z),
  tanh: Math.tanh,
  sigmoid: (z: number) => 1 / (1 + Math.exp(-z)),
};

const sequences = fc.record({
  rows: fc.integer({ min: 1, max: 4 }),
  places: fc.integer({ min: 1, max: 7 }),
  channels: fc.integer({ min: 1, max: 11 }),
});

describe('a squeeze', () => {
  test('is the mean or maximum of a channel over all places, with its gradient', () => {
    fc.assert(
      fc.property(sequences, ({ rows, places, channels }) => {
        const ground = new Ground();
        const [x, g] = [draw(rows * places * channels, 1), draw(rows * channels, 2)];
        const at = { x: ground.put(x), out: ground.room(g.length) };
        const size = { places, channels };
        const [dx, flow] = [ground.room(x.length), ground.put(g)];
        const squeezed = (v: Numbers, kind: 'max' | 'mean') =>
          Float64Array.from(g, (_, i) => {
            const [n, c] = [Math.floor(i / channels), i % channels];
            const seen = Array.from({ length: places }, (__, p) => v[(n * places + p) * channels + c]!);
            return kind === 'max' ? Math.max(...seen) : seen.reduce((a, b) => a + b, 0) / places;
          });
        ground.run('squeezeMean', { ...at, ...size }, rows);
        expect(distance(ground.read(at.out, g.length), squeezed(x, 'mean'))).toBeLessThan(1e-6);
        ground.run('squeezeMax', { ...at, ...size }, rows);
        expect(distance(ground.read(at.out, g.length), squeezed(x, 'max'))).toBeLessThan(1e-6);
        ground.run('squeezeMeanBack', { g: flow, dx, ...size, add: 0 }, rows);
        expect(
          distance(
            ground.read(dx, x.length),
            slopes((v) => squeezed(v, 'mean'), x, g),
          ),
        ).toBeLessThan(1e-5);
        ground.run('squeezeMaxBack', { x: at.x, g: flow, dx, ...size, add: 0 }, rows);
        expect(
          distance(
            ground.read(dx, x.length),
            slopes((v) => squeezed(v, 'max'), x, g),
          ),
        ).toBeLessThan(1e-5);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a gate', () => {
  test('weighs every place of a channel, and learns from all of them', () => {
    fc.assert(
      fc.property(sequences, ({ rows, places, channels }) => {
        const ground = new Ground();
        const [x, gate] = [draw(rows * places * channels, 1), draw(rows * channels, 2)];
        const [g, before] = [draw(x.length, 3), draw(gate.length, 4)];
        const at = { x: ground.put(x), gate: ground.put(gate), out: ground.room(x.length) };
        const gated = (v: Numbers, w: Numbers) =>
          Float64Array.from(
            v,
            (z, i) => z * w[Math.floor(i / (places * channels)) * channels + (i % channels)]!,
          );
        ground.run('gate', { ...at, places, channels, add: 0 }, rows);
        expect(distance(ground.read(at.out, x.length), gated(x, gate))).toBeLessThan(1e-6);
        const dgate = ground.put(before);
        ground.run('gateBack', { x: at.x, g: ground.put(g), dgate, places, channels, add: 1 }, rows);
        const wanted = slopes((w) => gated(x, w), gate, g).map((slope, i) => slope + before[i]!);
        expect(distance(ground.read(dgate, gate.length), wanted)).toBeLessThan(1e-5);
      }),
      { numRuns: 40 },
    );
  });
});

describe('rearrangements', () => {
  test('move columns of the last axis from one block into another', () => {
    const ground = new Ground();
    const a = draw(5 * 7, 1);
    const before = draw(5 * 9, 2);
    for (const add of [0, 1]) {
      const out = ground.put(before);
      const cut = { aWidth: 7, aStart: 2, outWidth: 9, outStart: 3, count: 5 };
      ground.run('columns', { a: ground.put(a), out, places: 1, ...cut, add }, 5);
      const wanted = before.map((old, i) => {
        const [row, column] = [Math.floor(i / 9), (i % 9) - 3];
        return column < 0 || column >= 5 ? old : a[row * 7 + column + 2]! + (add ? old : 0);
      });
      expect([...ground.read(out, 45)]).toEqual([...wanted]);
    }
  });

  test('repeat pixels, and gather the gradients of the repeats', () => {
    const ground = new Ground();
    const [rows, height, width, channels, by] = [2, 3, 2, 5, 3];
    const x = draw(rows * height * width * channels, 1);
    const g = draw(x.length * by * by, 2);
    const repeated = (v: Numbers) =>
      Float64Array.from(g, (_, i) => {
        const [pixel, c] = [Math.floor(i / channels), i % channels];
        const [n, rest] = [
          Math.floor(pixel / (height * width * by * by)),
          pixel % (height * width * by * by),
        ];
        const [y, z] = [Math.floor(rest / (width * by) / by), Math.floor((rest % (width * by)) / by)];
        return v[((n * height + y) * width + z) * channels + c]!;
      });
    const [out, dx] = [ground.room(g.length), ground.room(x.length)];
    ground.run('upsample', { x: ground.put(x), out, height, width, channels, by }, rows);
    expect(distance(ground.read(out, g.length), repeated(x))).toBe(0);
    ground.run('upsampleBack', { g: ground.put(g), dx, height, width, channels, by, add: 0 }, rows);
    expect(distance(ground.read(dx, x.length), slopes(repeated, x, g))).toBeLessThan(1e-5);
  });

  test('sums, products, factors and copies do what they say, added or not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 13 }), fc.integer({ min: 1, max: 3 }), (size, rows) => {
        const ground = new Ground();
        const [a, b, before] = [1, 2, 3].map((seed) => draw(size * rows, seed)) as [
          Numbers,
          Numbers,
          Numbers,
        ];
        const at = { a: ground.put(a), b: ground.put(b) };
        const factorCell = ground.put([0.25]);
        const made = (run: (out: number) => void) => {
          const out = ground.put(before);
          run(out);
          return [...ground.read(out, size * rows)];
        };
        const each = (f: (a: number, b: number, old: number) => number) =>
          Array.from(a, (v, i) => Math.fround(f(v, b[i]!, before[i]!)));
        expect(made((out) => ground.run('sum', { ...at, out, size }, rows))).toEqual(each((v, w) => v + w));
        expect(made((out) => ground.run('copy', { a: at.a, out, size, add: 1 }, rows))).toEqual(
          each((v, _, old) => v + old),
        );
        expect(made((out) => ground.run('copy', { a: at.a, out, size, add: 0 }, rows))).toEqual([...a]);
        expect(made((out) => ground.run('product', { ...at, out, size, add: 1 }, rows))).toEqual(
          each((v, w, old) => Math.fround(v * w) + old),
        );
        expect(made((out) => ground.run('scale', { a: at.a, out, size, factorCell, add: 1 }, rows))).toEqual(
          each((v, _, old) => v * 0.25 + old),
        );
        expect(made((out) => ground.run('clear', { out, size }, rows))).toEqual(each(() => 0));
      }),
    );
  });
});
