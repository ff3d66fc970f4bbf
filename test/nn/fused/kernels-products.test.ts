/** Products in the fused engine: dense layers and convolutions, against plain loops and finite differences. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { activationCodes, nowhere } from '../../../nn/fused/opcodes.ts';
import { distance, draw, Ground, type Numbers, slopes } from './ground.ts';

const sizes = fc.record({
  rows: fc.integer({ min: 1, max: 9 }),
  places: fc.integer({ min: 1, max: 3 }),
  ins: fc.integer({ min: 1, max: 21 }),
  units: fc.integer({ min: 1, max: 21 }),
});

function times(x: Numbers, w: Numbers, b: Numbers | null, ins: number, units: number): Float64Array {
  const m = x.length / ins;
  const out = new Float64Array(m * units);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < units; j++) {
      let sum = b?.[j] ?? 0;
      for (let k = 0; k < ins; k++) sum += x[i * ins + k]! * w[k * units + j]!;
      out[i * units + j] = sum;
    }
  }
  return out;
}

describe('a dense layer', () => {
  test('is a product, with its bias and a relu when asked', () => {
    fc.assert(
      fc.property(sizes, fc.boolean(), ({ rows, places, ins, units }, relu) => {
        const ground = new Ground();
        const [x, w, b] = [draw(rows * places * ins, 1), draw(ins * units, 2), draw(units, 3)];
        const out = ground.room(rows * places * units);
        const activation = relu ? activationCodes.relu : activationCodes.linear;
        const blocks = { x: ground.put(x), w: ground.put(w), b: ground.put(b), out };
        ground.run('dense', { ...blocks, places, ins, units, activation }, rows);
        const wanted = times(x, w, b, ins, units).map((z) => (relu ? Math.max(0, z) : z));
        expect(distance(ground.read(out, wanted.length), wanted)).toBeLessThan(1e-5);
      }),
      { numRuns: 60 },
    );
  });

  test('is exact to rounding with many rows and a long inner side, where weights are packed', () => {
    const ground = new Ground(8_000_000);
    const [rows, ins, units] = [67, 300, 43];
    const [x, w] = [draw(rows * ins, 1), draw(ins * units, 2)];
    const out = ground.room(rows * units);
    const blocks = { x: ground.put(x), w: ground.put(w), b: nowhere, out };
    ground.run('dense', { ...blocks, places: 1, ins, units, activation: 0 }, rows);
    expect(distance(ground.read(out, rows * units), times(x, w, null, ins, units))).toBeLessThan(2e-5);
  });

  test('learns by the gradients of finite differences', () => {
    fc.assert(
      fc.property(sizes, ({ rows, places, ins, units }) => {
        const ground = new Ground();
        const [x, w, g] = [
          draw(rows * places * ins, 1),
          draw(ins * units, 2),
          draw(rows * places * units, 3),
        ];
        const dw = ground.room(w.length);
        const dx = ground.room(x.length);
        const db = ground.room(units);
        const at = { x: ground.put(x), w: ground.put(w), g: ground.put(g) };
        ground.run('denseSlope', { x: at.x, g: at.g, dw, places, ins, units, addSlope: 0 }, rows);
        const back = { g: at.g, w: at.w, dx, places, ins, units, add: 0, y: nowhere, activation: 0 };
        ground.run('denseBack', back, rows);
        ground.run('columnSums', { g: at.g, db, places, width: units, addSlope: 0 }, rows);
        const byX = slopes((v) => times(v, w, null, ins, units), x, g);
        const byW = slopes((v) => times(x, v, null, ins, units), w, g);
        const byB = slopes((v) => times(x, w, v, ins, units), new Float32Array(units), g);
        expect(distance(ground.read(dx, x.length), byX)).toBeLessThan(2e-5);
        expect(distance(ground.read(dw, w.length), byW)).toBeLessThan(2e-5);
        expect(distance(ground.read(db, units), byB)).toBeLessThan(2e-5);
      }),
      { numRuns: 30 },
    );
  });

  test('sends its gradient through the activation before it on the way', () => {
    for (const activation of ['relu', 'tanh', 'sigmoid'] as const) {
      const ground = new Ground();
      const [rows, ins, units] = [7, 13, 10];
      const [y, w, g] = [draw(rows * ins, 1), draw(ins * units, 2), draw(rows * units, 3)];
      const at = { g: ground.put(g), w: ground.put(w), y: ground.put(y) };
      const dx = ground.room(y.length);
      const code = activationCodes[activation];
      ground.run('denseBack', { ...at, dx, places: 1, ins, units, add: 0, activation: code }, rows);
      const plain = slopes((v) => times(v, w, null, ins, units), y, g);
      const bent = plain.map((flow, i) => flow * derivative(activation, y[i]!));
      expect(distance(ground.read(dx, y.length), bent)).toBeLessThan(2e-5);
    }
  });
});

const derivative = (activation: 'relu' | 'tanh' | 'sigmoid', y: number) =>
  ({ relu: y > 0 ? 1 : 0, tanh: 1 - y * y, sigmoid: y - y * y })[activation];

/** Sizes of a picture operand, with the padding that keeps or drops the border. */
const pictures = fc
  .record({
    rows: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 3, max: 7 }),
    width: fc.integer({ min: 3, max: 7 }),
    channels: fc.integer({ min: 1, max: 6 }),
    kernelHeight: fc.integer({ min: 1, max: 3 }),
    kernelWidth: fc.integer({ min: 1, max: 3 }),
    strideHeight: fc.integer({ min: 1, max: 2 }),
    strideWidth: fc.integer({ min: 1, max: 2 }),
    same: fc.boolean(),
    filters: fc.integer({ min: 1, max: 11 }),
  })
  .map(({ rows, same, filters, ...o }) => {
    const [outHeight, padTop] = along(o.height, o.kernelHeight, o.strideHeight, same);
    const [outWidth, padLeft] = along(o.width, o.kernelWidth, o.strideWidth, same);
    return { rows, filters, picture: { ...o, padTop, padLeft, outHeight, outWidth } };
  });

