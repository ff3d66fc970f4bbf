/** The engine around the kernels: memory that grows, programs in segments, micro-batches, halves. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createEngine, wholeShare } from '../../../nn/fused/engine.ts';
import { address, instructions, nowhere, ProgramWriter } from '../../../nn/fused/opcodes.ts';
import { scratchBytes } from '../../../nn/fused/scratch.ts';
import { draw, Ground } from './ground.ts';

describe('the memory of an engine', () => {
  test('keeps its numbers when it grows', () => {
    const engine = createEngine({ bytes: 100_000, shared: false });
    engine.f32[20] = 1.5;
    const before = engine.bytes;
    engine.reserve(3_000_000);
    expect(engine.bytes).toBeGreaterThan(before);
    expect(engine.f32[20]).toBe(1.5);
    expect(engine.f32.length).toBe(engine.bytes / 4);
    const after = engine.bytes;
    engine.reserve(2_000_000);
    expect(engine.bytes).toBe(after);
  });

  test('is refused in words when there is not so much', () => {
    expect(() => createEngine({ bytes: 5e9, shared: false })).toThrow(/4769 MiB in one piece/);
    const engine = createEngine({ bytes: 1_000, shared: false });
    expect(() => engine.reserve(5e9)).toThrow(expect.objectContaining({ code: 'NN_ENGINE_TOO_LARGE' }));
  });

  test('can be shared', () => {
    const engine = createEngine({ bytes: 1_000, shared: true });
    expect(engine.memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    engine.reserve(1_000_000);
    engine.f32[100_000] = 2;
    expect(engine.f32[100_000]).toBe(2);
  });
});

describe('a program', () => {
  test('runs by segments, each from where it begins to where it ends', () => {
    const ground = new Ground();
    const [a, b] = [ground.put([1, 2, 3]), ground.put([10, 20, 30])];
    const out = ground.put([0, 0, 0]);
    const writer = new ProgramWriter();
    writer.emit('sum', { a, b, out, size: 3 });
    const middle = writer.length;
    writer.emit('sum', { a: out, b, out, size: 3 });
    const words = writer.words();
    const at = ground.room(words.length);
    ground.engine.load(at, words);
    ground.engine.run({ begin: at, end: at + middle * 4 }, wholeShare);
    expect([...ground.read(out, 3)]).toEqual([11, 22, 33]);
    ground.engine.run({ begin: at + middle * 4, end: at + words.length * 4 }, wholeShare);
    expect([...ground.read(out, 3)]).toEqual([21, 42, 63]);
  });

  test('that holds what is no instruction is refused with its place', () => {
    const ground = new Ground();
    const at = ground.room(2);
    ground.engine.i32.set([55, 0], at / 4);
    const run = () => ground.engine.run({ begin: at, end: at + 8 }, wholeShare);
    expect(run).toThrow(expect.objectContaining({ code: 'NN_ENGINE_BROKEN', details: { address: at } }));
  });

  test('has one number per instruction, and the engine knows each', () => {
    const codes = Object.values(instructions).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const { code, operands } of Object.values(instructions)) {
      const ground = new Ground(200_000);
      const at = ground.room(1 + operands.length);
      // All operands nowhere and all sizes zero: nothing happens, but it is understood.
      ground.engine.i32.fill(0, at / 4, at / 4 + 1 + operands.length);
      ground.engine.i32[at / 4] = code | (operands.length << 8);
      const end = at + 4 + operands.length * 4;
      if (divides.has(code)) continue;
      expect(() => ground.engine.run({ begin: at, end }, { ...wholeShare, rows: 0 })).not.toThrow();
      expect(() => ground.engine.run({ begin: at, end }, wholeShare)).not.toThrow();
    }
  });
});

/** These divide by the number of heads, which cannot be none. */
const divides: ReadonlySet<number> = new Set([instructions.attend.code, instructions.attendBack.code]);

/** A small network of every product: forward, loss, back; gradients and outputs of all rows are left behind. */
function pass(rows: number, micro: number) {
  const ground = new Ground();
  const { engine } = ground;
  const [w1, w2] = [ground.put(draw(9 * 2 * 5, 1)), ground.put(draw(180 * 3, 2))];
  const inputs = ground.put(draw(rows * 72, 3));
  const targets = ground.put(Array.from({ length: rows * 3 }, (_, i) => Number(i % 3 === i % 2)));
  const inverseRowsCell = ground.put([1 / rows]);
  const outputs = ground.room(rows * 3);
  const half = ground.room(20_000);
  const here = (float: number) => address('half', float * 4);
  const picture = {
    height: 6,
    width: 6,
    channels: 2,
    kernelHeight: 3,
    kernelWidth: 3,
    outHeight: 6,
    outWidth: 6,
  };
  const window = { ...picture, strideHeight: 1, strideWidth: 1, padTop: 1, padLeft: 1, filters: 5 };
  const [h, z, gz, gh, dw1, dw2] = [1000, 5000, 5100, 6000, 10, 200].map(here) as [
    number,
    ...number[],
  ] as never as [...[number, number, number, number, number, number]];
  const writer = new ProgramWriter();
  const x = address('inputs', 0);
  const last = { places: 1, ins: 180, units: 3 };
  writer.emit('conv', { x, w: w1, b: nowhere, out: h, ...window, activation: 1 });
  writer.emit('dense', { x: h, w: w2, b: nowhere, out: z, ...last, activation: 0 });
  writer.emit('keepRows', { x: z, out: outputs, size: 3 });
  const t = address('targets', 0);
  const lossCell = here(2);
  writer.emit('softmaxLoss', { z, t, g: gz, width: 3, inverseRowsCell, lossCell, addSlope: 0 });
  writer.emit('denseSlope', { x: h, g: gz, dw: dw2, ...last, addSlope: 0 });
  writer.emit('denseBack', { g: gz, w: w2, dx: gh, ...last, add: 0, y: h, activation: 1 });
  writer.emit('convSlope', { x, g: gh, dw: dw1, ...window, addSlope: 0 });
  const words = writer.words();
  const at = ground.room(words.length);
  engine.load(at, words);
  const scratch = ground.room(scratchBytes(words, micro) / 4);
  const blocks = { half, scratch, inputs, inputBytes: 288, targets, targetBytes: 12 };
  engine.run({ begin: at, end: at + words.length * 4 }, { first: 0, rows, micro, ...blocks });
  return {
    outputs: ground.read(outputs, rows * 3),
    loss: ground.readDoubles(half + 8, 1)[0]!,
    slopes: [...ground.read(half + 40, 90), ...ground.read(half + 800, 540)],
  };
}

describe('a micro-batch', () => {
  test('leaves the same bits in a row wherever the row lies in it', () => {
    const whole = pass(13, 13);
    for (const micro of [1, 2, 4, 5]) expect(pass(13, micro).outputs).toEqual(whole.outputs);
  });

  test('adds its slopes to those before it, without anybody clearing them', () => {
    const whole = pass(13, 13);
    for (const micro of [1, 4, 6]) {
      const parts = pass(13, micro);
      expect(parts.loss).toBeCloseTo(whole.loss, 9);
      for (const [i, slope] of parts.slopes.entries()) expect(slope).toBeCloseTo(whole.slopes[i]!, 5);
    }
  });

  test('comes to the same bits on every version of Node', () => {
    const { outputs, slopes, loss } = pass(13, 4);
    const bytes = new Uint8Array(new Float64Array([...outputs, ...slopes, loss]).buffer);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(
      'af669955869764af487b9fefba6d4d333d82839f6571f78cceab9589e4837026',
    );
  });
});
