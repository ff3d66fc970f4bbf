/** Copies rows of bytes to where a batch wants them: neighbours in one go, single rows word by word. */
import type { FillBytes } from './row-bytes.ts';

interface Layout {
  readonly count: number;
  readonly width: number;
  readonly offset: number;
  readonly stride: number;
}

/** Rows `offset + row * stride` of `bytes`. What it returns throws RangeError for a row that does not exist. */
export function byteCopier(bytes: Uint8Array, { count, width, offset, stride }: Layout): FillBytes {
  const first = bytes.byteOffset + offset;
  const inWords = first % 4 === 0 && width % 4 === 0 && stride % 4 === 0;
  const words = inWords ? new Uint32Array(bytes.buffer, first, ((bytes.length - offset) / 4) | 0) : null;
  return (indices, out) => {
    if (out.length < indices.length * width)
      throw new RangeError(`${indices.length} rows of ${width} do not fit ${out.length} bytes`);
    // A view and a `set` cost more than the copy of a row of a few hundred bytes.
    const to = words !== null && out.byteOffset % 4 === 0 ? wordsOf(out) : null;
    for (let i = 0, run = 1; i < indices.length; i += run) {
      const row = indices[i]!;
      run = stride === width ? runFrom(indices, i) : 1;
      if (!(row >= 0 && row + run <= count))
        throw new RangeError(`row ${row < count ? row + run - 1 : row} is outside 0..${count - 1}`);
      if (run > 1 || to === null || words === null) {
        const start = offset + row * stride;
        out.set(bytes.subarray(start, start + run * width), i * width);
      } else copyWords(words, (row * stride) / 4, to, (i * width) / 4, width / 4);
    }
  };
}

const wordsOf = ({ buffer, byteOffset, length }: Uint8Array) =>
  new Uint32Array(buffer, byteOffset, (length / 4) | 0);

/** How many rows from place `i` on follow one another. */
function runFrom(indices: ArrayLike<number>, i: number): number {
  let run = 1;
  while (i + run < indices.length && indices[i + run] === indices[i]! + run) run++;
  return run;
}

function copyWords(from: Uint32Array, at: number, to: Uint32Array, toAt: number, count: number): void {
  for (let i = 0; i < count; i++) to[toAt + i] = from[at + i]!;
}
