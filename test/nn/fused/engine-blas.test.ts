/** A library for products in place of the engine's own: the same numbers but for rounding. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Blas, withBlas } from '../../../nn/fused/blas.ts';
import { wholeShare } from '../../../nn/fused/engine.ts';
import { activationCodes, address, nowhere, ProgramWriter } from '../../../nn/fused/opcodes.ts';
import { scratchBytes } from '../../../nn/fused/scratch.ts';
import { distance, draw, Ground } from './ground.ts';

/** CBLAS in plain loops, counting its calls. */
function loops(): Blas & { calls: number } {
  return {
    name: 'loops',
    calls: 0,
    product(turnA, turnB, [m, n, k], a, aStep, b, bStep, keep, c, cStep) {
      this.calls++;
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let sum = keep === 1 ? c[i * cStep + j]! : 0;
          for (let p = 0; p < k; p++)
            sum += a[turnA ? p * aStep + i : i * aStep + p]! * b[turnB ? j * bStep + p : p * bStep + j]!;
          c[i * cStep + j] = sum;
        }
    },
  };
}

const [rows, ins, units, outs] = [125, 96, 80, 32];

/** Two layers and back, or the same as convolutions of one pixel. */
function emitNetwork(
  writer: ProgramWriter,
  at: Record<'w1' | 'b1' | 'w2', number>,
  pixels: boolean,
  bend: number,
) {
  const here = (float: number) => address('half', float * 4);
  const [h, g, gh, dw1, dw2] = [here(0), here(70_000), here(140_000), here(160_000), here(170_000)] as const;
  const x = address('inputs', 0);
  const pixel = { height: 2, width: 3, kernelHeight: 1, kernelWidth: 1, strideHeight: 1, strideWidth: 1 };
  const picture = { ...pixel, padTop: 0, padLeft: 0, outHeight: 2, outWidth: 3 };
  const t = address('targets', 0);
  if (pixels) {
    const sizes = { ...picture, channels: ins / 6, filters: units };
    writer.emit('conv', { x, w: at.w1, b: at.b1, out: h, ...sizes, activation: bend });
    writer.emit('product', { a: h, b: h, out: g, size: 6 * units, add: 0 });
    writer.emit('convSlope', { x, g, dw: dw1, ...sizes, addSlope: 0 });
    writer.emit('convBack', { g, w: at.w1, dx: gh, ...sizes, add: 0, y: x, activation: bend });
    return { h, dw1, dw2: dw1, gh, sizes: [6 * units, (ins / 6) * units, 0, ins] as const };
  }
  const [first, second] = [
    { places: 1, ins, units },
    { places: 1, ins: units, units: outs },
  ];
  writer.emit('dense', { x, w: at.w1, b: at.b1, out: h, ...first, activation: bend });
  writer.emit('dense', { x: h, w: at.w2, b: nowhere, out: g, ...second, activation: 0 });
  writer.emit('sum', { a: g, b: t, out: g, size: outs });
  writer.emit('denseSlope', { x: h, g, dw: dw2, ...second, addSlope: 0 });
  writer.emit('denseBack', { g, w: at.w2, dx: gh, ...second, add: 0, y: h, activation: bend });
  writer.emit('denseSlope', { x, g: gh, dw: dw1, ...first, addSlope: 0 });
  return { h, dw1, dw2, gh, sizes: [units, ins * units, units * outs, units] as const };
}

function outcome(blas: Blas | null, micro: number, pixels: boolean, bend: number) {
  const ground = new Ground();
  const { engine } = ground;
  const at = {
    w1: ground.put(draw(ins * units, 1)),
    b1: ground.put(draw(units, 2)),
    w2: ground.put(draw(units * outs, 3)),
  };
  const writer = new ProgramWriter();
  const { h, dw1, dw2, gh, sizes } = emitNetwork(writer, at, pixels, bend);
  const words = writer.words();
  const program = ground.room(words.length);
  engine.load(program, words);
  const half = ground.room(180_000);
  const blocks = {
    half,
    scratch: ground.room(scratchBytes(words, micro) / 4),
    inputs: ground.put(draw(rows * ins, 4)),
    targets: ground.put(draw(rows * outs, 5)),
  };
  const share = { ...wholeShare, ...blocks, rows, micro, inputBytes: ins * 4, targetBytes: outs * 4 };
  const runner = blas === null ? engine : withBlas(engine, blas);
  runner.run({ begin: program, end: program + words.length * 4 }, share);
  const last = rows % micro || micro;
  const read = (operand: number, count: number) => [...ground.read(half + (operand & ~3), count)];
  return [
    read(h, last * sizes[0]),
    read(dw1, sizes[1]),
    read(dw2, sizes[2]),
    read(gh, last * sizes[3]),
  ].flat();
}

describe('products by a library', () => {
  test('come to what the engine comes to, in every form a program has them', () => {
    const micros = fc.constantFrom(125, 50);
    const bends = fc.constantFrom(activationCodes.linear, activationCodes.relu, activationCodes.tanh);
    fc.assert(
      fc.property(micros, fc.boolean(), bends, (micro, pixels, bend) => {
        const blas = loops();
        const found = outcome(blas, micro, pixels, bend);
        expect(blas.calls).toBeGreaterThan(0);
        expect(distance(found, outcome(null, micro, pixels, bend))).toBeLessThan(5e-4);
      }),
      { numRuns: 12 },
    );
  });

  test('are not asked for when there is little to multiply', () => {
    const blas = loops();
    const ground = new Ground();
    const writer = new ProgramWriter();
    const out = ground.room(4);
    const blocks = { x: ground.put([1, 2]), w: ground.put([1, 2, 3, 4]), b: nowhere, out };
    writer.emit('dense', { ...blocks, places: 1, ins: 2, units: 2, activation: 0 });
    const program = ground.room(writer.length);
    ground.engine.load(program, writer.words());
    const scratch = ground.room(scratchBytes(writer.words(), 1) / 4);
    const segment = { begin: program, end: program + writer.length * 4 };
    withBlas(ground.engine, blas).run(segment, { ...wholeShare, scratch });
    expect(blas.calls).toBe(0);
    expect([...ground.read(out, 2)]).toEqual([7, 10]);
  });
});
