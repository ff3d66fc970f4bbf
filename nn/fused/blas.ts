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
const worthwhile = 16_384;

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

const none = { bias: 0, y: 0, activation: 0, add: false };
const { dense, denseSlope, denseBack, conv, convSlope, convBack } = instructions;

/** Reads the instruction at word `i`; null when it is no plain product. */
function productAt(words: Int32Array, i: number, rows: number): Work | null {
  const o = (operand: number) => words[i + 1 + operand]!;
  const blocks = { a: o(0), b: o(1), c: o(2) };
  switch (words[i]! & 0xff) {
    case dense.code: {
      const [m, k, n] = [rows * o(4), o(5), o(6)];
      return { ...none, kind: 'forward', ...blocks, bias: o(2), c: o(3), m, n, k, activation: o(7) };
    }
    case denseSlope.code:
      return { ...none, kind: 'slope', ...blocks, m: o(4), n: o(5), k: rows * o(3), add: o(6) !== 0 };
    case denseBack.code: {
      const rest = { y: o(7), activation: o(8), add: o(6) !== 0 };
      return { ...none, kind: 'back', ...blocks, m: rows * o(3), n: o(4), k: o(5), ...rest };
    }
    case conv.code: {
      if (!isPixelwise(o, 4)) return null;
      const [m, k, n] = [rows * o(4) * o(5), o(6), o(15)];
      return { ...none, kind: 'forward', ...blocks, bias: o(2), c: o(3), m, n, k, activation: o(16) };
    }
    case convSlope.code: {
      if (!isPixelwise(o, 3)) return null;
      const [k, m, n] = [rows * o(3) * o(4), o(5), o(14)];
      return { ...none, kind: 'slope', ...blocks, m, n, k, add: o(15) !== 0 };
    }
    case convBack.code: {
      if (!isPixelwise(o, 3)) return null;
      const rest = { y: o(16), activation: o(17), add: o(15) !== 0 };
      return { ...none, kind: 'back', ...blocks, m: rows * o(3) * o(4), n: o(5), k: o(14), ...rest };
    }
    default:
      return null;
  }
}

/** A window of one pixel, without stride or border. `first` is the number of the operand `height`. */
const isPixelwise = (o: (operand: number) => number, first: number) =>
  [3, 4, 5, 6].every((i) => o(first + i) === 1) && o(first + 7) === 0 && o(first + 8) === 0;

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
