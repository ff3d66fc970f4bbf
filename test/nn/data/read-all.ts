/** Every row of a table as plain arrays, for claims about it. */
import type { Rows } from '../../../nn/types.ts';

export function inputsOf(rows: Rows): number[][] {
  const out = new Float32Array(rows.count * rows.inputs);
  rows.fillInputs(everyIndex(rows), out);
  return split(out, rows.inputs);
}

export function targetsOf(rows: Rows): number[][] {
  const out = new Float32Array(rows.count * rows.outputs);
  rows.fillTargets(everyIndex(rows), out);
  return split(out, rows.outputs);
}

export const labelsOf = (rows: Rows) => targetsOf(rows).map((row) => row.indexOf(1));

const everyIndex = (rows: Rows) => Uint32Array.from({ length: rows.count }, (_, i) => i);

const split = (flat: Float32Array, width: number) =>
  Array.from({ length: flat.length / width }, (_, row) => [...flat.subarray(row * width, (row + 1) * width)]);
