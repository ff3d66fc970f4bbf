/** A kernel on disk: bytes that must be the ones that were checked. */
import { createHash } from 'node:crypto';

export const KERNEL_FILE = '/kernels/conv.bin';

/** @param damage 0 for the sound one */
export const bytesOfKernel = (damage = 0): Uint8Array =>
  Uint8Array.from({ length: 64 }, (_, i) => (i === 7 ? damage : 0) + i);

export const digestOfKernel = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What ran, and what should have run. */
export const useKernel = (bytes: Uint8Array) => ({
  kernel: KERNEL_FILE,
  digest: digestOfKernel(bytes),
  expected: digestOfKernel(bytesOfKernel()),
});
