/** What the fused plan promises beside the right numbers: whole batches, small memory, a way out, one thread's bits. */
import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { FusedPlan } from '../../../nn/fused/plan.ts';
import {
  createNetwork,
  createPlan,
  createTfjsPlan,
  type GrowingNetwork,
  type HostSpec,
  type LayerSpec,
  loadNetwork,
  openTensorRuntime,
  type TensorRuntime,
} from '../../../nn/index.ts';
import { adam, families, furthest, sgd, tableOf, weightsOf, worldOf, xor } from '../worlds.ts';

const window = { size: [3, 3], stride: [1, 1], padding: 'same' } as const;
const conv = (units: number): LayerSpec => ({ op: 'conv', units, window, activation: 'tanh' });
const half = { size: [2, 2], stride: [2, 2], padding: 'valid' } as const;

/** Pictures so large that only a few rows fit into a micro-batch. */
const pictures: HostSpec = {
  inputs: 16 * 16 * 2,
  inputShape: [16, 16, 2],
  layers: [
    conv(12),
    { op: 'pool', kind: 'max', window: half },
    conv(8),
    { op: 'squeeze', kind: 'mean' },
    { units: 5, activation: 'linear' },
  ],
  loss: 'softmax_cross_entropy',
  start: 'glorot',
};

const numbers = (length: number, from = 0) =>
  Float32Array.from({ length }, (_, i) => (((i + from) * 7919) % 997) / 500 - 1);
const classes = (rows: number) =>
  Float32Array.from({ length: rows * 5 }, (_, i) => (i % 5 === Math.floor(i / 5) % 5 ? 1 : 0));

