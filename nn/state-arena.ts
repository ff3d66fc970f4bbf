/** The state of a run in shared memory, a column for each reading: written every step, read by anybody, in any thread. */
import { EsperError } from '../contracts/failure.ts';

/** Readings of a seed; NaN where nothing was measured yet. */
export const SEED_READINGS = [
  'alpha',
  /** The seed's gradient norm over the host's, per parameter. Below 0.1 it rides on the host's progress. */
  'health',
  'gradientNorm',
  'seedLoss',
  'hostLoss',
  'contribution',
  'improvement',
] as const;
export type SeedReading = (typeof SEED_READINGS)[number];

/** Readings of the run as of its newest step, by place in `ArenaState.run`. */
export const RUN_READINGS = { seeds: 0, step: 1, loss: 2, gradientNorm: 3, hostGradientNorm: 4 } as const;

/** Columns over one block of memory; row i of each belongs to the same seed. Rows from `run[seeds]` on mean nothing. */
export interface ArenaState extends Readonly<Record<SeedReading, Float64Array>> {
  readonly run: Float64Array;
  /** Number of the seed: 12 for `s12`. */
  readonly seed: Uint32Array;
  /** Position in `SEED_STAGES`. */
  readonly stage: Uint8Array;
}

/** Number of this layout: layout, capacity and sequence as int32, padding, then the state. */
const LAYOUT = 1;
const HEADER_BYTES = 16;
const [LAYOUT_AT, CAPACITY_AT, SEQUENCE_AT] = [0, 1, 2];
const RUN_SIZE = Object.keys(RUN_READINGS).length;
const RUN_BYTES = 8 * RUN_SIZE;
const ROW_BYTES = 8 * SEED_READINGS.length + 4 + 1;
/** Reads in a row that may meet a write: a write takes a microsecond, so the next look will do. */
const ATTEMPTS = 8;

const stateBytes = (capacity: number) => RUN_BYTES + ROW_BYTES * capacity;

/** Views of `capacity` rows over memory that holds nothing else from `offset` on; `offset` is a multiple of 8. */
function stateOver(buffer: ArrayBufferLike, offset: number, capacity: number): ArenaState {
  const column = (i: number) => new Float64Array(buffer, offset + RUN_BYTES + 8 * capacity * i, capacity);
  const readings = SEED_READINGS.map((name, i) => [name, column(i)] as const);
  const seedsAt = offset + RUN_BYTES + 8 * capacity * SEED_READINGS.length;
  return {
    ...(Object.fromEntries(readings) as Record<SeedReading, Float64Array>),
    run: new Float64Array(buffer, offset, RUN_SIZE),
    seed: new Uint32Array(buffer, seedsAt, capacity),
    stage: new Uint8Array(buffer, seedsAt + 4 * capacity, capacity),
  };
}

/**
 * The writer's side: one in the whole process group. A write makes the sequence odd, changes columns, and makes it even
 * again; who saw it odd, or saw it change, saw nothing (a sequence lock). Nobody ever waits for a reader.
 *
 * @see Boehm, "Can seqlocks get along with programming language memory models?", 2012
 */
export class StateArena {
  /** Give this to a worker: `new ArenaReader(buffer)` there sees what is written here. */
  readonly buffer: SharedArrayBuffer;
  readonly capacity: number;
  /** What the writer itself may read at any time. */
  readonly state: ArenaState;
  readonly #header: Int32Array;

  /** @param capacity most seeds there can be at a time */
  constructor(capacity: number) {
    this.buffer = new SharedArrayBuffer(HEADER_BYTES + stateBytes(capacity));
    this.capacity = capacity;
    this.#header = new Int32Array(this.buffer, 0, HEADER_BYTES / 4);
    this.#header[LAYOUT_AT] = LAYOUT;
    this.#header[CAPACITY_AT] = capacity;
    this.state = stateOver(this.buffer, HEADER_BYTES, capacity);
  }

  /**
   * Changes columns so that readers see all of it or nothing. Not to be nested.
   * @param seeds rows in use from now on. @throws NN_ARENA_FULL
   */
  write(seeds: number, change: (state: ArenaState) => void): void {
    if (seeds > this.capacity) {
      throw new EsperError('NN_ARENA_FULL', `${seeds} seeds, room for ${this.capacity}`, {
        seeds,
        capacity: this.capacity,
      });
    }
    Atomics.add(this.#header, SEQUENCE_AT, 1); // read-modify-write, here and below: it orders plain accesses both ways
    try {
      this.state.run[RUN_READINGS.seeds] = seeds;
      change(this.state);
    } finally {
      Atomics.add(this.#header, SEQUENCE_AT, 1);
    }
  }
}

/** Private memory that a reader copies the state into: allocate it once, read as often as wanted. */
export class ArenaCopy {
  readonly bytes: Uint8Array;
  readonly state: ArenaState;

  /** @param bytes memory for `capacity` rows, aligned to 8; new memory when absent */
  constructor(capacity: number, bytes: Uint8Array = new Uint8Array(stateBytes(capacity))) {
    this.bytes = bytes;
    this.state = stateOver(bytes.buffer, bytes.byteOffset, capacity);
  }

  /** Rows that mean something. */
  get seeds(): number {
    return this.state.run[RUN_READINGS.seeds] as number;
  }
}

/** The reader's side, in any thread that was given the buffer. */
export class ArenaReader {
  readonly capacity: number;
  readonly #header: Int32Array;
  readonly #bytes: Uint8Array;

  /** @throws NN_ARENA_FOREIGN when the memory was not laid out by `StateArena` of this version */
  constructor(buffer: SharedArrayBuffer) {
    const whole = buffer.byteLength >= HEADER_BYTES;
    const header = whole ? new Int32Array(buffer, 0, HEADER_BYTES / 4) : new Int32Array(HEADER_BYTES / 4);
    const capacity = header[CAPACITY_AT] as number;
    if (header[LAYOUT_AT] !== LAYOUT || buffer.byteLength !== HEADER_BYTES + stateBytes(capacity)) {
      throw new EsperError('NN_ARENA_FOREIGN', 'this memory holds no state of a run', {
        bytes: buffer.byteLength,
        layout: header[LAYOUT_AT],
      });
    }
    this.capacity = capacity;
    this.#header = header;
    this.#bytes = new Uint8Array(buffer, HEADER_BYTES);
  }

  /** Memory to read into. */
  copy(): ArenaCopy {
    return new ArenaCopy(this.capacity);
  }

  /**
   * Copies the state as one write left it.
   * @returns false when writes kept coming in between: then the copy means nothing, and the next look may have better luck
   */
  read(into: ArenaCopy): boolean {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = Atomics.load(this.#header, SEQUENCE_AT);
      if (before % 2 !== 0) continue;
      into.bytes.set(this.#bytes);
      if (Atomics.or(this.#header, SEQUENCE_AT, 0) === before) return true;
    }
    return false;
  }
}
