/** Norms, attention, activations and embeddings in the fused engine, against plain loops and finite differences. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dropoutMask, dropoutSeed } from '../../../nn/dropout-mask.ts';
import { activationCodes, nowhere } from '../../../nn/fused/opcodes.ts';
import { distance, draw, Ground, type Numbers, slopes } from './ground.ts';

const sequences = fc.record({
  rows: fc.integer({ min: 1, max: 4 }),
  places: fc.integer({ min: 2, max: 6 }),
  channels: fc.integer({ min: 2, max: 11 }),
});

/** (x - mean) / deviation * gamma + beta over groups that `groupOf` names; gamma and beta by channel. */
function normed(x: Numbers, gamma: Numbers, beta: Numbers, groupOf: (i: number) => number): Float64Array {
  const groups = new Map<number, number[]>();
  Array.from(x).forEach((_, i) => void groups.set(groupOf(i), [...(groups.get(groupOf(i)) ?? []), i]));
  const out = new Float64Array(x.length);
  for (const members of groups.values()) {
    const mean = members.reduce((sum, i) => sum + x[i]!, 0) / members.length;
    const variance = members.reduce((sum, i) => sum + (x[i]! - mean) ** 2, 0) / members.length;
    for (const i of members) {
      const c = i % gamma.length;
      out[i] = ((x[i]! - mean) / Math.sqrt(variance + 0.001)) * gamma[c]! + beta[c]!;
    }
  }
  return out;
}

describe('a norm', () => {
  test('of a batch or a layer has the figures and gradients of its formula', () => {
    fc.assert(
      fc.property(sequences, fc.constantFrom('batch', 'layer'), ({ rows, places, channels }, kind) => {
        const ground = new Ground();
        const x = draw(rows * places * channels, 1);
        const [gamma, beta, g] = [draw(channels, 2), draw(channels, 3), draw(x.length, 4)];
        const groupOf = (i: number) => (kind === 'batch' ? i % channels : Math.floor(i / channels));
        const formula = (a: Numbers, b: Numbers, c: Numbers) => normed(a, b, c, groupOf);
        const stats = ground.room(Math.max(3 * channels, 2 * rows * places));
        const at = { x: ground.put(x), gamma: ground.put(gamma), stats, places, channels };
        const out = ground.room(x.length);
        const forward = { ...at, beta: ground.put(beta), out, epsilon: 0.001 };
        if (kind === 'batch') ground.run('batchNorm', forward, rows);
        else ground.run('layerNorm', forward, rows);
        expect(distance(ground.read(out, x.length), formula(x, gamma, beta))).toBeLessThan(2e-5);
        const [dx, dgamma, dbeta] = [ground.room(x.length), ground.room(channels), ground.room(channels)];
        const back = { ...at, g: ground.put(g), dx, dgamma, dbeta, add: 0, addSlope: 0 };
        if (kind === 'batch') ground.run('batchNormBack', back, rows);
        else ground.run('layerNormBack', back, rows);
        const byX = slopes((v) => formula(v, gamma, beta), x, g);
        const byGamma = slopes((v) => formula(x, v, beta), gamma, g);
        const byBeta = slopes((v) => formula(x, gamma, v), beta, g);
        expect(distance(ground.read(dx, x.length), byX)).toBeLessThan(2e-4);
        expect(distance(ground.read(dgamma, channels), byGamma)).toBeLessThan(1e-4);
        expect(distance(ground.read(dbeta, channels), byBeta)).toBeLessThan(1e-4);
      }),
      { numRuns: 50 },
    );
  });

  test('at rest uses its running figures, and these follow the batch', () => {
    const ground = new Ground();
    const [rows, channels] = [6, 5];
    const [x, g, mean] = [draw(rows * channels, 1), draw(rows * channels, 2), draw(channels, 3)];
    const variance = draw(channels, 4).map((v) => v * v + 0.1);
    const stats = ground.room(3 * channels);
    const at = { mean: ground.put(mean), variance: ground.put(variance), stats, channels, epsilon: 0.001 };
    ground.run('restingStats', at, 1);
    const out = ground.room(x.length);
    const block = { x: ground.put(x), gamma: nowhere, stats, places: 1, channels };
    ground.run('affine', { ...block, beta: nowhere, out }, rows);
    const formula = (v: Numbers) =>
      Float64Array.from(v, (z, i) => (z - mean[i % channels]!) / Math.sqrt(variance[i % channels]! + 0.001));
    expect(distance(ground.read(out, x.length), formula(x))).toBeLessThan(1e-5);
    const dx = ground.room(x.length);
    const rest = { dgamma: nowhere, dbeta: nowhere, add: 0, addSlope: 0 };
    ground.run('affineBack', { ...block, g: ground.put(g), dx, ...rest }, rows);
    expect(distance(ground.read(dx, x.length), slopes(formula, x, g))).toBeLessThan(1e-4);
    const running = ground.put(mean);
    const batch = ground.put(variance);
    ground.run('follow', { running, batch, count: channels, momentum: 0.9, rest: 0.1 }, 1);
    const followed = mean.map((m, i) => 0.9 * m + 0.1 * variance[i]!);
    expect(distance(ground.read(running, channels), followed)).toBeLessThan(1e-6);
  });
});

