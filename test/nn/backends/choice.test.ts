/** Which engine room is opened, why, and what it refuses. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { BACKENDS } from '../../../contracts/index.ts';
import { CANDIDATES, type Candidate } from '../../../nn/adapters/candidates.ts';
import { settleNativeLibraries } from '../../../nn/adapters/native-settings.ts';
import { choose } from '../../../nn/adapters/open.ts';
import { installed } from '../../../nn/adapters/packages.ts';
import {
  createNetwork,
  createPlan,
  createTfjsPlan,
  describeRuntime,
  openTensorRuntime,
  type TensorRuntime,
  timeSteps,
} from '../../../nn/index.ts';
import { adam, hostOf, xorInputs, xorTargets } from '../worlds.ts';

const absent = ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node', 'webgpu'].every(
  (name) => !installed(name),
);

describe('the choice of a backend', () => {
  it('says what was looked at and why it was passed over', async () => {
    const runtime = await openTensorRuntime('auto');
    const passed = runtime.tried.filter(({ whyNot }) => whyNot !== null);

    expect(runtime.tried.find(({ name }) => name === runtime.name)?.whyNot).toBeNull();
    for (const { name, whyNot } of passed) expect(describeRuntime(runtime)).toContain(`${name}: ${whyNot}`);
    expect(describeRuntime(runtime)).toContain(runtime.reason);
  });

  it.runIf(absent)('looks past packages that are not installed, in order, and times nothing', async () => {
    const runtime = await openTensorRuntime('auto', {
      calibrate: () => Promise.reject(new Error('there is nothing to compare')),
    });

    expect(runtime.name).toBe('wasm');
    expect(runtime.tried.map(({ name }) => name)).toEqual(BACKENDS.slice(0, 4));
    expect(runtime.tried[0]?.whyNot).toBe('@tensorflow/tfjs-node-gpu not installed');
  });

  it.runIf(absent).each(['node-gpu', 'node-cpu', 'webgpu'] as const)(
    'refuses %s when it is demanded and not there, with the next step',
    async (name) => {
      const refused = await openTensorRuntime(name).catch((error: unknown) => error);

      expect(refused).toMatchObject({ code: 'NN_BACKEND_UNUSABLE', details: { backend: name } });
      expect((refused as { hint: string }).hint).toMatch(/gpu/);
    },
  );

  it('stays among what it may choose from', async () => {
    const runtime = await openTensorRuntime('auto', { among: ['cpu'] });

    expect(runtime.name).toBe('cpu');
    expect(tf.getBackend()).toBe('cpu');
  });

  it('has the package that is there and misses the one that is not', () => {
    expect(installed('@tensorflow/tfjs')).toBe(true);
    expect(installed('@tensorflow/tfjs-of-nobody')).toBe(false);
  });
});

describe('a race of backends', () => {
  const timed = (ms: Partial<Record<string, number | Error>>) => async (runtime: TensorRuntime) => {
    const found = ms[runtime.name];
    if (typeof found === 'number') return { stepMs: found, plan: `tensors of ${runtime.name}` };
    throw found ?? new Error('nobody asked for it');
  };
  /** Candidates as this process has them: wasm and cpu open, the others are played by wasm under another name. */
  const among = (...rivals: Partial<Candidate>[]) =>
    rivals.map((rival) => ({ ...wasm, ...rival })) as readonly Candidate[];
  const wasm = CANDIDATES.find(({ name }) => name === 'wasm')!;
  const native: Partial<Candidate> = {
    name: 'node-cpu',
    mustWin: true,
    open: async (reason) => ({ ...(await wasm.open(reason, false)), name: 'node-cpu' }),
  };

  it('goes to one that is mostly slower only when it is clearly faster here', async () => {
    const close = await choose(among({}, native), { calibrate: timed({ wasm: 1, 'node-cpu': 0.9 }) });
    const clear = await choose(among({}, native), { calibrate: timed({ wasm: 1, 'node-cpu': 0.5 }) });

    expect([close.name, clear.name]).toEqual(['wasm', 'node-cpu']);
    expect(describeRuntime(close)).toContain('node-cpu: not clearly faster: 0.900 ms a step');
    expect(describeRuntime(clear)).toContain('wasm: slower: 1.00 ms a step');
  });

  it('is not won by one whose steps are those of another: what differs is the clock', async () => {
    const calibrate = async ({ name }: TensorRuntime) => ({
      stepMs: name === 'wasm' ? 1 : 0.1,
      plan: 'fused',
    });
    const runtime = await choose(among({}, native), { calibrate });

    expect(runtime.name).toBe('wasm');
    expect(describeRuntime(runtime)).toContain('node-cpu: the fused plan of wasm trains there too');
  });

  it('passes over a device that answers every question and then fails at the real model', async () => {
    const calibrate = timed({ wasm: 1, 'node-cpu': new Error('the device is gone') });
    const runtime = await choose(among(native, {}), { calibrate });

    expect(runtime.name).toBe('wasm');
    expect(describeRuntime(runtime)).toContain('node-cpu: the device is gone');
  });

  it('refuses when none gets through, with what each said', async () => {
    const calibrate = timed({ wasm: new Error('full'), 'node-cpu': new Error('gone') });

    await expect(choose(among(native, {}), { calibrate })).rejects.toMatchObject({
      code: 'NN_BACKEND_UNUSABLE',
      message: expect.stringContaining('wasm: full'),
    });
  });

  it('leaves the only one that is usable active, whatever was looked at after it', async () => {
    const broken: Partial<Candidate> = {
      name: 'node-cpu',
      open: async () => {
        await tf.setBackend('cpu');
        throw new Error('no library');
      },
    };
    const runtime = await choose(among({}, broken), { calibrate: timed({}) });

    expect(runtime.name).toBe('wasm');
    expect(tf.getBackend()).toBe('wasm');
  });
});