function along(size: number, kernel: number, stride: number, same: boolean): readonly [number, number] {
  if (!same) return [Math.floor((size - kernel) / stride) + 1, 0];
  const out = Math.ceil(size / stride);
  return [out, Math.floor(Math.max(0, (out - 1) * stride + kernel - size) / 2)];
}

type Picture = (typeof pictures extends fc.Arbitrary<infer T> ? T : never)['picture'];

/** Calls `visit` with the indices of every input pixel that an output pixel sees: (out, in, tap), without channels. */
function windowsOf(rows: number, o: Picture, visit: (out: number, pixel: number, tap: number) => void): void {
  for (let n = 0; n < rows; n++)
    for (let i = 0; i < o.outHeight; i++)
      for (let j = 0; j < o.outWidth; j++)
        for (let a = 0; a < o.kernelHeight; a++)
          for (let b = 0; b < o.kernelWidth; b++) {
            const [y, x] = [i * o.strideHeight - o.padTop + a, j * o.strideWidth - o.padLeft + b];
            if (y < 0 || x < 0 || y >= o.height || x >= o.width) continue;
            const out = (n * o.outHeight + i) * o.outWidth + j;
            visit(out, (n * o.height + y) * o.width + x, a * o.kernelWidth + b);
          }
}

function convolved(
  x: Numbers,
  w: Numbers,
  b: Numbers,
  rows: number,
  o: Picture,
  filters: number,
): Float64Array {
  const out = new Float64Array(rows * o.outHeight * o.outWidth * filters).map((_, i) => b[i % filters] ?? 0);
  windowsOf(rows, o, (to, pixel, tap) => {
    for (let c = 0; c < o.channels; c++)
      for (let f = 0; f < filters; f++)
        out[to * filters + f]! += x[pixel * o.channels + c]! * w[(tap * o.channels + c) * filters + f]!;
  });
  return out;
}

function convolvedEach(x: Numbers, w: Numbers, b: Numbers, rows: number, o: Picture): Float64Array {
  const { channels } = o;
  const out = new Float64Array(rows * o.outHeight * o.outWidth * channels).map(
    (_, i) => b[i % channels] ?? 0,
  );
  windowsOf(rows, o, (to, pixel, tap) => {
    for (let c = 0; c < channels; c++)
      out[to * channels + c]! += x[pixel * channels + c]! * w[tap * channels + c]!;
  });
  return out;
}

