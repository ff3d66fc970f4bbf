/** Products by a library made for this very processor, the rest by the engine: faster, but the bits differ by machine. */
import type { Engine, Segment, Share } from './engine.ts';
import { activationCodes, instructions, ProgramWriter } from './opcodes.ts';

/** A row-major product of float32 matrices, as CBLAS has it. */
export interface Blas {
  readonly name: string;
  /**
   * c `[m, n]` = op(a) . op(b) + keep * c, where op turns what is marked; k is the inner size.
   * The blocks begin where their matrices begin; `aStep`, `bStep`, `cStep` are numbers a row as stored.
   */
  product(
    turnA: boolean,
    turnB: boolean,
    sizes: readonly [m: number, n: number, k: number],
    a: Float32Array,
    aStep: number,
    b: Float32Array,
    bStep: number,
    keep: 0 | 1,
    c: Float32Array,
    cStep: number,
  ): void;
}

/** Multiply-adds below which the way out of the engine costs more than it brings. */
const worthwhile = 49_152;

/** What runs programs: an engine by itself, or with a library. */
export interface Runner {
  run(segment: Segment, share: Share): void;
}

/** An engine whose dense layers, and convolutions of one pixel, are multiplied by `blas`. On this thread only. */
export function withBlas(engine: Engine, blas: Blas): Runner {
  return {
    run(segment, share) {
      for (let row = 0; row < share.rows; row += share.micro) {
        const rows = Math.min(share.micro, share.rows - row);
        const part = { ...share, first: share.first + row, rows, micro: rows };
        runPart(engine, blas, segment, part, row === 0);
      }
    },
  };
}

function runPart(engine: Engine, blas: Blas, { begin, end }: Segment, share: Share, opening: boolean): void {
  const words = engine.i32;
  let waiting = begin;
  for (let at = begin; at < end; at += 4 + (words[at / 4]! >> 8) * 4) {
    const work = productAt(words, at / 4, share.rows);
    if (work === null || work.m * work.n * work.k < worthwhile) continue;
    if (waiting < at) engine.run({ begin: waiting, end: at }, share, opening);
    multiply(engine, blas, work, share, opening);
    waiting = at + 4 + (words[at / 4]! >> 8) * 4;
  }
  if (waiting < end) engine.run({ begin: waiting, end }, share, opening);
}

/** A product as the program means it; a, b, c, bias and y are operands. */
interface Work {
  readonly kind: 'forward' | 'slope' | 'back';
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly bias: number;
  readonly y: number;
  readonly activation: number;
  readonly add: boolean;
}

const { dense, denseSlope, denseBack, conv, convSlope, convBack } = instructions;

/**
 * Reads the instruction at word `i`; null when it is no plain product. Walked at every step, so each record is written
 * out in full: copies of parts of it would cost more than the product.
 */
function productAt(words: Int32Array, i: number, rows: number): Work | null {
  const code = words[i]! & 0xff;
  if (code === dense.code) return forwardAt(words, i, rows * words[i + 5]!, words[i + 6]!, words[i + 7]!);
  if (code === denseSlope.code) return slopeAt(words, i, words[i + 5]!, words[i + 6]!, rows * words[i + 4]!);
  if (code === denseBack.code) return backAt(words, i, rows * words[i + 4]!, words[i + 5]!, words[i + 6]!);
  if (code === conv.code && isPixelwise(words, i + 5)) {
    return forwardAt(words, i, rows * words[i + 5]! * words[i + 6]!, words[i + 7]!, words[i + 16]!);
  }
  if (code === convSlope.code && isPixelwise(words, i + 4)) {
    return slopeAt(words, i, words[i + 6]!, words[i + 15]!, rows * words[i + 4]! * words[i + 5]!);
  }
  if (code === convBack.code && isPixelwise(words, i + 4)) {
    return backAt(words, i, rows * words[i + 4]! * words[i + 5]!, words[i + 6]!, words[i + 15]!);
  }
  return null;
}

