/** Puts kernels of ours in the place of the wasm backend's, and takes them out again. */

import type { WasmBackend } from './pack-heap.ts';
import * as tf from './tensorflow.ts';

/** Kernels by the name under which tensorflow.js asks for them. */
export type Kernels = Readonly<Record<string, tf.KernelFunc>>;

/** @returns a function that brings the stock kernels back */
export function replaceKernels(kernels: Kernels): () => void {
  const stock = Object.keys(kernels).map((name) => [name, tf.getKernel(name, 'wasm')] as const);
  for (const [name, before] of stock) {
    if (before !== undefined) tf.unregisterKernel(name, 'wasm');
    tf.registerKernel({ kernelName: name, backendName: 'wasm', kernelFunc: kernels[name]! });
  }
  return () => {
    for (const [name, before] of stock) {
      tf.unregisterKernel(name, 'wasm');
      if (before !== undefined) tf.registerKernel(before);
    }
  };
}

/** Calls whatever kernel is registered. The caller disposes the result; the inputs stay as they are. */
export function runKernel(
  backend: WasmBackend,
  name: string,
  inputs: Record<string, tf.TensorInfo>,
  attrs: object = {},
): tf.TensorInfo {
  const { kernelFunc } = tf.getKernel(name, 'wasm');
  return kernelFunc({ inputs, backend, attrs: attrs as tf.NamedAttrMap }) as tf.TensorInfo;
}