describe('a convolution', () => {
  test('is what its loops say, whatever its window, stride and border', () => {
    fc.assert(
      fc.property(pictures, ({ rows, filters, picture }) => {
        const ground = new Ground();
        const { height, width, channels, kernelHeight, kernelWidth, outHeight, outWidth } = picture;
        const x = draw(rows * height * width * channels, 1);
        const w = draw(kernelHeight * kernelWidth * channels * filters, 2);
        const b = draw(filters, 3);
        const out = ground.room(rows * outHeight * outWidth * filters);
        const at = { x: ground.put(x), w: ground.put(w), b: ground.put(b), out };
        ground.run('conv', { ...at, ...picture, filters, activation: 0 }, rows);
        const wanted = convolved(x, w, b, rows, picture, filters);
        expect(distance(ground.read(out, wanted.length), wanted)).toBeLessThan(1e-5);
      }),
      { numRuns: 80 },
    );
  });

  test('learns by the gradients of finite differences', () => {
    fc.assert(
      fc.property(pictures, fc.boolean(), ({ rows, filters, picture }, add) => {
        const ground = new Ground();
        const { height, width, channels, kernelHeight, kernelWidth, outHeight, outWidth } = picture;
        const x = draw(rows * height * width * channels, 1);
        const w = draw(kernelHeight * kernelWidth * channels * filters, 2);
        const g = draw(rows * outHeight * outWidth * filters, 3);
        const dw = ground.room(w.length);
        const before = draw(x.length, 4);
        const dx = ground.put(before);
        const at = { x: ground.put(x), w: ground.put(w), g: ground.put(g) };
        ground.run('convSlope', { x: at.x, g: at.g, dw, ...picture, filters, addSlope: 0 }, rows);
        const back = {
          g: at.g,
          w: at.w,
          dx,
          ...picture,
          filters,
          add: Number(add),
          y: nowhere,
          activation: 0,
        };
        ground.run('convBack', back, rows);
        const byW = slopes((v) => convolved(x, v, [], rows, picture, filters), w, g);
        const byX = slopes((v) => convolved(v, w, [], rows, picture, filters), x, g);
        const wanted = byX.map((slope, i) => slope + (add ? before[i]! : 0));
        expect(distance(ground.read(dw, w.length), byW)).toBeLessThan(2e-5);
        expect(distance(ground.read(dx, x.length), wanted)).toBeLessThan(2e-5);
      }),
      { numRuns: 40 },
    );
  });

  test('sends its gradient through the relu before it on the way, with and without strides', () => {
    for (const stride of [1, 2]) {
      const ground = new Ground();
      const [outHeight, padTop] = along(6, 3, stride, true);
      const shape = {
        height: 6,
        width: 6,
        channels: 5,
        kernelHeight: 3,
        kernelWidth: 3,
        padTop,
        padLeft: padTop,
      };
      const strides = { strideHeight: stride, strideWidth: stride, outHeight, outWidth: outHeight };
      const picture = { ...shape, ...strides };
      const [y, w] = [draw(2 * 36 * 5, 1), draw(9 * 5 * 4, 2)];
      const g = draw(2 * outHeight * outHeight * 4, 3);
      const at = { g: ground.put(g), w: ground.put(w), y: ground.put(y) };
      const dx = ground.room(y.length);
      const activation = activationCodes.relu;
      ground.run('convBack', { ...at, dx, ...picture, filters: 4, add: 0, activation }, 2);
      const plain = slopes((v) => convolved(v, w, [], 2, picture, 4), y, g);
      const wanted = plain.map((flow, i) => (y[i]! > 0 ? flow : 0));
      expect(distance(ground.read(dx, y.length), wanted)).toBeLessThan(2e-5);
    }
  });
});

describe('a depthwise convolution', () => {
  test('is what its loops say and learns by finite differences', () => {
    fc.assert(
      fc.property(pictures, ({ rows, picture }) => {
        const ground = new Ground();
        const { height, width, channels, kernelHeight, kernelWidth, outHeight, outWidth } = picture;
        const x = draw(rows * height * width * channels, 1);
        const w = draw(kernelHeight * kernelWidth * channels, 2);
        const b = draw(channels, 3);
        const g = draw(rows * outHeight * outWidth * channels, 4);
        const [out, dw, dx] = [ground.room(g.length), ground.room(w.length), ground.room(x.length)];
        const at = { x: ground.put(x), w: ground.put(w), b: ground.put(b), g: ground.put(g) };
        ground.run('depthwise', { x: at.x, w: at.w, b: at.b, out, ...picture, activation: 0 }, rows);
        ground.run('depthwiseSlope', { x: at.x, g: at.g, dw, ...picture, addSlope: 0 }, rows);
        ground.run('depthwiseBack', { g: at.g, w: at.w, dx, ...picture, add: 0 }, rows);
        const byW = slopes((v) => convolvedEach(x, v, [], rows, picture), w, g);
        const byX = slopes((v) => convolvedEach(v, w, [], rows, picture), x, g);
        expect(distance(ground.read(out, g.length), convolvedEach(x, w, b, rows, picture))).toBeLessThan(
          1e-5,
        );
        expect(distance(ground.read(dw, w.length), byW)).toBeLessThan(2e-5);
        expect(distance(ground.read(dx, x.length), byX)).toBeLessThan(2e-5);
      }),
      { numRuns: 40 },
    );
  });
});
