/** One stretch of memory and the kernels that work on it: loads fused programs and runs them. */
import { bytes as plainKernels } from '../kernels/fused.wasm.ts';
import { bytes as sharedKernels } from '../kernels/fused-shared.wasm.ts';
import { createMemory, instantiate, type WasmMemory } from '../kernels/web-assembly.ts';
import { engineBroken, engineTooLarge } from './refusals.ts';

/** A piece of a loaded program: addresses of its first word and of the word after its last. */
export interface Segment {
  readonly begin: number;
  readonly end: number;
}

/** Which rows a segment works on, and with which blocks. Addresses are byte offsets in the engine's memory. */
export interface Share {
  /** First row, in the batch. */
  readonly first: number;
  readonly rows: number;
  /** Rows at a time: as many as keep what an instruction touches in cache. */
  readonly micro: number;
  /** Base `half` of the operands. */
  readonly half: number;
  /** Working space, see `scratchBytes`. */
  readonly scratch: number;
  /** Of row 0 of the batch. */
  readonly inputs: number;
  /** Bytes of a row. */
  readonly inputBytes: number;
  readonly targets: number;
  readonly targetBytes: number;
}

/** What the kernel module offers. */
interface Kernels {
  run(
    begin: number,
    end: number,
    first: number,
    rows: number,
    micro: number,
    half: number,
    scratch: number,
    inputs: number,
    inputBytes: number,
    targets: number,
    targetBytes: number,
    opening: boolean,
  ): number;
}

/** For segments after the pass, whose sizes are whole: one round, no rows of anybody. */
export const wholeShare: Share = {
  ...{ first: 0, rows: 1, micro: 1, half: 0, scratch: 0 },
  ...{ inputs: 0, inputBytes: 0, targets: 0, targetBytes: 0 },
};

const page = 65_536;
/** What a 32-bit address reaches, less a page, so that reading a little over the end stays inside. */
const mostBytes = 4_294_967_296 - 2 * page;

/** @see createEngine */
export class Engine {
  readonly memory: WasmMemory;
  readonly shared: boolean;
  readonly #kernels: Kernels;
  #f32: Float32Array;
  #i32: Int32Array;
  #f64: Float64Array;
  #u8: Uint8Array;

  constructor(memory: WasmMemory, shared: boolean) {
    this.memory = memory;
    this.shared = shared;
    this.#kernels = instantiate<Kernels>(shared ? sharedKernels : plainKernels, memory);
    this.#f32 = new Float32Array(memory.buffer);
    this.#i32 = new Int32Array(memory.buffer);
    this.#f64 = new Float64Array(memory.buffer);
    this.#u8 = new Uint8Array(memory.buffer);
  }

  /** All of memory by element. Take it anew after `reserve`: an old view is empty, or too short. */
  get f32(): Float32Array {
    return this.#f32;
  }

  get i32(): Int32Array {
    return this.#i32;
  }

  get f64(): Float64Array {
    return this.#f64;
  }

  get u8(): Uint8Array {
    return this.#u8;
  }

  get bytes(): number {
    return this.memory.buffer.byteLength;
  }

  /** Of these, what `reserve` need not grow for: the last page is there to be read over. */
  get usable(): number {
    return this.bytes - page;
  }

  /** Grows the memory so that offsets below `bytes` exist. What is in it stays. @throws NN_ENGINE_TOO_LARGE */
  reserve(bytes: number): void {
    const missing = Math.ceil((bytes - this.usable) / page);
    if (missing <= 0) return;
    if (bytes > mostBytes) throw engineTooLarge(bytes);
    try {
      this.memory.grow(missing);
    } catch (cause) {
      throw engineTooLarge(bytes, cause);
    }
    const { buffer } = this.memory;
    this.#f32 = new Float32Array(buffer);
    this.#i32 = new Int32Array(buffer);
    this.#f64 = new Float64Array(buffer);
    this.#u8 = new Uint8Array(buffer);
  }

  /** Writes a program to byte `offset` (a multiple of 4). Segments: `offset + 4 * index` of a word. */
  load(offset: number, words: Int32Array): void {
    this.#i32.set(words, offset / 4);
  }

  /**
   * Runs a segment on this thread, to its end.
   * @param opening false when the first micro-batch of the share is to add its slopes to those of an earlier one
   * @throws NN_ENGINE_BROKEN when it meets what is no instruction
   */
  run(segment: Segment, share: Share, opening = true): void {
    const stray = this.#kernels.run(
      segment.begin,
      segment.end,
      share.first,
      share.rows,
      share.micro,
      share.half,
      share.scratch,
      share.inputs,
      share.inputBytes,
      share.targets,
      share.targetBytes,
      opening,
    );
    if (stray !== 0) throw engineBroken(stray >>> 0);
  }
}

export interface EngineOptions {
  /** To begin with; `reserve` adds. */
  readonly bytes: number;
  /** True when a second thread is to work on the same memory. */
  readonly shared: boolean;
}

/**
 * An engine with memory of its own, all zero.
 * @throws NN_ENGINE_TOO_LARGE when the machine does not lend so much
 */
export function createEngine({ bytes, shared }: EngineOptions): Engine {
  if (bytes > mostBytes) throw engineTooLarge(bytes);
  return new Engine(lent(bytes, shared), shared);
}

function lent(bytes: number, shared: boolean): WasmMemory {
  try {
    return createMemory({ initial: Math.ceil(bytes / page) + 1, maximum: 65_536, shared });
  } catch (cause) {
    throw engineTooLarge(bytes, cause);
  }
}
