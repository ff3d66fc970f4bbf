/** Every engine room that could be opened here, in the order in which `auto` looks at them. */

import type { BackendName } from '../../contracts/run-config.ts';
import type { TensorRuntime } from '../runtime.ts';
import { openCpu } from './cpu.ts';
import { CPU_PACKAGE, GPU_PACKAGE, openNodeCpu, openNodeGpu } from './native.ts';
import { installed } from './packages.ts';
import * as tf from './tensorflow.ts';
import { openWasm } from './wasm.ts';
import { DEVICE_PACKAGE, KERNEL_PACKAGE, openWebGpu } from './webgpu.ts';

export interface Candidate {
  readonly name: BackendName;
  /** Packages of which none is here; empty when there is something to open. */
  missing(): readonly string[];
  /** Opens it and makes it the active one. @param demanded also as a device that a free choice would pass over */
  open(reason: string, demanded: boolean): Promise<TensorRuntime>;
  /** Makes it the active one again. */
  activate(): Promise<unknown>;
  /** Why a free choice passes over it, opened as it is; null when nothing speaks against it. */
  objection(runtime: TensorRuntime): string | null;
  /** Only taken when it was timed and was faster: there are machines on which it is, and many on which it is not. */
  readonly mustWin: boolean;
}

const plain = { missing: () => [], objection: () => null, mustWin: false };
const lacking = (...names: readonly string[]) => names.filter((name) => !installed(name));

export const CANDIDATES: readonly Candidate[] = [
  {
    name: 'node-gpu',
    missing: () => lacking(GPU_PACKAGE),
    open: openNodeGpu,
    activate: () => tf.setBackend('tensorflow'),
    objection: ({ capabilities }) => (capabilities.gpu ? null : 'no GPU device'),
    mustWin: false,
  },
  {
    name: 'webgpu',
    missing: () => lacking(DEVICE_PACKAGE, KERNEL_PACKAGE),
    open: openWebGpu,
    activate: () => tf.setBackend('webgpu'),
    objection: () => null,
    mustWin: true,
  },
  { ...plain, name: 'wasm', open: (reason) => openWasm(reason), activate: () => tf.setBackend('wasm') },
  {
    name: 'node-cpu',
    missing: () => (lacking(CPU_PACKAGE, GPU_PACKAGE).length === 2 ? [CPU_PACKAGE] : []),
    open: openNodeCpu,
    activate: () => tf.setBackend('tensorflow'),
    objection: ({ capabilities }) => (capabilities.gpu ? 'the same library runs on the GPU here' : null),
    mustWin: true,
  },
  { ...plain, name: 'cpu', open: openCpu, activate: () => tf.setBackend('cpu') },
];