/** Scaled dot-product attention, head by head. */
function attended(
  q: Numbers,
  k: Numbers,
  v: Numbers,
  rows: number,
  places: number,
  width: number,
  heads: number,
) {
  const out = new Float64Array(q.length);
  const size = width / heads;
  const at = (n: number, p: number, c: number) => (n * places + p) * width + c;
  for (let n = 0; n < rows; n++)
    for (let head = 0; head < heads; head++)
      for (let p = 0; p < places; p++) {
        const first = head * size;
        const shares = Array.from({ length: places }, (_, o) => {
          let dot = 0;
          for (let c = first; c < first + size; c++) dot += q[at(n, p, c)]! * k[at(n, o, c)]!;
          return Math.exp(dot / Math.sqrt(size));
        });
        const total = shares.reduce((a, b) => a + b, 0);
        for (let o = 0; o < places; o++)
          for (let c = first; c < first + size; c++)
            out[at(n, p, c)]! += (shares[o]! / total) * v[at(n, o, c)]!;
      }
  return out;
}

describe('attention', () => {
  test('weighs values by how keys answer queries, with the gradients of finite differences', () => {
    const sizes = fc.record({
      rows: fc.integer({ min: 1, max: 2 }),
      places: fc.integer({ min: 1, max: 6 }),
      heads: fc.integer({ min: 1, max: 3 }),
      size: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(sizes, fc.boolean(), ({ rows, places, heads, size }, add) => {
        const ground = new Ground();
        const width = heads * size;
        const [q, k, v, g, before] = [1, 2, 3, 4, 5].map((seed) =>
          draw(rows * places * width, seed).map((x) => 2 * x),
        );
        const [out, shares] = [ground.room(g!.length), ground.room(rows * heads * places * places)];
        const at = { q: ground.put(q!), k: ground.put(k!), v: ground.put(v!), shares, places, width, heads };
        ground.run('attend', { ...at, out }, rows);
        const formula = (a: Numbers, b: Numbers, c: Numbers) => attended(a, b, c, rows, places, width, heads);
        expect(distance(ground.read(out, g!.length), formula(q!, k!, v!))).toBeLessThan(1e-5);
        const [dq, dk, dv] = [ground.put(before!), ground.put(before!), ground.put(before!)];
        const adds = { addQ: Number(add), addK: Number(!add), addV: Number(add) };
        ground.run('attendBack', { ...at, g: ground.put(g!), dq, dk, dv, ...adds }, rows);
        const wanted = (slope: Numbers, with_: number) =>
          Float64Array.from(slope, (s, i) => s + with_ * before![i]!);
        const byQ = slopes((x) => formula(x, k!, v!), q!, g!);
        const byK = slopes((x) => formula(q!, x, v!), k!, g!);
        const byV = slopes((x) => formula(q!, k!, x), v!, g!);
        expect(distance(ground.read(dq, g!.length), wanted(byQ, adds.addQ))).toBeLessThan(2e-5);
        expect(distance(ground.read(dk, g!.length), wanted(byK, adds.addK))).toBeLessThan(2e-5);
        expect(distance(ground.read(dv, g!.length), wanted(byV, adds.addV))).toBeLessThan(2e-5);
      }),
      { numRuns: 40 },
    );
  });
});

const curves = {
  relu: (z: number) => Math.max(0, z),
  tanh: Math.tanh,
  sigmoid: (z: number) => 1 / (1 + Math.exp(-z)),
  gaussian: (z: number) => Math.exp(-z * z),
};

describe('an activation', () => {
  test.each(['relu', 'tanh', 'sigmoid', 'gaussian'] as const)(
    '%s is exact to a few roundings',
    (activation) => {
      const ground = new Ground();
      const z = Float32Array.from({ length: 40_001 }, (_, i) => (i - 20_000) / 1_900 + (i % 7) * 1e-4);
      const out = ground.room(z.length);
      ground.run(
        'activate',
        { z: ground.put(z), out, size: z.length, activation: activationCodes[activation] },
        1,
      );
      const found = ground.read(out, z.length);
      let worst = 0;
      for (const [i, y] of found.entries()) {
        const wanted = curves[activation](z[i]!);
        worst = Math.max(worst, Math.abs(y - wanted) / Math.max(Math.abs(wanted), 1e-30));
      }
      // An argument z^2 of the bell that is rounded moves the bell by z^2 roundings.
      expect(worst).toBeLessThan(activation === 'gaussian' ? 1e-5 : 6e-7);
    },
  );

  test('takes what is not finite as it comes', () => {
    const ground = new Ground();
    const z = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e30, -1e30];
    const found = (activation: keyof typeof curves) => {
      const out = ground.room(5);
      ground.run('activate', { z: ground.put(z), out, size: 5, activation: activationCodes[activation] }, 1);
      return [...ground.read(out, 5)];
    };
    expect(found('relu')).toEqual([Number.NaN, Number.POSITIVE_INFINITY, 0, Math.fround(1e30), 0]);
    expect(found('tanh')).toEqual([Number.NaN, 1, -1, 1, -1]);
    expect(found('sigmoid')).toEqual([Number.NaN, 1, 0, 1, 0]);
    expect(found('gaussian')).toEqual([Number.NaN, 0, 0, 0, 0]);
  });

  test.each(['relu', 'tanh', 'sigmoid', 'gaussian'] as const)(
    '%s has the gradient of its curve',
    (activation) => {
      const ground = new Ground();
      const [z, g] = [draw(29, 1).map((v) => 3 * v), draw(29, 2)];
      const curve = (v: Numbers) => Float64Array.from(v, curves[activation]);
      const dz = ground.room(29);
      const at = { z: ground.put(z), y: ground.put(curve(z)), g: ground.put(g) };
      ground.run('activateBack', { ...at, dz, size: 29, activation: activationCodes[activation], add: 0 }, 1);
      expect(distance(ground.read(dz, 29), slopes(curve, z, g))).toBeLessThan(2e-6);
    },
  );
});

