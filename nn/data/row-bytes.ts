/** Rows that come as bytes: a quarter of what float32 takes to keep and to carry, for whoever can use them as they are. */
import { gather } from '../rows.ts';
import type { Picked, Rows } from '../types.ts';

/** Writes the rows at `indices` into `out`, row-major, a byte 0..255 for each input 0..1. */
export type FillBytes = (indices: ArrayLike<number>, out: Uint8Array) => void;

/** Kept beside the rows, not in them: a table made from another one by overriding its inputs has other bytes, or none. */
const bytes = new WeakMap<Rows, FillBytes>();

/** The same rows, known to be bytes from now on; those that are not when `fill` is undefined. */
export function withBytes(rows: Rows, fill: FillBytes | undefined): Rows {
  if (fill !== undefined) bytes.set(rows, fill);
  return rows;
}

/** How to get these rows as bytes; undefined where their inputs are not bytes. */
export const bytesOf = (rows: Rows): FillBytes | undefined => bytes.get(rows);

/** Byte to 0..1 by look-up: a division for each pixel of each batch costs more than the copy. */
export const UNIT = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/** Inputs as float32, whichever way they came. */
export function floatsOf(inputs: Float32Array | Uint8Array | Picked): Float32Array {
  if (inputs instanceof Float32Array) return inputs;
  if (!(inputs instanceof Uint8Array)) return gather(inputs.table, inputs.indices).inputs;
  const floats = new Float32Array(inputs.length);
  for (let i = 0; i < inputs.length; i++) floats[i] = UNIT[inputs[i]!]!;
  return floats;
}