/** Blocks come first and switches last in dense layers and convolutions alike; so the last word is found by the count. */
const lastOf = (words: Int32Array, i: number) => i + (words[i]! >> 8);

function forwardAt(words: Int32Array, i: number, m: number, k: number, n: number): Work {
  const [a, b, bias, c] = [words[i + 1]!, words[i + 2]!, words[i + 3]!, words[i + 4]!];
  const activation = words[lastOf(words, i)]!;
  return { kind: 'forward', m, n, k, a, b, c, bias, y: 0, activation, add: false };
}

function slopeAt(words: Int32Array, i: number, m: number, n: number, k: number): Work {
  const [a, b, c] = [words[i + 1]!, words[i + 2]!, words[i + 3]!];
  const add = words[lastOf(words, i)] !== 0;
  return { kind: 'slope', m, n, k, a, b, c, bias: 0, y: 0, activation: 0, add };
}

function backAt(words: Int32Array, i: number, m: number, n: number, k: number): Work {
  const [a, b, c] = [words[i + 1]!, words[i + 2]!, words[i + 3]!];
  const last = lastOf(words, i);
  const [add, y, activation] = [words[last - 2] !== 0, words[last - 1]!, words[last]!];
  return { kind: 'back', m, n, k, a, b, c, bias: 0, y, activation, add };
}

/** A window of one pixel, without stride or border. `at` is the word of the operand `height`. */
function isPixelwise(words: Int32Array, at: number): boolean {
  for (let i = at + 3; i < at + 7; i++) if (words[i] !== 1) return false;
  return words[at + 7] === 0 && words[at + 8] === 0;
}

function multiply(engine: Engine, blas: Blas, work: Work, share: Share, opening: boolean): void {
  const { m, n, k } = work;
  const at = (operand: number) => engine.f32.subarray(addressOf(operand, share) / 4);
  const [a, b, c] = [at(work.a), at(work.b), at(work.c)];
  const sizes = [m, n, k] as const;
  if (work.kind === 'slope') {
    const keep = work.add || !opening ? 1 : 0;
    blas.product(true, false, sizes, a, m, b, n, keep, c, n);
    return;
  }
  if (work.kind === 'back') {
    blas.product(false, true, sizes, a, k, b, k, work.add ? 1 : 0, c, n);
    if (work.y !== 0 && work.activation !== 0) bendBack(engine, work, share);
    return;
  }
  if (work.bias !== 0) repeat(at(work.bias).subarray(0, n), c, m);
  blas.product(false, false, sizes, a, k, b, n, work.bias === 0 ? 0 : 1, c, n);
  if (work.activation !== activationCodes.linear) bend(engine, work, share);
}

function addressOf(operand: number, share: Share): number {
  const row = share.first;
  const from = [
    0,
    share.half,
    share.inputs + row * share.inputBytes,
    share.targets + row * share.targetBytes,
  ];
  return from[operand & 3]! + (operand & ~3);
}

/** `row` into the first `m` rows of `to`, doubling what is there. */
function repeat(row: Float32Array, to: Float32Array, m: number): void {
  to.set(row);
  const all = row.length * m;
  for (let done = row.length; done < all; done *= 2) to.copyWithin(done, 0, Math.min(done, all - done));
}

function bend(engine: Engine, { c, m, n, activation }: Work, share: Share): void {
  const writer = new ProgramWriter();
  writer.emit('activate', { z: c, out: c, size: (m * n) / share.rows, activation });
  runAside(engine, writer, share);
}

function bendBack(engine: Engine, { c, y, m, n, activation }: Work, share: Share): void {
  const writer = new ProgramWriter();
  const size = (m * n) / share.rows;
  writer.emit('activateBack', { z: y, y, g: c, dz: c, size, activation, add: 0 });
  runAside(engine, writer, share);
}

/** A few words in the share's scratch, which is nobody's between two instructions. */
function runAside(engine: Engine, writer: ProgramWriter, share: Share): void {
  engine.load(share.scratch, writer.words());
  engine.run({ begin: share.scratch, end: share.scratch + writer.length * 4 }, share);
}
