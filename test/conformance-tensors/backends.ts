/** The backends the suite knows: what each is for, and how to open it. */
import { openWasm } from '../../nn/adapters/wasm.ts';
import { openTensorRuntime, type TensorRuntime } from '../../nn/index.ts';

export const BACKENDS = [
  { name: 'cpu', supported: true, purpose: 'the reference: plain JavaScript, runs everywhere, slow' },
  { name: 'wasm', supported: true, purpose: 'the default: WebAssembly SIMD with kernels of our own' },
  {
    name: 'wasm-stock',
    supported: false,
    purpose: 'the same without our kernels, to show what they are for; Esper never runs on it',
  },
  { name: 'node-cpu', supported: false, purpose: "TensorFlow's library on the CPU, where it is installed" },
  { name: 'node-gpu', supported: false, purpose: "TensorFlow's library on an NVIDIA GPU" },
  { name: 'webgpu', supported: false, purpose: 'any GPU with a Vulkan, Metal or Direct3D 12 driver' },
] as const;

export type BackendName = (typeof BACKENDS)[number]['name'];

export const isBackend = (name: string): name is BackendName => BACKENDS.some((known) => known.name === name);

/** @throws why this machine does not offer it */
export async function open(name: BackendName): Promise<TensorRuntime> {
  if (name === 'wasm-stock')
    return (openWasm as (reason: string, how: object) => Promise<TensorRuntime>)('asked for', {
      pack: false,
    });
  return openTensorRuntime(name);
}
