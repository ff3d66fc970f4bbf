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

/** All row indices of a table of `count`, in order, at most 1,024 at a time. */
export function* chunksOf(count: number): Iterable<Uint32Array> {
  for (let from = 0; from < count; from += CHUNK_ROWS) {
    yield Uint32Array.from({ length: Math.min(CHUNK_ROWS, count - from) }, (_, i) => from + i);
  }
}
