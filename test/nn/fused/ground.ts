/** Where one instruction is tried: numbers go in, the instruction runs, numbers come out. */
import { createEngine, type Engine, type Share, wholeShare } from '../../../nn/fused/engine.ts';
import { address, type InstructionName, type OperandsOf, ProgramWriter } from '../../../nn/fused/opcodes.ts';
import { scratchBytes } from '../../../nn/fused/scratch.ts';

export type Numbers = readonly number[] | Float32Array | Float64Array;

/** What guards the end of every block: a kernel must not write there. */
const guard = -12345.5;

/** A row of blocks in a small engine, each with a guard behind it. */
export class Ground {
  readonly engine: Engine;
  #top = 1024;
  readonly #guards: number[] = [];

  constructor(bytes = 4_000_000, shared = false) {
    this.engine = createEngine({ bytes, shared });
  }

  /** A block with these numbers. @returns its operand */
  put(numbers: Numbers): number {
    const at = this.room(numbers.length);
    this.engine.f32.set(numbers, at / 4);
    return at;
  }

  /** A block of `count` numbers that nobody has written yet. */
  room(count: number): number {
    const at = this.#top;
    this.engine.f32.fill(Number.NaN, at / 4, at / 4 + count);
    this.engine.f32.fill(guard, at / 4 + count, at / 4 + count + 4);
    this.#guards.push(at / 4 + count);
    this.#top = (at + count * 4 + 16 + 63) & ~63;
    return address('shared', at);
  }

  read(operand: number, count: number): Float32Array {
    return this.engine.f32.slice(operand / 4, operand / 4 + count);
  }

  readDoubles(operand: number, count: number): Float64Array {
    return this.engine.f64.slice(operand / 8, operand / 8 + count);
  }

  /** Runs one instruction on `rows` rows. */
  run<N extends InstructionName>(name: N, operands: OperandsOf<N>, rows: number, micro = rows): void {
    const writer = new ProgramWriter();
    writer.emit(name, operands);
    this.runAll(writer, rows, micro);
  }

  /** @param batch where the inputs of the batch are, for operands that count from there */
  runAll(
    writer: ProgramWriter,
    rows: number,
    micro = rows,
    batch: Pick<Share, 'inputs' | 'inputBytes'> = wholeShare,
  ): void {
    const words = writer.words();
    const program = this.room(words.length);
    this.engine.load(program, words);
    const scratch = this.room(scratchBytes(words, micro) / 4);
    const segment = { begin: program, end: program + words.length * 4 };
    const { inputs, inputBytes } = batch;
    this.engine.run(segment, { ...wholeShare, rows, micro, scratch, inputs, inputBytes });
    const broken = this.#guards.filter((at) => this.engine.f32[at] !== guard);
    if (broken.length > 0) throw new Error(`${broken.length} blocks were written beyond their end`);
  }
}

/** Numbers from -1 to 1 that depend on `seed` alone. */
export function draw(count: number, seed: number): Float32Array {
  let state = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x2545f491) >>> 0 || 1;
  return Float32Array.from({ length: count }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return (state / 4_294_967_296 - 0.5) * 2;
  });
}

/** Largest difference, relative to the size of the numbers where they are large. */
export function distance(found: Numbers, wanted: Numbers): number {
  if (found.length !== wanted.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (let i = 0; i < found.length; i++) {
    const off = Math.abs(found[i]! - wanted[i]!) / Math.max(1, Math.abs(wanted[i]!));
    // Not `Math.max`: what is not a number must not pass.
    if (!(off <= worst)) worst = off;
  }
  return worst;
}

/**
 * Gradient of `sum(weights * f(x))` by central differences, in double precision.
 * @param f of one block; the others are fixed by the caller
 */
export function slopes(f: (x: Float64Array) => Numbers, x: Numbers, weights: Numbers): Float64Array {
  const at = Float64Array.from(x);
  const step = 1e-5;
  const value = () => Array.from(f(at)).reduce((total, y, i) => total + y * weights[i]!, 0);
  return at.map((before, i) => {
    at[i] = before + step;
    const above = value();
    at[i] = before - step;
    const below = value();
    at[i] = before;
    return (above - below) / (2 * step);
  });
}
