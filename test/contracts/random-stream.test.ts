/** Randomness that comes back with its seed: exact values, because every replay depends on them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream, resumeStream } from '../../contracts/index.ts';

const words = (seed: number | string, count: number) => {
  const stream = randomStream(seed);
  return Array.from({ length: count }, () => Math.round(stream.next() * 2 ** 32));
};

describe('a random stream', () => {
  it('gives these numbers for these seeds, for ever', () => {
    expect(words(0, 5)).toEqual([1789933344, 44971166, 2521387044, 3848737593, 1138324114]);
    expect(words(4294967295, 3)).toEqual([4104197751, 1825856343, 1152209388]);
    expect(words('spirals', 3)).toEqual([1643496606, 721461924, 1537554638]);
    expect(randomStream(7).split('batches').next()).toBe(0.4028549459762871);
    expect(randomStream(7).normal()).toBeCloseTo(0.16041188673684276, 14);
  });

  it('goes on from a saved state as if nothing had happened', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat({ max: 50 }), (seed, drawn) => {
        const stream = randomStream(seed);
        for (let i = 0; i < drawn; i++) stream.next();
        const state = stream.save();
        const ahead = Array.from({ length: 20 }, () => stream.next());
        const resumed = resumeStream(JSON.parse(JSON.stringify(state)));
        stream.load(state);

        expect(Array.from({ length: 20 }, () => resumed.next())).toEqual(ahead);
        expect(Array.from({ length: 20 }, () => stream.next())).toEqual(ahead);
      }),
    );
  });

  it('splits into children that do not move it, nor each other', () => {
    const parent = randomStream(1);
    const alone = randomStream(1);
    const [left, right] = [parent.split('left'), parent.split('right')];
    for (let i = 0; i < 1000; i++) left.next();

    expect(parent.save()).toEqual(alone.save());
    expect(right.next()).toBe(alone.split('right').next());
  });

  it('gives different children for different labels and parents', () => {
    const firsts = new Set<number>();
    for (let seed = 0; seed < 50; seed++) {
      for (let label = 0; label < 50; label++) firsts.add(randomStream(seed).split(`label-${label}`).next());
    }

    expect(firsts.size).toBe(2500);
  });

  it('has children that do not follow one another', () => {
    const parent = randomStream(3);
    const [a, b] = [parent.split('a'), parent.split('b')];
    let product = 0;
    for (let i = 0; i < 20_000; i++) product += (a.next() - 0.5) * (b.next() - 0.5);

    expect(Math.abs(product / 20_000) * 12).toBeLessThan(0.03);
  });

  it('fills twenty equal bins evenly', () => {
    const stream = randomStream(11);
    const bins = new Array<number>(20).fill(0);
    for (let i = 0; i < 100_000; i++) bins[stream.below(20)]! += 1;
    const chiSquare = bins.reduce((sum, count) => sum + (count - 5000) ** 2 / 5000, 0);

    expect(chiSquare).toBeLessThan(43.8); // 19 degrees of freedom, p = 0.001
  });

  it('draws normals with mean 0 and variance 1, all finite', () => {
    const stream = randomStream(13);
    const draws = Array.from({ length: 50_000 }, () => stream.normal());
    const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length;
    const variance = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length;

    expect(draws.every(Number.isFinite)).toBe(true);
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
  });

  it('stays within its bounds', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 1_000_000 }), (seed, bound) => {
        const drawn = randomStream(seed).below(bound);
        expect(Number.isInteger(drawn) && drawn >= 0 && drawn < bound).toBe(true);
      }),
    );
  });
});
