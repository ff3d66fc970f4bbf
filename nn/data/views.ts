/** Rows seen through other rows: a range, a selection, several tables end to end. Nothing is copied until asked for. */
import { EsperError } from '../../contracts/index.ts';
import type { Rows } from '../types.ts';
import { bytesOf, withBytes } from './row-bytes.ts';

/**
 * Rows `from` (inclusive, 0-based) to `to` (exclusive).
 *
 * @throws DATA_TOO_FEW_ROWS when the table ends before `to`
 */
export function takeRows(rows: Rows, from: number, to: number): Rows {
  if (from < 0 || to < from || to > rows.count) {
    throw new EsperError(
      'DATA_TOO_FEW_ROWS',
      `rows ${from} to ${to} were asked for, there are ${rows.count}`,
      {
        from,
        to,
        rows: rows.count,
      },
    );
  }
  return view(rows, to - from, (index) => from + index);
}

/** The rows at `indices`, in that order; the array is kept. A row may come up more than once. */
export function pickRows(rows: Rows, indices: Uint32Array): Rows {
  return view(rows, indices.length, (index) => indices[index] as number);
}

/** @param at the row of the table behind; only asked for rows there are */
function view(rows: Rows, count: number, at: (index: number) => number): Rows {
  let behind = new Uint32Array(0);
  const there = (indices: ArrayLike<number>) => {
    if (behind.length !== indices.length) behind = new Uint32Array(indices.length);
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i] as number;
      if (!(index >= 0 && index < count)) throw new RangeError(`row ${index} is outside 0..${count - 1}`);
      behind[i] = at(index);
    }
    return behind;
  };
  const seen: Rows = {
    ...rows,
    count,
    fillInputs: (indices, out) => rows.fillInputs(there(indices), out),
    fillTargets: (indices, out) => rows.fillTargets(there(indices), out),
  };
  const fill = bytesOf(rows);
  return withBytes(seen, fill && ((indices, out) => fill(there(indices), out)));
}

/**
 * Tables end to end, as the batches of one data set.
 *
 * @throws DATA_COUNT_MISMATCH when their widths differ
 */
export function joinRows(parts: readonly Rows[]): Rows {
  const [first] = parts;
  if (first === undefined) throw new RangeError('no tables to join');
  for (const part of parts) {
    if (part.inputs !== first.inputs || part.outputs !== first.outputs || part.kind !== first.kind) {
      throw new EsperError('DATA_COUNT_MISMATCH', 'tables of different widths do not join', {
        inputs: parts.map((each) => each.inputs),
        outputs: parts.map((each) => each.outputs),
      });
    }
  }
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const fill =
    (width: number, copy: (part: Rows, rows: number[], out: Float32Array) => void) =>
    (indices: ArrayLike<number>, out: Float32Array) => {
      for (let i = 0; i < indices.length; i++) {
        const [part, row] = find(parts, indices[i] as number);
        copy(part, [row], out.subarray(i * width, (i + 1) * width));
      }
    };
  return {
    ...first,
    count,
    fillInputs: fill(first.inputs, (part, rows, out) => part.fillInputs(rows, out)),
    fillTargets: fill(first.outputs, (part, rows, out) => part.fillTargets(rows, out)),
  };
}

function find(parts: readonly Rows[], index: number): [part: Rows, row: number] {
  let row = index;
  for (const part of parts) {
    if (row < part.count) return [part, row];
    row -= part.count;
  }
  throw new RangeError(`row ${index} is outside the joined tables`);
}
