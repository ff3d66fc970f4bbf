/** What this machine has for computing on a GPU: looked up, not guessed. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** What came of opening a backend: the device in words, or why not. */
export type Opened = { readonly device: string; readonly gpu: boolean } | { readonly whyNot: string };

export interface GpuFacts {
  /** Version of the NVIDIA driver; null without one. */
  readonly driver: string | null;
  /** A line for each GPU: name, memory, compute capability. */
  readonly gpus: readonly string[];
  /** Libraries that the system's loader knows, of those that matter here. */
  readonly libraries: readonly string[];
  /** Folder of the TensorFlow package; null when it is not installed. */
  readonly package: string | null;
  /** The package's compiled part is there. */
  readonly addon: boolean;
  /** Programs that `gpu:setup` needs, as far as they are there. */
  readonly tools: readonly string[];
  /** Packages of the WebGPU backend that are not installed. */
  readonly webgpuMissing: readonly string[];
  /** Files that describe Vulkan drivers. */
  readonly vulkanDrivers: readonly string[];
  open(backend: 'node-gpu' | 'webgpu'): Promise<Opened>;
}

const LIBRARIES = ['libcuda.so.1', 'libvulkan.so.1'];
const WEBGPU = ['webgpu', '@tensorflow/tfjs-backend-webgpu'];
const require = createRequire(import.meta.url);

export function gpuFacts(env: Readonly<Record<string, string | undefined>>): GpuFacts {
  const home = folderOf('@tensorflow/tfjs-node-gpu');
  const known = says('ldconfig', ['-p']);
  return {
    driver:
      says('nvidia-smi', ['--query-gpu=driver_version', '--format=csv,noheader']).split('\n')[0] || null,
    gpus: says('nvidia-smi', ['--query-gpu=name,memory.total,compute_cap', '--format=csv,noheader'])
      .split('\n')
      .filter((line) => line !== ''),
    libraries: LIBRARIES.filter((name) => known.includes(name) || onPath(env.LD_LIBRARY_PATH, name)),
    package: home,
    addon: home !== null && existsSync(join(home, 'lib', 'napi-v8', 'tfjs_binding.node')),
    tools: ['g++', 'python3', 'npm'].filter((program) => says(program, ['--version']) !== ''),
    webgpuMissing: WEBGPU.filter((name) => folderOf(name) === null),
    vulkanDrivers: vulkanDrivers(env),
    open,
  };
}

async function open(backend: 'node-gpu' | 'webgpu'): Promise<Opened> {
  const { openTensorRuntime } = await import('../../nn/index.ts');
  try {
    const runtime = await openTensorRuntime(backend);
    const { device, capabilities } = runtime;
    runtime.dispose();
    return { device, gpu: capabilities.gpu };
  } catch (thrown) {
    return { whyNot: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}

function vulkanDrivers(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const named = (env.VK_DRIVER_FILES ?? env.VK_ICD_FILENAMES ?? '').split(':').filter(existsSync);
  if (named.length > 0) return named;
  return ['/etc/vulkan/icd.d', '/usr/share/vulkan/icd.d']
    .filter(existsSync)
    .flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)))
    .filter((file) => file.endsWith('.json'));
}

const onPath = (path: string | undefined, name: string) =>
  (path ?? '').split(':').some((folder) => folder !== '' && existsSync(join(folder, name)));

function folderOf(name: string): string | null {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return null;
    throw thrown;
  }
}

/** What a program prints; nothing when it is not there or fails. */
function says(program: string, args: readonly string[]): string {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : '';
}
