/** From a draft to words: every place gets its address, and a program knows how much memory it works in. */
import type { Block } from './block.ts';
import { aligned } from './cells.ts';
import { type Draft, isBuffer, type Operand } from './draft.ts';
import { type Layout, layOut, rowsFor } from './layout.ts';
import { address, type OperandsOf, ProgramWriter } from './opcodes.ts';
import { scratchBytes } from './scratch.ts';

/** What lies in the arena before the working memory, and stays there from program to program. */
export interface Ground {
  readonly block: Block;
  /** Address of the block of values. */
  readonly values: number;
  /** Address of the working memory. */
  readonly work: number;
}

/** Where things are in the working memory. Addresses, unless said. */
export interface Site {
  readonly layout: Layout;
  /** Gradients and buffers, from the start of a half. */
  readonly slopes: number;
  readonly buffers: number;
  readonly halves: readonly [number, number];
}

/** The pass of a program, written; whatever comes after it is added to `writer`. */
export interface Written {
  readonly writer: ProgramWriter;
  readonly site: Site;
}

/** A piece of a program, by word index. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Where a finished program lies. */
export interface Program {
  readonly words: Int32Array;
  /** Rows of a micro-batch at most. */
  readonly rows: number;
  readonly halves: readonly [number, number];
  readonly scratch: readonly [number, number];
  /** Of the first word. */
  readonly wordsAt: number;
  /** Behind the words: the rows of a batch, then their targets. */
  readonly inputsAt: number;
}

/**
 * @param reserved bytes at the start of the working memory that belong to the caller
 * @param wholeBatch rows of the batch when the program must see it at once, else null
 * @param lossCount losses of 8 bytes at the start of each half
 */
export function writePass(
  draft: Draft,
  { block, values, work }: Ground,
  { reserved, wholeBatch, lossCount, slopes }: PassNeeds,
): Written {
  const layout = layOut(draft, wholeBatch ?? rowsFor(draft));
  const slopesAt = aligned(8 * lossCount);
  const buffersAt = aligned(slopesAt + (slopes ? 4 * block.learning : 0));
  const half = aligned(buffersAt + layout.bytes + 64);
  const first = aligned(work + reserved);
  const resolve = (operand: Operand): number => {
    if (typeof operand === 'number') return operand;
    if (isBuffer(operand)) return address('half', buffersAt + layout.offsets.get(operand)!);
    const at = 4 * block.offsets.get(operand.parameter)!;
    return operand.part === 'value' ? address('shared', values + at) : address('half', slopesAt + at);
  };
  const writer = new ProgramWriter();
  for (const { name, operands } of draft.lines) {
    const resolved = Object.entries(operands).map(([key, operand]) => [key, resolve(operand)] as const);
    writer.emit(name, Object.fromEntries(resolved) as OperandsOf<typeof name>);
  }
  return { writer, site: { layout, slopes: slopesAt, buffers: buffersAt, halves: [first, first + half] } };
}

export interface PassNeeds {
  readonly reserved: number;
  readonly wholeBatch: number | null;
  readonly lossCount: number;
  /** Are there gradients? */
  readonly slopes: boolean;
}

export function finishProgram({ writer, site }: Written): Program {
  const words = writer.words();
  const { layout, halves } = site;
  const half = halves[1] - halves[0];
  const scratch = aligned(scratchBytes(words, layout.rows));
  const scratchAt = halves[1] + half;
  const wordsAt = scratchAt + 2 * scratch;
  const inputsAt = aligned(wordsAt + 4 * words.length + 64);
  return { words, rows: layout.rows, halves, scratch: [scratchAt, scratchAt + scratch], wordsAt, inputsAt };
}
