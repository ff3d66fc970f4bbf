/** WebAssembly SIMD tensors: the default. Its known silent errors are kept out of reach here. */
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { EsperError } from '../../contracts/failure.ts';
import type { TensorRuntime } from '../runtime.ts';
import { engineRuntime } from './engine.ts';

/** The two doors of the wasm backend that its types keep shut. */
interface WasmBackend {
  readonly wasm: { readonly HEAPU8: Uint8Array };
  readonly dataIdMap: { get(id: object): { readonly memoryOffset: number } };
  incRef(id: object): void;
}

/** @throws NN_BACKEND_UNUSABLE when the binary does not start or fails its smoke check */
export async function openWasm(reason: string): Promise<TensorRuntime> {
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${dirname(entry)}${sep}`);
  const started = await tf.setBackend('wasm');
  if (!started) throw unusable('the WebAssembly binary did not start');
  shareOnIdentity();
  const backend = tf.backend() as unknown as WasmBackend;
  return engineRuntime({
    name: 'wasm',
    reason,
    peek(tensor) {
      const { memoryOffset } = backend.dataIdMap.get(tensor.dataId);
      // Offset 0 is what an exhausted heap hands out; every later product of it would be silent nonsense.
      if (memoryOffset === 0 && tensor.size > 0) throw exhausted(tensor.size);
      return new Float32Array(backend.wasm.HEAPU8.buffer, memoryOffset, tensor.size);
    },
  });
}

/** Stock `Identity` copies. Sharing the bytes makes a snapshot O(1) in the number of weights. */
function shareOnIdentity(): void {
  if (tf.getKernel('Identity', 'wasm') !== undefined) tf.unregisterKernel('Identity', 'wasm');
  tf.registerKernel({
    kernelName: 'Identity',
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend }) => {
      const { dataId, shape, dtype } = (inputs as { x: tf.TensorInfo }).x;
      (backend as WasmBackend).incRef(dataId);
      return { dataId, shape, dtype };
    },
  });
}

export const unusable = (why: string) =>
  new EsperError(
    'NN_BACKEND_UNUSABLE',
    `the wasm backend is not usable: ${why}`,
    { why },
    {
      hint: 'choose backend: cpu, or check that @tensorflow/tfjs-backend-wasm is installed completely',
    },
  );

const exhausted = (size: number) =>
  new EsperError(
    'NN_OUT_OF_MEMORY',
    'the WebAssembly heap is full',
    { size },
    {
      hint: 'release snapshots, or use a smaller host or batch; the heap ends near 4 GB',
    },
  );
