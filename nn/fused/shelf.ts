/** Tables whose bytes are mostly zero, kept as lists of what is not: a step names rows, and nothing is copied or listed again. */
import { bytesOf, type FillBytes } from '../data/row-bytes.ts';
import type { Rows } from '../types.ts';
import { type Engine, wholeShare } from './engine.ts';
import type { Heap, HeapBlock } from './heap.ts';
import { address, ProgramWriter } from './opcodes.ts';
import { lacksMemory } from './refusals.ts';

/** A table in an engine's memory: ends of all rows' entries, then the entries. */
export interface Shelf {
  /** Its address, until the heap's floor rises. */
  readonly at: number;
  /** Rows of the table. */
  readonly count: number;
}

/** Of the numbers of a table: with more that are not zero, copying all is not much slower and takes less memory. */
const MOST_FILLED = 0.4;
/** Rows that are looked at to tell how full a table is. */
const SAMPLED_ROWS = 256;
/** Rows that are listed at a time. */
const LISTED_ROWS = 1_024;
/** Of all tables together. */
const MOST_BYTES = 256 * 1_048_576;
const ENTRY_BYTES = 8;
const NUMBERS_BYTES = 1_024;
/** All rows may be fuller than some of them tell. */
const MARGIN = 1.1;

export class Shelves {
  readonly #engine: Engine;
  readonly #heap: Heap;
  readonly #known = new WeakMap<Rows, Shelf | null>();
  #bytes = 0;

  constructor(engine: Engine, heap: Heap) {
    this.#engine = engine;
    this.#heap = heap;
  }

  /** The shelf of a table, made when it is asked for first; null where there is none: no bytes, too full, or no room. */
  of(rows: Rows): Shelf | null {
    const known = this.#known.get(rows);
    if (known !== undefined) return known;
    const fill = bytesOf(rows);
    const shelf = fill === undefined ? null : this.#make(rows, fill);
    this.#known.set(rows, shelf);
    return shelf;
  }

  #make({ count, inputs }: Rows, fill: FillBytes): Shelf | null {
    const filled = howFull(count, inputs, fill);
    const bytes = 4 * (count + 3) + ENTRY_BYTES * inputs * (Math.ceil(MARGIN * filled * count) + 1);
    if (filled > MOST_FILLED || this.#bytes + bytes > MOST_BYTES) return null;
    try {
      const block = this.#heap.take(bytes);
      if (this.#list(block, count, inputs, fill)) {
        this.#bytes += block.bytes;
        return {
          count,
          get at() {
            return block.at;
          },
        };
      }
      block.free();
    } catch (error) {
      if (!lacksMemory(error)) throw error;
    }
    return null;
  }

  /** @returns false when they are more than there is room for */
  #list({ at: shelf, bytes }: HeapBlock, count: number, inputs: number, fill: FillBytes): boolean {
    const some = Math.min(count, LISTED_ROWS);
    const desk = this.#heap.take(NUMBERS_BYTES + some * inputs + 64);
    const engine = this.#engine;
    const [numbers, words] = [desk.at, desk.at + NUMBERS_BYTES];
    const rowsAt = words + 64;
    engine.i32[shelf / 4] = Math.ceil((4 * (count + 1)) / ENTRY_BYTES) * ENTRY_BYTES;
    let fits = true;
    for (let first = 0; fits && first < count; first += some) {
      const rows = Math.min(some, count - first);
      fill(indicesFrom(first, rows, 1), engine.u8.subarray(rowsAt, rowsAt + rows * inputs));
      const ends = shelf + 4 * first;
      const writer = new ProgramWriter();
      const places = {
        x: address('inputs', 0),
        ends: address('shared', ends),
        shelf: address('shared', shelf),
      };
      writer.emit('shelve', { ...places, numbers: address('shared', numbers), bytes, ins: inputs });
      engine.load(words, writer.words());
      const segment = { begin: words, end: words + 4 * writer.length };
      engine.i32[(ends + 4 * rows) / 4] = 0;
      engine.run(segment, { ...wholeShare, rows, micro: rows, inputs: rowsAt });
      fits = engine.i32[(ends + 4 * rows) / 4] !== 0;
    }
    desk.free();
    return fits;
  }
}

/** Share of the numbers that are not zero, in some rows from all over the table. */
function howFull(count: number, inputs: number, fill: FillBytes): number {
  const some = Math.min(count, SAMPLED_ROWS);
  const bytes = new Uint8Array(some * inputs);
  fill(indicesFrom(0, some, Math.floor(count / some)), bytes);
  let filled = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) filled++;
  return filled / bytes.length;
}

const indicesFrom = (first: number, count: number, step: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, i) => first + i * step);