describe('the fused plan', () => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime('wasm');
  });

  const networkOf = (host: HostSpec, optimizer = adam): GrowingNetwork =>
    createNetwork({ runtime, host, spans: ['layer', 'residual'], optimizer, runSeed: 3 });

  it('takes batches of any number of rows, one after the other', async () => {
    const [ours, theirs] = [networkOf(pictures, sgd), networkOf(pictures, sgd)];
    const fused = createPlan({ runtime, network: ours, optimizer: sgd });
    const tensors = createTfjsPlan({ runtime, network: theirs, optimizer: sgd });
    for (const rows of [23, 1, 64, 2, 23]) {
      const [inputs, targets] = [numbers(rows * pictures.inputs, rows), classes(rows)];
      const { loss } = await fused.step(inputs, targets, rows, { host: 0.1 });
      const wanted = await tensors.step(inputs, targets, rows, { host: 0.1 });
      expect(Math.abs(loss - wanted.loss)).toBeLessThan(1e-5);
    }
    const [mine, other] = [await weightsOf(ours), await weightsOf(theirs)];
    for (const [name, data] of other) expect(furthest(mine.get(name)!, data), name).toBeLessThan(1e-5);
    for (const each of [fused, tensors, ours, theirs]) each.dispose();
  });

  it('sees what the tensor plan sees, chunk by chunk, with any seed left out or shown', async () => {
    const [ours, theirs] = [true, false].map((fused) => worldOf(runtime, { fused })) as [
      ReturnType<typeof worldOf>,
      ReturnType<typeof worldOf>,
    ];
    for (const world of [ours, theirs]) {
      for (const [i, [slotId, blueprint]] of families.entries()) {
        world.plant(`s${i}`, slotId, blueprint);
        world.network.setMode(`s${i}`, i % 2 === 0 ? 'live' : 'isolated');
        world.network.setAlpha(`s${i}`, 0.6);
      }
      await world.train(5);
    }
    const many = Array.from({ length: 2500 }, (_, i) => [Math.sin(i), Math.cos(3 * i)]);
    const rows = tableOf(
      many,
      many.map(([x, y]) => [Math.sign(x! * y!)]),
      'values',
    );
    for (const view of [
      {},
      { without: ['s0'] },
      { withShadow: ['s1', 's3'] },
      { without: ['s2'], withShadow: ['s1'] },
    ]) {
      const [seen, wanted] = [await ours.plan.evaluate(rows, view), await theirs.plan.evaluate(rows, view)];
      expect(seen.loss).toBeCloseTo(wanted.loss, 4);
      expect({ ...seen, loss: 0, margin: 0 }).toMatchObject({ accuracy: wanted.accuracy, rows: 2500 });
    }
    await expect(ours.plan.evaluate(rows, { without: ['nobody'] })).rejects.toMatchObject({
      code: 'NN_SEED_UNKNOWN',
    });
    for (const world of [ours, theirs]) world.dispose();
  });

  it('goes down the slope that its own loss has', async () => {
    const smooth = { ...pictures, layers: pictures.layers.filter((layer) => layer.op !== 'pool') };
    const network = networkOf(smooth, sgd);
    const plan = createPlan({ runtime, network, optimizer: sgd });
    const [rows, inputs, targets] = [9, numbers(9 * smooth.inputs), classes(9)];
    const before = await network.image();
    const { gradientNorm } = await plan.step(inputs, targets, rows, { host: 1 });
    const after = await weightsOf(network);
    const table = tableOf(
      Array.from({ length: rows }, (_, i) => [
        ...inputs.subarray(i * smooth.inputs, (i + 1) * smooth.inputs),
      ]),
      Array.from({ length: rows }, (_, i) => [...targets.subarray(i * 5, (i + 1) * 5)]),
      'classes',
    );
    const lossAt = async (way: number) => {
      const tensors = before.tensors.map((tensor) => {
        const step = after.get(tensor.name)!;
        return { ...tensor, data: tensor.data.map((w, i) => w - (way / gradientNorm) * (w - step[i]!)) };
      });
      const moved = loadNetwork({ runtime, optimizer: sgd, runSeed: 3 }, { ...before, tensors });
      const there = createPlan({ runtime, network: moved, optimizer: sgd });
      const { loss } = await there.evaluate(table);
      for (const each of [there, moved]) each.dispose();
      return loss;
    };
    const slope = ((await lossAt(-0.02)) - (await lossAt(0.02))) / 0.04;
    for (const each of [plan, network]) each.dispose();

    expect(Math.abs(slope - gradientNorm)).toBeLessThan(1e-4 * Math.max(1, gradientNorm));
  });

  it('leaves to tensors what only its owner understands, and says so once', async () => {
    const said: string[] = [];
    const foreign: LayerSpec = {
      op: 'foreign',
      className: 'LeakyReLU',
      config: { alpha: 0.2 },
      shapes: [],
      learns: [],
    };
    const host: HostSpec = {
      inputs: 2,
      layers: [{ units: 4, activation: 'linear' }, foreign, { units: 1, activation: 'tanh' }],
      loss: 'mse',
      start: 'glorot',
    };
    const network = createNetwork({ runtime, host, spans: [], optimizer: sgd, runSeed: 1 });
    const plan = createPlan({ runtime, network, optimizer: sgd, say: (line) => said.push(line) });
    const world = worldOf(runtime, { network, optimizer: sgd });
    const first = await plan.step(numbers(48), numbers(24), 24, { host: 0.1 });
    let last = first;
    for (let i = 0; i < 20; i++) last = await plan.step(numbers(48), numbers(24), 24, { host: 0.1 });
    await plan.evaluate(xor);
    for (const each of [plan, world]) each.dispose();

    expect(last.loss).toBeLessThan(first.loss);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('LeakyReLU');
  });

  it('keeps to one arena through twenty lives', async () => {
    const world = worldOf(runtime, { fused: true });
    if (!(world.plan instanceof FusedPlan)) throw new Error('not the fused plan');
    const sizes: number[] = [];
    for (let life = 0; life < 20; life++) {
      const [slotId, blueprint] = families[life % families.length]!;
      world.plant(`s${life}`, slotId, blueprint);
      world.network.setMode(`s${life}`, 'isolated');
      await world.train(3);
      world.network.setMode(`s${life}`, 'live');
      world.network.setAlpha(`s${life}`, 0.5);
      await world.train(2);
      await world.plan.evaluate(xor, { without: [`s${life}`] });
      world.network.uproot(`s${life}`);
      sizes.push(world.plan.arenaBytes);
    }
    world.dispose();

    expect(sizes.at(-1)).toBe(sizes[families.length]);
  });

  it('lets go of what it held when a snapshot comes back, and of nothing when it is only read', async () => {
    const world = worldOf(runtime, { fused: true });
    await world.train(3);
    const snapshot = world.network.capture();
    const then = await weightsOf(world.network);
    await world.train(3);
    const later = await weightsOf(world.network);
    await world.train(2);
    world.network.restore(snapshot);
    expect(await weightsOf(world.network)).toEqual(then);
    await world.train(3);
    expect(await weightsOf(world.network)).toEqual(later);
    world.dispose();
  });

  it('leaves nothing behind when its network goes first', async () => {
    const before = runtime.memory().tensors;
    const world = worldOf(runtime, { fused: true });
    await world.train(3);
    world.network.dispose();
    world.plan.dispose();
    expect(runtime.memory().tensors).toBe(before);
  });

  it('keeps to as many tensors and bytes through a hundred epochs and twenty lives', async () => {
    const world = worldOf(runtime, { fused: true });
    if (!(world.plan instanceof FusedPlan)) throw new Error('not the fused plan');
    const sizes: string[] = [];
    for (let epoch = 0; epoch < 100; epoch++) {
      const [life, day] = [Math.floor(epoch / 5), epoch % 5];
      const [slotId, blueprint] = families[life % families.length]!;
      if (day === 0) world.plant(`s${life}`, slotId, blueprint);
      if (day === 1) world.network.setMode(`s${life}`, 'isolated');
      if (day === 2) world.network.setMode(`s${life}`, 'live');
      if (day === 2) world.network.setAlpha(`s${life}`, 0.5);
      const snapshot = world.network.capture();
      await world.train(4);
      if (day === 3) world.network.restore(snapshot);
      world.network.release(snapshot);
      await world.plan.evaluate(xor);
      if (day === 4) world.network.uproot(`s${life}`);
      await world.train(1);
      const { tensors, bytes } = runtime.memory();
      if (day === 4) sizes.push(`${tensors} tensors, ${bytes} bytes, ${world.plan.arenaBytes}`);
    }
    world.dispose();

    expect(new Set(sizes.slice(families.length)).size).toBe(1);
  });

  it('comes to the same bits on every machine and every version of Node', async () => {
    const network = networkOf({
      ...pictures,
      layers: [
        ...pictures.layers.slice(0, 3),
        { op: 'norm', how: { kind: 'layer', epsilon: 1e-3, momentum: 0 } },
        ...pictures.layers.slice(3),
      ],
    });
    const plan = createPlan({ runtime, network, optimizer: adam });
    for (let i = 0; i < 30; i++) {
      await plan.step(numbers(31 * pictures.inputs, i), classes(31), 31, { host: 0.01 });
    }
    const hash = createHash('sha256');
    for (const [name, data] of await weightsOf(network))
      hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    for (const each of [plan, network]) each.dispose();

    expect(hash.digest('hex')).toBe('8dff81f20c5d30ff1bf492e59fd6ac6b77157184d6856f76a1bb2578fef5ffbc');
  });
});
