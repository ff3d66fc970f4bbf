/** Rows out of a table, as flat arrays. */
import type { Rows } from './types.ts';

/** Rows looked at in one pass when nothing is trained. */
const CHUNK_ROWS = 1024;

/** Copies the rows at `indices`: inputs `[n, inputs]` and targets `[n, outputs]`, row-major. */
export function gather(
  rows: Rows,
  indices: ArrayLike<number>,
): { readonly inputs: Float32Array; readonly targets: Float32Array } {
  const inputs = new Float32Array(indices.length * rows.inputs);
  const targets = new Float32Array(indices.length * rows.outputs);
  rows.fillInputs(indices, inputs);
  rows.fillTargets(indices, targets);
  return { inputs, targets };
}

/** Rows next to each other: inputs `[count, inputs]` and targets `[count, outputs]`, row-major. */
export interface Block {
  readonly inputs: Float32Array;
  readonly targets: Float32Array;
  readonly count: number;
}

/**
 * All rows of a table, in order, at most 1,024 at a time. The next block is written over the one before: dispose what
 * was uploaded from it first, and keep nothing of it.
 */
export function* blocksOf(rows: Rows): Iterable<Block> {
  const most = Math.min(CHUNK_ROWS, rows.count);
  const inputs = new Float32Array(most * rows.inputs);
  const targets = new Float32Array(most * rows.outputs);
  for (let from = 0; from < rows.count; from += CHUNK_ROWS) {
    const count = Math.min(CHUNK_ROWS, rows.count - from);
    const block = {
      inputs: inputs.subarray(0, count * rows.inputs),
      targets: targets.subarray(0, count * rows.outputs),
      count,
    };
    const indices = Uint32Array.from({ length: count }, (_, i) => from + i);
    rows.fillInputs(indices, block.inputs);
    rows.fillTargets(indices, block.targets);
    yield block;
  }
}