describe('an embedding', () => {
  test('looks words up, adds their gradients, and answers NaN for a word that is none', () => {
    const ground = new Ground();
    const [ids, table, g] = [[3, 0, 3, 1], draw(4 * 5, 1), draw(4 * 5, 2)];
    const size = { places: 2, words: 4, width: 5 };
    const [out, dtable] = [ground.room(20), ground.room(20)];
    ground.run('embed', { ids: ground.put(ids), table: ground.put(table), out, ...size }, 2);
    const looked = (t: Numbers) => Float64Array.from(g, (_, i) => t[ids[Math.floor(i / 5)]! * 5 + (i % 5)]!);
    expect(distance(ground.read(out, 20), looked(table))).toBe(0);
    ground.run('embedSlope', { ids: ground.put(ids), g: ground.put(g), dtable, ...size, addSlope: 0 }, 2);
    expect(distance(ground.read(dtable, 20), slopes(looked, table, g))).toBeLessThan(1e-5);
    ground.run(
      'embed',
      { ids: ground.put([4, -1, Number.NaN, 0]), table: ground.put(table), out, ...size },
      2,
    );
    expect([...ground.read(out, 20)].map(Number.isNaN)).toEqual(Array.from({ length: 20 }, (_, i) => i < 15));
  });
});

describe('a dropout', () => {
  test('drops what the tensor plan drops', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 11 }),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        (size, rate) => {
          const ground = new Ground();
          const rows = 9;
          const a = draw(rows * size, 1);
          const seed = dropoutSeed('dropout3', 41);
          // What `dropoutSeed` makes of the key alone: undo the step's part.
          const key = (seed ^ Math.imul(42, 0x9e3779b9)) | 0;
          const stepCell = ground.put([0]);
          ground.engine.i32[stepCell / 4] = 41;
          const inputs = { a: ground.put(a), size, rate, key, stepCell, add: 0 };
          const out = ground.room(a.length);
          ground.run('dropout', { ...inputs, out }, rows);
          const mask = dropoutMask(seed, a.length, rate);
          const wanted = a.map((v, i) => v * mask[i]!);
          expect(distance(ground.read(out, a.length), wanted)).toBeLessThan(1e-6);
        },
      ),
    );
  });
});
