/** Rows that are worked out once: what a table decodes or pools is kept as float32, and a batch is a few copies. */
import type { Rows } from '../types.ts';
import { bytesOf, withBytes } from './row-bytes.ts';

/** A table that would need more than this many bytes is worked out anew each time: 256 MiB hold all of MNIST. */
const KEPT_BYTES_MAX = 2 ** 28;

/**
 * The same rows. Inputs of a row are kept from the first time somebody asks for it, so that nothing waits for rows
 * nobody reads; memory is claimed as they come.
 */
export function keepRows(rows: Rows): Rows {
  const { count, inputs } = rows;
  if (Float32Array.BYTES_PER_ELEMENT * count * inputs > KEPT_BYTES_MAX) return rows;
  const kept = new Float32Array(count * inputs);
  const known = new Uint8Array(count);
  const same: Rows = {
    ...rows,
    fillInputs(indices, out) {
      if (out.length < indices.length * inputs)
        throw new RangeError(`${indices.length} rows of ${inputs} do not fit ${out.length} numbers`);
      for (let i = 0; i < indices.length; i++) {
        const row = indices[i] as number;
        const own = kept.subarray(row * inputs, (row + 1) * inputs);
        if (known[row] !== 1) {
          rows.fillInputs([row], own); // refuses a row that does not exist
          known[row] = 1;
        }
        out.set(own, i * inputs);
      }
    },
  };
  return withBytes(same, bytesOf(rows));
}
