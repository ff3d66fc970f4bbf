/** Copies rows of bytes to where a batch wants them: neighbours in one go. */
import type { FillBytes } from './row-bytes.ts';

interface Layout {
  readonly count: number;
  readonly width: number;
  readonly offset: number;
  readonly stride: number;
}

/** Rows `offset + row * stride` of `bytes`. What it returns throws RangeError for a row that does not exist. */
export function byteCopier(bytes: Uint8Array, { count, width, offset, stride }: Layout): FillBytes {
  return (indices, out) => {
    if (out.length < indices.length * width)
      throw new RangeError(`${indices.length} rows of ${width} do not fit ${out.length} bytes`);
    for (let i = 0, run = 1; i < indices.length; i += run) {
      const row = indices[i]!;
      run = stride === width ? runFrom(indices, i) : 1;
      if (!(row >= 0 && row + run <= count))
        throw new RangeError(`row ${row < count ? row + run - 1 : row} is outside 0..${count - 1}`);
      const start = offset + row * stride;
      out.set(bytes.subarray(start, start + run * width), i * width);
    }
  };
}

/** How many rows from place `i` on follow one another. */
function runFrom(indices: ArrayLike<number>, i: number): number {
  let run = 1;
  while (i + run < indices.length && indices[i + run] === indices[i]! + run) run++;
  return run;
}
