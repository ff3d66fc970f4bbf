/** The kernel pack: what the stock wasm backend lacks, gets wrong or does slowly, replaced in its own memory. */
import type { BlockUpdater } from '../runtime.ts';
import { gatherKernels } from './pack-gather.ts';
import { guardHeap, PackHeap, type WasmBackend } from './pack-heap.ts';
import { replaceKernels } from './pack-kernels.ts';
import { packUpdater } from './pack-optimizer.ts';
import { paddingKernels } from './pack-padding.ts';
import { productKernels } from './pack-products.ts';
import { rowKernels } from './pack-rows.ts';
import { windowKernels } from './pack-windows.ts';

export interface KernelPack {
  readonly updater: BlockUpdater;
  /** Brings the stock kernels back and frees what the pack holds. Tensors stay valid. */
  remove(): void;
}

/** Packs by backend: a second `installPack` finds the first one at work. */
const installed = new WeakMap<WasmBackend, KernelPack>();

/** Replaces kernels for the whole process. @param backend the active wasm backend */
export function installPack(backend: WasmBackend): KernelPack {
  const working = installed.get(backend);
  if (working !== undefined) return working;
  const heap = new PackHeap(backend);
  const undo = [
    guardHeap(backend),
    replaceKernels({
      ...productKernels(heap),
      ...windowKernels(heap),
      ...gatherKernels(heap),
      ...paddingKernels(),
      ...rowKernels(heap),
    }),
  ];
  const pack = {
    updater: packUpdater(heap),
    remove() {
      for (const step of undo) step();
      heap.dispose();
      installed.delete(backend);
    },
  };
  installed.set(backend, pack);
  return pack;
}

/** The pack at work on a backend, if any. */
export const packOf = (backend: WasmBackend): KernelPack | undefined => installed.get(backend);
