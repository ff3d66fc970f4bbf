/** Rows over plain memory: inputs as float32 or as bytes, targets as labels or as values. */
import type { Rows } from '../types.ts';
import { byteCopier } from './byte-copy.ts';
import { UNIT, withBytes } from './row-bytes.ts';

/** What the rows should come out as. Labels are 0-based class numbers below `classes`. */
export type Targets =
  | { readonly kind: 'classes'; readonly labels: ArrayLike<number>; readonly classes: number }
  | { readonly kind: 'values'; readonly values: Float32Array; readonly width: number };

/**
 * A table of float inputs.
 *
 * @param inputs `[count, width]`, row-major; kept, not copied
 */
export function floatRows(inputs: Float32Array, width: number, targets: Targets): Rows {
  return rowsOf(inputs.length / width, width, targets, (row, out, at) => {
    out.set(inputs.subarray(row * width, (row + 1) * width), at);
  });
}

/** Where the pixels of a row lie in the bytes of a file: row `r` begins at `offset + r * stride`. */
export interface ByteLayout {
  readonly count: number;
  readonly width: number;
  readonly offset: number;
  readonly stride: number;
  /** Which byte of the row each input is, where they are not in that order. */
  readonly order?: Uint32Array;
}

/**
 * A table of bytes 0..255 that come out as 0..1.
 *
 * @param bytes kept, not copied
 */
export function byteRows(bytes: Uint8Array, layout: ByteLayout, targets: Targets): Rows {
  const { count, width, offset, stride, order } = layout;
  if (order === undefined) {
    const rows = rowsOf(count, width, targets, (row, out, at) => {
      const start = offset + row * stride;
      for (let i = 0; i < width; i++) out[at + i] = UNIT[bytes[start + i] as number] as number;
    });
    return withBytes(rows, byteCopier(bytes, layout));
  }
  return rowsOf(count, width, targets, (row, out, at) => {
    const start = offset + row * stride;
    for (let i = 0; i < width; i++)
      out[at + i] = UNIT[bytes[start + (order[i] as number)] as number] as number;
  });
}

function rowsOf(
  count: number,
  inputs: number,
  targets: Targets,
  copyInputs: (row: number, out: Float32Array, at: number) => void,
): Rows {
  const outputs = targets.kind === 'classes' ? targets.classes : targets.width;
  const given = targets.kind === 'classes' ? targets.labels.length : targets.values.length / targets.width;
  if (given !== count) throw new RangeError(`${count} rows of inputs, ${given} of targets`);
  return {
    count,
    inputs,
    outputs,
    kind: targets.kind,
    fillInputs: (indices, out) => eachRow(indices, count, inputs, out, copyInputs),
    fillTargets: targets.kind === 'classes' ? oneHot(targets, count) : valuesOf(targets, count),
  };
}

type Fill = Rows['fillTargets'];

function valuesOf({ values, width }: Extract<Targets, { kind: 'values' }>, count: number): Fill {
  return (indices, out) =>
    eachRow(indices, count, width, out, (row, into, at) => {
      into.set(values.subarray(row * width, (row + 1) * width), at);
    });
}

/** A one in each row of zeros. Every batch asks for it, so the rows are looked at once and in one loop. */
function oneHot({ labels, classes }: Extract<Targets, { kind: 'classes' }>, count: number): Fill {
  return (indices, out) => {
    checkRoom(indices, classes, out);
    out.fill(0, 0, indices.length * classes);
    for (let i = 0; i < indices.length; i++) {
      const row = indices[i] as number;
      checkRow(row, count);
      out[i * classes + (labels[row] as number)] = 1;
    }
  };
}

function eachRow(
  indices: ArrayLike<number>,
  count: number,
  width: number,
  out: Float32Array,
  copy: (row: number, out: Float32Array, at: number) => void,
): void {
  checkRoom(indices, width, out);
  for (let i = 0; i < indices.length; i++) {
    const row = indices[i] as number;
    checkRow(row, count);
    copy(row, out, i * width);
  }
}

function checkRoom(indices: ArrayLike<number>, width: number, out: Float32Array): void {
  if (out.length < indices.length * width)
    throw new RangeError(`${indices.length} rows of ${width} do not fit ${out.length} numbers`);
}

/** A wrong index is our mistake, and would otherwise train silently on NaN: it crashes. */
function checkRow(row: number, count: number): void {
  if (!(row >= 0 && row < count)) throw new RangeError(`row ${row} is outside 0..${count - 1}`);
}