describe('a memory budget', () => {
  it('refuses the upload that would not fit, and takes the one that does', async () => {
    const open = await openTensorRuntime('wasm');
    const runtime = await openTensorRuntime('wasm', { maxBytes: open.memory().bytes + 4000 });
    const fits = runtime.upload(new Float32Array(900), [900]);

    expect(runtime.capabilities.maxBytes).toBeLessThan(open.capabilities.maxBytes!);
    expect(() => runtime.upload(new Float32Array(900), [900])).toThrow(
      expect.objectContaining({ code: 'NN_OUT_OF_MEMORY', hint: expect.stringContaining('ESPER_MEMORY_MB') }),
    );
    fits.dispose();
    runtime.upload(new Float32Array(900), [900]).dispose();
  });

  it('is kept on tensors where a compiled plan has no room, and that is said once', async () => {
    const open = await openTensorRuntime('wasm');
    const roomy = { optimizer: adam, runtime: open, host: hostOf([100, 60, 1]), spans: [], runSeed: 1 };
    const narrow = {
      ...roomy,
      runtime: await openTensorRuntime('wasm', { maxBytes: open.memory().bytes + 150_000 }),
    };
    const said: string[] = [];
    const losses = [];
    for (const order of [narrow, roomy]) {
      const network = createNetwork(order);
      const make = order === narrow ? createPlan : createTfjsPlan;
      const plan = make({ ...order, network, say: (line) => said.push(line) });
      for (const _ of [1, 2, 3])
        losses.push((await plan.step(xorInputs, xorTargets, 24, { host: 0.01 })).loss);
      plan.dispose();
      network.dispose();
    }

    expect(losses.slice(0, 3)).toEqual(losses.slice(3));
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^the fused plan has no room: .* do not fit.*: such steps run on \S+$/);
  });

  it('counts the memory of a compiled plan, and has it back when the plan is gone', async () => {
    const open = await openTensorRuntime('wasm');
    const limit = open.memory().bytes + 400_000;
    const runtime = await openTensorRuntime('wasm', { maxBytes: limit });
    const order = { optimizer: adam, runtime };
    const network = createNetwork({ ...order, host: hostOf(), spans: [], runSeed: 1 });
    const wide = { inputs: xorInputs.length / 24, targets: xorTargets.length / 24, rows: 50_000 };
    const plan = createPlan({ ...order, network });
    const step = (rows: number) =>
      plan.step(new Float32Array(rows * wide.inputs), new Float32Array(rows * wide.targets), rows, {
        host: 0.01,
      });

    await step(24);
    await expect(step(wide.rows)).rejects.toMatchObject({
      code: 'NN_OUT_OF_MEMORY',
      message: expect.stringMatching(
        /^neither plan fits\. Fused plan: .* do not fit.* Tensor plan: .* do not fit/,
      ),
    });
    plan.dispose();
    runtime.claim!(300_000);
    expect(() => runtime.upload(new Float32Array(50_000), [50_000])).toThrow('more do not fit');
    runtime.claim!(0);
    runtime.upload(new Float32Array(50_000), [50_000]).dispose();
    network.dispose();
  });
});

describe('timing a model', () => {
  it('is the middle of its steps by the clock it is given, and leaves no tensor', async () => {
    const runtime = await openTensorRuntime('wasm');
    const before = tf.memory().numTensors;
    let looks = 0;
    const timing = await timeSteps(runtime, { host: hostOf(), optimizer: adam, batch: 4 }, () => 3 * looks++);

    expect(timing).toEqual({ stepMs: 3, plan: 'fused' });
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('packed reads of a distant memory', () => {
  it('come back in order, as those of a near one do', async () => {
    const near = await openTensorRuntime('cpu');
    const { engineRuntime } = await import('../../../nn/adapters/engine.ts');
    const far: TensorRuntime = engineRuntime({ name: 'webgpu', reason: 'a test', peek: null });
    const tensors = [far.upload(Float32Array.of(1, 2, 3, 4), [2, 2]), far.upload(Float32Array.of(5), [])];

    expect(await far.readPacked(tensors)).toEqual(await near.readPacked(tensors));
    expect(far.capabilities).toMatchObject({ syncRead: false });
    expect(() => far.peek(tensors[0]!)).toThrow(expect.objectContaining({ code: 'NN_NO_SYNC_READ' }));
    expect(await far.readPacked([])).toHaveLength(0);
    tf.dispose(tensors);
  });
});

describe('the settings of native libraries', () => {
  it('are set where nobody chose otherwise', () => {
    const env: Record<string, string | undefined> = { TF_NUM_INTRAOP_THREADS: '8' };
    settleNativeLibraries(env);

    expect(env).toMatchObject({ TF_FORCE_GPU_ALLOW_GROWTH: 'true', TF_NUM_INTRAOP_THREADS: '8' });
  });
});
