/** Dense layers that follow a list of what is not zero: the bits of those that multiply everything. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UNIT } from '../../../nn/data/row-bytes.ts';
import { activationCodes, address, listNumbers, nowhere, ProgramWriter } from '../../../nn/fused/opcodes.ts';
import { draw, Ground } from './ground.ts';

const cases = fc.record({
  rows: fc.integer({ min: 1, max: 13 }),
  micro: fc.integer({ min: 1, max: 13 }),
  ins: fc.integer({ min: 4, max: 70 }),
  units: fc.integer({ min: 1, max: 37 }),
  /** Of 256 inputs so many are not zero: from none to most of them. */
  dense: fc.integer({ min: 0, max: 256 }),
  asBytes: fc.boolean(),
  bias: fc.boolean(),
  activation: fc.constantFrom(activationCodes.linear, activationCodes.relu, activationCodes.tanh),
  seed: fc.nat(10_000),
});

type Case = typeof cases extends fc.Arbitrary<infer C> ? C : never;

/** Bytes of a picture: mostly zero, or not. */
const picture = ({ rows, ins, dense, seed }: Case) => {
  const [where, what] = [draw(rows * ins, seed), draw(rows * ins, seed + 1)];
  return Uint8Array.from(where, (at, i) => ((at + 1) * 128 < dense ? 1 + Math.abs(what[i]!) * 254 : 0));
};

/** Forward and towards the weights, by the list or without it. */
function layer(one: Case, listed: boolean) {
  const { rows, ins, units, activation, seed } = one;
  const ground = new Ground();
  const pixels = picture(one);
  const numbers = Float32Array.from(pixels, (byte) => UNIT[byte]!);
  const asBytes = listed && one.asBytes;
  const inputs = asBytes ? ground.room(Math.ceil(pixels.length / 4)) : ground.put(numbers);
  if (asBytes) ground.engine.u8.set(pixels, inputs);
  const [w, b] = [ground.put(draw(ins * units, seed + 2)), ground.put(draw(units, seed + 3))];
  const [out, dw] = [ground.room(units * rows), ground.room(ins * units)];
  const sourceCell = ground.room(1);
  ground.engine.i32[sourceCell / 4] = Number(asBytes);
  const size = listNumbers(ins);
  const list = ground.room(size.perRow * Math.min(rows, one.micro) + size.fixed);
  const h = ground.room(units * Math.min(rows, one.micro));
  const writer = new ProgramWriter();
  const [x, bias] = [address('inputs', 0), one.bias ? b : nowhere];
  const sizes = { ins, units };
  if (listed) {
    writer.emit('listNonzero', { x, list, ins, sourceCell });
    writer.emit('denseListed', { list, x, w, b: bias, out: h, ...sizes, activation });
    writer.emit('denseListedSlope', { list, x, g: h, dw, ...sizes, addSlope: 0 });
  } else {
    writer.emit('dense', { x, w, b: bias, out: h, places: 1, ...sizes, activation });
    writer.emit('denseSlope', { x, g: h, dw, places: 1, ...sizes, addSlope: 0 });
  }
  writer.emit('keepRows', { x: h, out, size: units });
  ground.runAll(writer, rows, one.micro, { inputs, inputBytes: ins * (asBytes ? 1 : 4) });
  return { out: ground.read(out, units * rows), dw: ground.read(dw, ins * units) };
}

describe('a dense layer on inputs that are mostly zero', () => {
  test('gives the very numbers that multiplying every zero gives, floats or bytes, few zeros or many', () => {
    fc.assert(
      fc.property(cases, (one) => {
        expect(layer(one, true)).toEqual(layer(one, false));
      }),
      { numRuns: 150 },
    );
  });

  test('hands on an input that is not a number', () => {
    const ground = new Ground();
    const ins = 8;
    const x = new Float32Array(4 * ins);
    x[2 * ins + 5] = Number.NaN;
    const size = listNumbers(ins);
    const [list, out] = [ground.room(size.perRow * 4 + size.fixed), ground.room(4)];
    const sourceCell = ground.put([0]);
    const at = ground.put(x);
    const w = ground.put(draw(ins, 1));
    const writer = new ProgramWriter();
    writer.emit('listNonzero', { x: at, list, ins, sourceCell });
    const sizes = { ins, units: 1, activation: activationCodes.relu };
    writer.emit('denseListed', { list, x: at, w, b: nowhere, out, ...sizes });
    ground.runAll(writer, 4);
    expect([...ground.read(out, 4)]).toEqual([0, 0, Number.NaN, 0]);
  });
});
