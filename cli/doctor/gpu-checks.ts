/** What stands between this machine and training on a GPU. Nothing here is needed: without a GPU, wasm computes. */
import type { CheckResult } from '../views/documents.ts';
import { type Answer, failed, ok, warning } from './answer.ts';
import type { GpuFacts, Opened } from './gpu-facts.ts';

const SETUP = 'npm run gpu:setup';
const WEBGPU_SETUP = 'npm i --no-save --save-prod webgpu @tensorflow/tfjs-backend-webgpu@4.22.0';

/** From the hardware up: the first row that is not ok explains the others. */
export async function examineGpu(facts: GpuFacts): Promise<CheckResult[]> {
  return [
    { name: 'driver', ...driver(facts) },
    { name: 'gpu', ...gpus(facts) },
    { name: 'cuda', ...cuda(facts) },
    { name: 'package', ...packageHere(facts) },
    { name: 'addon', ...addon(facts) },
    { name: 'node-gpu', ...(await nodeGpu(facts)) },
    { name: 'webgpu', ...webgpuPackages(facts) },
    { name: 'vulkan', ...vulkan(facts) },
    { name: 'device', ...(await webgpuDevice(facts)) },
  ];
}

const driver = ({ driver: version }: GpuFacts): Answer =>
  version
    ? ok(`NVIDIA ${version}`)
    : warning(
        'no NVIDIA driver answers',
        'with an NVIDIA GPU: install its driver; else nothing: wasm computes',
      );

const gpus = ({ gpus: all }: GpuFacts): Answer =>
  all.length > 0
    ? ok(all.join('; '))
    : warning('nvidia-smi names no GPU', 'in a container: start it with --gpus all');

const cuda = ({ libraries }: GpuFacts): Answer =>
  libraries.includes('libcuda.so.1')
    ? ok('libcuda.so.1')
    : warning('libcuda.so.1 is not found', 'it comes with the driver; in a container: --gpus all');

const packageHere = ({ package: folder }: GpuFacts): Answer =>
  folder === null ? warning('@tensorflow/tfjs-node-gpu is not installed', SETUP) : ok(folder);

function addon({ addon: there, package: folder, tools }: GpuFacts): Answer {
  if (there) return ok('compiled');
  const lacking = ['g++', 'python3'].filter((tool) => !tools.includes(tool));
  const next = lacking.length === 0 ? SETUP : `install ${lacking.join(' and ')}, then ${SETUP}`;
  return warning(
    folder === null ? 'none: the package is missing' : 'the package has no compiled addon',
    next,
  );
}

async function nodeGpu(facts: GpuFacts): Promise<Answer> {
  if (facts.package === null || !facts.addon) return warning('not tried', SETUP);
  const opened = await facts.open('node-gpu');
  if ('whyNot' in opened) return failed(opened.whyNot, `${SETUP} -- --tensorflow pip`);
  if (opened.gpu) return ok(opened.device);
  const wheel =
    facts.gpus.length > 0 ? `${SETUP} -- --tensorflow pip brings the library with CUDA` : 'needs a GPU';
  return warning(opened.device, wheel);
}

const webgpuPackages = ({ webgpuMissing }: GpuFacts): Answer =>
  webgpuMissing.length === 0
    ? ok('installed')
    : warning(`${webgpuMissing.join(', ')} not installed`, WEBGPU_SETUP);

function vulkan({ libraries, vulkanDrivers }: GpuFacts): Answer {
  if (!libraries.includes('libvulkan.so.1'))
    return warning('no libvulkan.so.1', 'apt-get install libvulkan1');
  if (vulkanDrivers.length > 0) return ok(vulkanDrivers.join(', '));
  return warning('no Vulkan driver is described', 'install one, or name its file in VK_DRIVER_FILES');
}

async function webgpuDevice(facts: GpuFacts): Promise<Answer> {
  if (facts.webgpuMissing.length > 0) return warning('not tried', WEBGPU_SETUP);
  const opened: Opened = await facts.open('webgpu');
  if ('whyNot' in opened) return warning(opened.whyNot, 'see the row vulkan');
  return opened.gpu ? ok(opened.device) : warning(opened.device, 'good for tests, slower than wasm');
}
