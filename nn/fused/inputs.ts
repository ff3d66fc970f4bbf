/** Puts the inputs of a batch where a program looks for them, in the form that costs least. */
import { bytesOf, floatsOf } from '../data/row-bytes.ts';
import type { Picked } from '../types.ts';
import type { Engine } from './engine.ts';
import { sources } from './opcodes.ts';
import type { Shelf, Shelves } from './shelf.ts';

/** Where a program has its inputs. Anything but float32 only where it takes bytes. */
export interface InputSite {
  readonly inputsAt: number;
  readonly takesBytes: boolean;
  /** Two int32: what the inputs are, and the address of the shelf. */
  readonly sourceCell: number;
  /** Of a row. */
  readonly inputs: number;
}

type Given = Float32Array | Uint8Array | Picked;

/** @returns bytes of a row as it lies there now */
export function placeInputs(engine: Engine, shelves: Shelves, site: InputSite, given: Given): number {
  if ('table' in given) return placeRows(engine, shelves.of(given.table), site, given);
  if (!site.takesBytes || given instanceof Float32Array) return placeFloats(engine, site, floatsOf(given));
  engine.i32[site.sourceCell / 4] = sources.bytes;
  engine.u8.set(given, site.inputsAt);
  return site.inputs;
}

/**
 * The same for rows of a table.
 * @param shelf of the table, where it has one
 */
export function placeRows(engine: Engine, shelf: Shelf | null, site: InputSite, { table, indices }: Picked) {
  const { inputsAt, inputs, takesBytes, sourceCell } = site;
  if (takesBytes && shelf !== null) return placeNumbers(engine, shelf, site, indices);
  const fillBytes = takesBytes ? bytesOf(table) : undefined;
  engine.i32[sourceCell / 4] = fillBytes === undefined ? sources.floats : sources.bytes;
  const size = indices.length * inputs;
  if (fillBytes === undefined) {
    table.fillInputs(indices, engine.f32.subarray(inputsAt / 4, inputsAt / 4 + size));
    return 4 * inputs;
  }
  fillBytes(indices, engine.u8.subarray(inputsAt, inputsAt + size));
  return inputs;
}

function placeFloats(
  { f32, i32 }: Engine,
  { inputsAt, inputs, sourceCell }: InputSite,
  floats: Float32Array,
) {
  i32[sourceCell / 4] = sources.floats;
  f32.set(floats, inputsAt / 4);
  return 4 * inputs;
}

/** A wrong number is our mistake, and would read what is no row: it crashes. */
function placeNumbers(
  { i32 }: Engine,
  shelf: Shelf,
  { inputsAt, sourceCell }: InputSite,
  indices: Uint32Array,
) {
  i32[sourceCell / 4] = sources.shelved;
  i32[sourceCell / 4 + 1] = shelf.at;
  for (let i = 0, at = inputsAt / 4; i < indices.length; i++) {
    const row = indices[i]!;
    if (!(row < shelf.count)) throw new RangeError(`row ${row} is outside 0..${shelf.count - 1}`);
    i32[at + i] = row;
  }
  return 4;
}
