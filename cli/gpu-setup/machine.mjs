/** What this machine has: an NVIDIA GPU, the CUDA of the published package, Node's headers. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The first GPU as `{ name, capability }`, or null where no driver answers. */
export function gpuHere() {
  const asked = ['--query-gpu=name,compute_cap', '--format=csv,noheader'];
  const { status, stdout } = spawnSync('nvidia-smi', asked, { encoding: 'utf8' });
  if (status !== 0 || !stdout.trim()) return null;
  const [name, capability] = stdout
    .trim()
    .split('\n')[0]
    .split(',')
    .map((field) => field.trim());
  return { name, capability: Number(capability) };
}

/** CUDA 11 and cuDNN 8, which the published library was built for. */
export function hasOldCuda() {
  const { stdout } = spawnSync('ldconfig', ['-p'], { encoding: 'utf8' });
  return /libcudart\.so\.11/.test(stdout ?? '') && /libcudnn\.so\.8/.test(stdout ?? '');
}

/** The folder of Node's own headers, or null where Node came without them. */
export function nodeHeaders() {
  const folder = join(dirname(dirname(process.execPath)), 'include', 'node');
  return existsSync(join(folder, 'node_api.h')) ? folder : null;
}

/**
 * Why the published package does not fit here, or null. Its library, TensorFlow 2.9 for CUDA 11.2, has no code for
 * GPUs of capability 9 (H100) and later.
 */
export function whyNotStock(gpu) {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'it is published for Linux on x64';
  if (gpu === null) return 'no NVIDIA GPU';
  if (!(gpu.capability < 9)) return `it has no code for a GPU of capability ${gpu.capability}`;
  return hasOldCuda() ? null : 'CUDA 11 with cuDNN 8 is not installed';
}
