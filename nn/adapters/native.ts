/** TensorFlow's own library through its Node package: on an NVIDIA GPU, or on the CPU. */
import util from 'node:util';
import type { TensorRuntime } from '../runtime.ts';
import { engineRuntime } from './engine.ts';
import { installed, loadCommon } from './packages.ts';
import { unusableBackend } from './refusals.ts';
import * as tf from './tensorflow.ts';

export const GPU_PACKAGE = '@tensorflow/tfjs-node-gpu';
export const CPU_PACKAGE = '@tensorflow/tfjs-node';

interface NativeBackend {
  readonly isUsingGpuDevice: boolean;
  readonly binding: { readonly TF_Version: string };
}

/** Loads the GPU package. Without a GPU it computes on the CPU, and `capabilities.gpu` and `device` say so. */
export const openNodeGpu = (reason: string) => open('node-gpu', GPU_PACKAGE, reason);

/** Loads TensorFlow for the CPU; the GPU package serves too where there is no GPU. */
export const openNodeCpu = (reason: string) =>
  open('node-cpu', installed(CPU_PACKAGE) ? CPU_PACKAGE : GPU_PACKAGE, reason);

/** @throws NN_BACKEND_UNUSABLE when the addon or its library does not load */
async function open(name: 'node-gpu' | 'node-cpu', from: string, reason: string): Promise<TensorRuntime> {
  bringBackOldHelpers();
  try {
    loadCommon(from);
    await tf.setBackend('tensorflow');
  } catch (cause) {
    throw unusableBackend(name, firstLine(cause), cause);
  }
  const { isUsingGpuDevice, binding } = tf.backend() as unknown as NativeBackend;
  const library = `TensorFlow ${binding.TF_Version}`;
  return engineRuntime({
    name,
    reason,
    device: isUsingGpuDevice ? `${library} on the GPU` : `${library} on the CPU: no GPU device`,
    gpu: isUsingGpuDevice,
    // Its kernels choose their order of sums by processor and thread count.
    deterministic: false,
    peek: (tensor) => tensor.dataSync<'float32'>(),
    distant: true,
  });
}

/** The package still calls two old helpers: Node 23 removed one, and warns of the other whenever it is called. */
function bringBackOldHelpers(): void {
  const helpers = util as unknown as Record<string, unknown>;
  helpers.isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  helpers.isArray = Array.isArray;
}

const firstLine = (thrown: unknown) =>
  (thrown instanceof Error ? thrown.message : String(thrown)).split('\n')[0]!.trim();
