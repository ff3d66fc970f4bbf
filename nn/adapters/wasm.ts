/** WebAssembly SIMD tensors: the default. Its stock kernels are wrong in places, so ours stand in their way. */
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import type * as wasmBackend from '@tensorflow/tfjs-backend-wasm';
import type { TensorRuntime } from '../runtime.ts';
import { engineRuntime } from './engine.ts';
import { installPack, packOf } from './pack.ts';
import { heapFull, type WasmBackend } from './pack-heap.ts';
import { unusableBackend } from './refusals.ts';
import * as tf from './tensorflow.ts';

const load = createRequire(import.meta.url);
const PACKAGE = '@tensorflow/tfjs-backend-wasm';
/** Registers the backend; loaded as tensorflow.js itself is, and for the same reason. */
const { setWasmPaths } = load(PACKAGE) as typeof wasmBackend;

/** Where 32 bits of address end, less what the engine keeps for itself. */
const HEAP_BYTES = 3_900_000_000;

/**
 * @param how `pack: false` brings the stock kernels back, for the whole process: to show what the pack is for
 * @throws NN_BACKEND_UNUSABLE when the binary does not start
 */
export async function openWasm(
  reason: string,
  how: { readonly pack: boolean } = { pack: true },
): Promise<TensorRuntime> {
  setWasmPaths(`${dirname(load.resolve(PACKAGE))}${sep}`);
  const started = await tf.setBackend('wasm');
  if (!started) throw unusableBackend('wasm', 'the WebAssembly binary did not start');
  const backend = tf.backend() as unknown as WasmBackend;
  const pack = how.pack ? installPack(backend) : null;
  if (pack === null) packOf(backend)?.remove();
  return engineRuntime({
    name: 'wasm',
    device: pack === null ? 'WebAssembly, stock kernels' : 'WebAssembly SIMD',
    reason,
    copies: true,
    maxBytes: HEAP_BYTES,
    ...(pack === null ? {} : { updater: pack.updater }),
    peek(tensor) {
      const { memoryOffset } = backend.dataIdMap.get(tensor.dataId);
      // Offset 0 is what an exhausted heap hands out; every later product of it would be silent nonsense.
      if (memoryOffset === 0 && tensor.size > 0) throw heapFull(4 * tensor.size);
      return new Float32Array(backend.wasm.HEAPU8.buffer, memoryOffset, tensor.size);
    },
  });
}
