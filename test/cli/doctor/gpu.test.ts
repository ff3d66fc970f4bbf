/** `esper doctor --gpu` says what is missing, and what to do about it. */
import { describe, expect, it } from 'vitest';
import { examineGpu } from '../../../cli/doctor/gpu-checks.ts';
import type { GpuFacts } from '../../../cli/doctor/gpu-facts.ts';
import { main } from '../../../cli/program.ts';
import { fakeWorld } from '../fake-world.ts';

const ready: GpuFacts = {
  driver: '570.10',
  gpus: ['NVIDIA H200, 143771 MiB, 9.0'],
  libraries: ['libcuda.so.1', 'libvulkan.so.1'],
  package: '/app/node_modules/@tensorflow/tfjs-node-gpu',
  addon: true,
  tools: ['g++', 'python3', 'npm'],
  webgpuMissing: [],
  vulkanDrivers: ['/etc/vulkan/icd.d/nvidia_icd.json'],
  open: async (backend) => ({ device: `${backend} on the GPU`, gpu: true }),
};

const row = async (facts: Partial<GpuFacts>, name: string) =>
  (await examineGpu({ ...ready, ...facts })).find((check) => check.name === name);

describe('the GPU examination', () => {
  it('has nothing to say where everything is there', async () => {
    const checks = await examineGpu(ready);

    expect(checks.map(({ state }) => state)).toEqual(checks.map(() => 'ok'));
    expect(checks.find(({ name }) => name === 'node-gpu')?.finding).toBe('node-gpu on the GPU');
  });

  it.each<[string, Partial<GpuFacts>, string]>([
    ['driver', { driver: null }, 'install its driver'],
    ['gpu', { gpus: [] }, '--gpus all'],
    ['cuda', { libraries: [] }, 'it comes with the driver'],
    ['package', { package: null }, 'npm run gpu:setup'],
    ['addon', { addon: false, tools: ['python3'] }, 'install g++, then npm run gpu:setup'],
    ['webgpu', { webgpuMissing: ['webgpu'] }, 'npm i --no-save'],
    ['vulkan', { libraries: ['libcuda.so.1'] }, 'apt-get install libvulkan1'],
    ['vulkan', { vulkanDrivers: [] }, 'VK_DRIVER_FILES'],
  ])('names the next step when %s is missing', async (name, missing, next) => {
    const check = await row(missing, name);

    expect(check?.state).toBe('warning');
    expect(check?.next).toContain(next);
  });

  it('tells a library without CUDA from one that does not load', async () => {
    const device = 'TensorFlow 2.21.0 on the CPU: no GPU device';
    const onCpu = await row({ open: async () => ({ device, gpu: false }) }, 'node-gpu');
    const broken = await row({ open: async () => ({ whyNot: 'libtensorflow is gone' }) }, 'node-gpu');

    expect(onCpu).toMatchObject({ state: 'warning', finding: device });
    expect(onCpu?.next).toContain('CUDA');
    expect(broken).toMatchObject({ state: 'failed', finding: 'libtensorflow is gone' });
  });

  it('is one document in JSON and a table otherwise', async () => {
    const [asJson, asTable] = [fakeWorld(), fakeWorld()];
    await main(['doctor', '--gpu', '--json'], asJson);
    await main(['doctor', '--gpu'], asTable);

    expect(JSON.parse(asJson.said().out)).toMatchObject({ kind: 'Doctor', state: 'warning' });
    expect(asTable.said().out).toMatch(/warning +package +@tensorflow\/tfjs-node-gpu is not installed/);
  });
});
