/** The tensor engine's WebAssembly memory, seen from our kernels: where tensors lie, room for results, scratch. */
import type * as tf from '@tensorflow/tfjs';
import { EsperError } from '../../contracts/failure.ts';
import { bytes } from '../kernels/pack.wasm.ts';
import { instantiate, type WasmMemory } from '../kernels/web-assembly.ts';

/** The doors of the wasm backend that its types keep shut. */
export interface WasmBackend {
  readonly wasm: {
    readonly HEAPU8: Uint8Array<ArrayBuffer>;
    readonly asm: { readonly memory: WasmMemory };
    /** Every tensor gets its room here, whoever makes it. */
    _malloc(bytes: number): number;
    _free(offset: number): void;
  };
  readonly dataIdMap: { get(id: object): { readonly memoryOffset: number } };
  incRef(id: object): void;
  disposeData(id: object, force?: boolean): boolean;
  makeOutput(shape: readonly number[], dtype: tf.DataType): tf.TensorInfo;
}

/** What `nn/kernels/assembly/pack` exports; pointers in bytes, sizes in numbers. */
interface PackKernels {
  multiply: Kernel;
  transpose: Kernel;
  fillRows: Kernel;
  rectify: Kernel;
  scale: Kernel;
  sumRows: Kernel;
  sumEach: Kernel;
  addRow: Kernel;
  subtractRow: Kernel;
  multiplyRow: Kernel;
  sumOfSquares: (at: number, count: number) => number;
  sgd: Verdict;
  momentum: Verdict;
  adam: Verdict;
  adamByAge: Verdict;
  filterGradient: Kernel;
  inputGradient: Kernel;
  depthwiseFilterGradient: Kernel;
  depthwiseInputGradient: Kernel;
  maxPoolGradient: Kernel;
  segmentSum: Kernel;
}
type Kernel = (...numbers: number[]) => void;
/** @returns 1 where all results are finite, else 0 */
type Verdict = (...numbers: number[]) => number;

/** `[batch, height, width, channels]` and the window that slides over it, as tensorflow.js works it out. */
export type WindowInfo = tf.backend_util.Conv2DInfo;

const WINDOW_BYTES = 64;

export class PackHeap {
  readonly backend: WasmBackend;
  readonly kernels: PackKernels;
  #window = 0;
  #scratch = { at: 0, size: 0 };

  constructor(backend: WasmBackend) {
    this.backend = backend;
    this.kernels = instantiate<PackKernels>(bytes, backend.wasm.asm.memory);
  }

  /** Where a tensor's numbers lie. They stay there until it is disposed. */
  pointer({ dataId }: tf.TensorInfo): number {
    return this.backend.dataIdMap.get(dataId).memoryOffset;
  }

  /** Room for a result, its numbers undefined. @throws NN_OUT_OF_MEMORY */
  output(shape: readonly number[]): tf.TensorInfo {
    return this.backend.makeOutput([...shape], 'float32');
  }

  /** A pointer to at least `size` bytes, good until the next call. One block for all kernels: each has finished before the next. */
  scratch(size: number): number {
    if (this.#scratch.size < size) {
      if (this.#scratch.at !== 0) this.backend.wasm._free(this.#scratch.at);
      this.#scratch = { at: 0, size: 0 };
      this.#scratch = { at: this.backend.wasm._malloc(size), size };
    }
    return this.#scratch.at;
  }

  /** Writes a window where the kernels read it. */
  window(info: WindowInfo): number {
    if (this.#window === 0) this.#window = this.backend.wasm._malloc(WINDOW_BYTES);
    const { padInfo } = info;
    this.words(this.#window, WINDOW_BYTES / 4).set([
      ...[info.batchSize, info.inHeight, info.inWidth, info.inChannels],
      ...[info.outHeight, info.outWidth, info.outChannels, info.filterHeight, info.filterWidth],
      ...[info.strideHeight, info.strideWidth, info.dilationHeight, info.dilationWidth],
      ...[padInfo.top, padInfo.left],
    ]);
    return this.#window;
  }

  /** A view that is good until the heap grows: until the next tensor or scratch block is made. */
  words(at: number, length: number): Int32Array {
    return new Int32Array(this.backend.wasm.HEAPU8.buffer, at, length);
  }

  numbers(at: number, length: number): Float32Array {
    return new Float32Array(this.backend.wasm.HEAPU8.buffer, at, length);
  }

  /** Frees what the kernels held between calls. */
  dispose(): void {
    for (const at of [this.#window, this.#scratch.at]) if (at !== 0) this.backend.wasm._free(at);
    this.#window = 0;
    this.#scratch = { at: 0, size: 0 };
  }
}

/**
 * Makes the heap refuse what it has no room for. Left alone it hands out offset 0, and the backend writes the numbers
 * there: over the allocator itself, so that everything afterwards is silent nonsense, old tensors included.
 * @returns a function that undoes it
 */
export function guardHeap({ wasm }: WasmBackend): () => void {
  // the engine puts the true function in this place when it is called first
  wasm._free(wasm._malloc(1));
  const stock = wasm._malloc;
  wasm._malloc = (size) => {
    const at = stock(size) >>> 0;
    if (at === 0 && size > 0) throw heapFull(size);
    return at;
  };
  return () => {
    wasm._malloc = stock;
  };
}

/** @param size in bytes */
export const heapFull = (size: number) =>
  new EsperError(
    'NN_OUT_OF_MEMORY',
    'the WebAssembly heap is full',
    { bytes: size },
    {
      hint: 'release snapshots, or use a smaller host or batch; the heap ends near 4 GB',
    },
  );
