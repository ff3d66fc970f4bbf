/** How much working space instructions need beside their operands: packed weights, padded pictures. */
import { type InstructionName, instructions } from './opcodes.ts';

type Operands = Readonly<Record<string, number>>;

/**
 * Bytes of scratch that a program needs with micro-batches of up to `rows`: the most that one of its instructions
 * takes. Each half that may run at the same time needs a block of its own.
 * @param words as `ProgramWriter` wrote them
 */
export function scratchBytes(words: Int32Array, rows: number): number {
  let most = 0;
  for (const [name, operands] of instructionsOf(words)) {
    most = Math.max(most, (needs[name]?.(operands, rows) ?? 0) * 4);
  }
  // Eight blocks at most are cut from it, each on a boundary of 64; and reading goes a little over the end.
  return Math.ceil(most / 64) * 64 + 1024;
}

const byCode = new Map<number, readonly [InstructionName, readonly string[]]>();
for (const [name, { code, operands }] of Object.entries(instructions)) {
  byCode.set(code, [name as InstructionName, operands]);
}

function* instructionsOf(words: Int32Array): Iterable<readonly [InstructionName, Operands]> {
  for (let at = 0; at < words.length; ) {
    const [name, names] = byCode.get(words[at]! & 0xff)!;
    const first = at + 1;
    yield [name, Object.fromEntries(names.map((operand, i) => [operand, words[first + i]!]))];
    at = first + names.length;
  }
}

/** Numbers (4 bytes each) of scratch; instructions not named need next to none. */
const needs: Partial<Record<InstructionName, (operands: Operands, rows: number) => number>> = {
  dense: ({ ins }) => 16 * ins!,
  denseSlope: ({ places }, rows) => 8 * rows * places! + packed,
  denseBack: ({ units }) => 8 * units!,
  denseListed: ({ ins }) => 16 * ins!,
  denseListedSlope: ({ ins, units }, rows) => Math.max(ins! * units!, 8 * rows + packed),
  conv: (o, rows) => canvas(o, rows) + windows(o, rows) + 16 * o.kernelHeight! * o.kernelWidth! * o.channels!,
  convSlope: (o, rows) =>
    canvas(o, rows) + 9 * windows(o, rows) + packed + o.kernelHeight! * o.kernelWidth! * o.channels!,
  convBack: (o, rows) => (o.strideHeight === 1 && o.strideWidth === 1 ? turned(o, rows) : strided(o, rows)),
  attend: ({ places, width, heads }) => attention(places!, width! / heads!),
  attendBack: ({ places, width, heads }) => attention(places!, width! / heads!),
  softmaxLoss: ({ width }) => width! + 4,
};

/** Columns that are packed together, see `PACK_BLOCK` of the kernels. */
const packed = 4096;

const windows = ({ outHeight, outWidth }: Operands, rows: number) => rows * outHeight! * outWidth!;

/** The padded pictures. */
function canvas(o: Operands, rows: number): number {
  const high = (o.outHeight! - 1) * o.strideHeight! + o.kernelHeight!;
  const wide = (o.outWidth! - 1) * o.strideWidth! + o.kernelWidth!;
  return rows * high * wide * o.channels!;
}

function turned(o: Operands, rows: number): number {
  const { height, width, kernelHeight, kernelWidth, channels, filters } = o;
  const padded = rows * (height! + kernelHeight! - 1) * (width! + kernelWidth! - 1) * filters!;
  const kernel = kernelHeight! * kernelWidth! * filters!;
  return padded + rows * height! * width! + kernel * channels! + 16 * kernel;
}

function strided(o: Operands, rows: number): number {
  const high = Math.max((o.outHeight! - 1) * o.strideHeight! + o.kernelHeight!, o.padTop! + o.height!);
  const wide = Math.max((o.outWidth! - 1) * o.strideWidth! + o.kernelWidth!, o.padLeft! + o.width!);
  const shares = windows(o, rows) * o.kernelWidth! * o.channels!;
  return rows * high * wide * o.channels! + shares + 8 * o.filters!;
}

const attention = (places: number, size: number) =>
  4 * places * size + places * places + 16 * Math.max(places, size);
