/** WebGPU in Node: Vulkan, Metal or Direct3D through Dawn. Reads are asynchronous only. */

import type { TensorRuntime } from '../runtime.ts';
import { engineRuntime } from './engine.ts';
import { loadCommon, loadModule } from './packages.ts';
import { deviceFailed, tensorTooLarge, unusableBackend } from './refusals.ts';
import * as tf from './tensorflow.ts';

export const DEVICE_PACKAGE = 'webgpu';
export const KERNEL_PACKAGE = '@tensorflow/tfjs-backend-webgpu';

/** As much of Dawn as is used here. */
interface Dawn {
  create(options: readonly string[]): Gpu;
  readonly globals: Record<string, unknown>;
}
interface Gpu {
  requestAdapter(): Promise<Adapter | null>;
}
interface Adapter {
  readonly info: {
    readonly vendor: string;
    readonly architecture: string;
    readonly description: string;
    readonly isFallbackAdapter?: boolean;
  };
}
interface WebGpuBackend {
  readonly device: {
    readonly limits: { readonly maxStorageBufferBindingSize: number };
    addEventListener(type: 'uncapturederror', hear: (event: { readonly error: Error }) => void): void;
  };
  readonly bufferManager: { acquireBuffer(size: number, ...rest: readonly unknown[]): unknown };
}

/**
 * Opens the machine's GPU.
 * @param software also takes a device that is only imitated on the CPU, for tests
 * @throws NN_BACKEND_UNUSABLE without a device; every later error of the device surfaces at the next read
 */
export async function openWebGpu(reason: string, software: boolean): Promise<TensorRuntime> {
  const { create, globals } = await loadModule<Dawn>(DEVICE_PACKAGE);
  Object.assign(globalThis, globals);
  const gpu = create([]);
  const adapter = await gpu.requestAdapter();
  if (adapter === null) throw unusableBackend('webgpu', 'no Vulkan device');
  const { info } = adapter;
  const imitated = isImitated(info);
  if (imitated && !software) throw unusableBackend('webgpu', `${info.description} only imitates a GPU`);
  offerToBrowserCode(gpu);
  registerAgain();
  if (!(await tf.setBackend('webgpu'))) throw unusableBackend('webgpu', 'the device did not start');
  const backend = tf.backend() as unknown as WebGpuBackend;
  const faults: Error[] = [];
  backend.device.addEventListener('uncapturederror', ({ error }) => faults.push(error));
  refuseGiants(backend);
  const runtime = engineRuntime({
    name: 'webgpu',
    reason,
    device: `${info.vendor} ${info.architecture} ${info.description}${imitated ? ' (imitated on the CPU)' : ''}`,
    gpu: !imitated,
    deterministic: false,
    peek: null,
    dispose() {
      tf.removeBackend('webgpu');
      // Node does not end as long as somebody holds the device.
      offerToBrowserCode(undefined);
    },
  });
  return {
    ...runtime,
    async readPacked(tensors) {
      const packed = await runtime.readPacked(tensors);
      const fault = faults.shift();
      if (fault !== undefined) throw deviceFailed('webgpu', fault);
      return packed;
    },
  };
}

type Factory = Parameters<typeof tf.registerBackend>[1];
let factory: Factory | null = null;

/** The package registers itself once, when it is loaded; a backend that was disposed has to be registered anew. */
function registerAgain(): void {
  loadCommon(KERNEL_PACKAGE);
  factory ??= tf.findBackendFactory('webgpu') as Factory;
  if (tf.findBackendFactory('webgpu') === null) tf.registerBackend('webgpu', factory, 3);
}

const isImitated = ({ architecture, description, isFallbackAdapter }: Adapter['info']) =>
  isFallbackAdapter === true || /swiftshader|llvmpipe|software/i.test(`${architecture} ${description}`);

/** The kernels look for `navigator.gpu`, as in a browser; Node 20 has no navigator, later ones have one of their own. */
function offerToBrowserCode(gpu: Gpu | undefined): void {
  const world = globalThis as { navigator?: object };
  if (world.navigator === undefined) {
    Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true, writable: true });
  }
  Object.defineProperty(world.navigator!, 'gpu', { value: gpu, configurable: true });
}

/** Beyond the device's limit a buffer is made without complaint and every result in it is 0. */
function refuseGiants({ device, bufferManager }: WebGpuBackend): void {
  const limit = device.limits.maxStorageBufferBindingSize;
  const acquire = bufferManager.acquireBuffer.bind(bufferManager);
  bufferManager.acquireBuffer = (size, ...rest) => {
    if (size > limit) throw tensorTooLarge(size, limit);
    return acquire(size, ...rest);
  };
}
