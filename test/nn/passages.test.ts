/** New units pass norms, depthwise convolutions and flattenings, each by itself, and join the layer before them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { groundAt } from '../../nn/ground.ts';
import {
  bottleneck,
  createPlan,
  exportModel,
  type GrowingNetwork,
  type HostSpec,
  kernelParameters,
  type LayerSpec,
  loadNetwork,
  openTensorRuntime,
  predict,
  type TensorRuntime,
  widenMap,
} from '../../nn/index.ts';
import { placesOf, shapesOf } from '../../nn/slots.ts';
import { batchOf, conv, dense, hostOver, landOf, pool, rowsFor, squeeze, windowOf } from './landscapes.ts';
import { adam, furthest, weightsOf } from './worlds.ts';
import { reloaded } from './wrap/gardens.ts';

const batchNorm: LayerSpec = { op: 'norm', how: { kind: 'batch', epsilon: 1e-3, momentum: 0.9 } };
const layerNorm: LayerSpec = { op: 'norm', how: { kind: 'layer', epsilon: 1e-3, momentum: 0 } };
const around: LayerSpec = { op: 'depthwise', window: windowOf(3), activation: 'tanh' };
const reshape = (...shape: number[]): LayerSpec => ({ op: 'reshape', shape });
const relu: LayerSpec = { op: 'activate', activation: 'relu' };
const image = (...layers: readonly LayerSpec[]) => hostOver([4, 4, 2], conv(3), ...layers);

/** The host, and how many rows of the next weights each unit has. */
const HOSTS: Readonly<Record<string, readonly [host: HostSpec, rowsEach: number]>> = {
  'a batch norm': [image(batchNorm, relu, conv(3), squeeze), 9],
  'a batch norm of plain rows': [hostOver([6], dense(3), batchNorm, dense(4)), 1],
  'a batch norm without gain and offset': [
    image({ ...batchNorm, gamma: false, beta: false } as LayerSpec, conv(3), squeeze),
    9,
  ],
  'a depthwise convolution': [image(around, conv(3), squeeze), 9],
  'a depthwise convolution without offsets': [
    image({ ...around, bias: false } as LayerSpec, conv(3), squeeze),
    9,
  ],
  'a flattening': [image(pool(), reshape(12), dense(4)), 4],
  'a flattening in two steps': [image(reshape(4, 12), reshape(48), dense(4)), 16],
  'rows of pixels side by side': [image(reshape(4, 12), dense(4), squeeze), 4],
  'all of them': [image(batchNorm, around, pool(), reshape(12), batchNorm, dense(4)), 4],
};

/** What somebody is told who loads the exported files. */
async function elsewhere(runtime: TensorRuntime, network: GrowingNetwork, x: Float32Array, count: number) {
  const { layersModel, graph } = await exportModel(network);
  const model = await reloaded(layersModel!);
  const inputs = runtime.upload(x.slice(), [count, ...network.spec.inputShape!]);
  const answer = model.predict(inputs) as typeof inputs;
  const given = answer.dataSync<'float32'>().slice();
  for (const each of [model, inputs, answer]) each.dispose();
  return { given, graph };
}

type Land = ReturnType<typeof landOf>;

describe.each(Object.entries(HOSTS))('new units behind whose layer stands %s', (_, [host, rowsEach]) => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime('wasm');
  });
  const { x, y, count } = batchOf(rowsFor(host));
  const outputsOf = (network: GrowingNetwork) => predict(network, x.slice(), count);
  const target = host.layers.findIndex(({ op }, i) => i > 0 && (op === 'conv' || op === 'dense')) + 1;

  /** A land in which two new units and their neighbours have learned for a while. */
  async function grown(): Promise<Land> {
    const land = landOf(runtime, host);
    await land.train(4);
    for (const [seedId, slotId, blueprint] of [
      ['wide', 'h1/layer', widenMap(2, 'tanh')],
      ['beside', 'h1/residual', bottleneck(2, 'tanh')],
      ['behind', `h${target}/layer`, widenMap(1, 'tanh')],
    ] as const) {
      if (!land.network.slots().some((slot) => slot.slotId === slotId)) continue;
      land.plant(seedId, slotId, blueprint);
      land.wake(seedId);
    }
    await land.train(12);
    return land;
  }

  it('change nothing at birth, bit for bit', async () => {
    const land = landOf(runtime, host);
    await land.train(4);
    const bare = await outputsOf(land.network);
    const blueprint = widenMap(2, 'tanh');
    land.plant('wide', 'h1/layer', blueprint);
    const [seed] = land.network.seeds();
    const asleep = await outputsOf(land.network);
    land.wake('wide', 0);
    const still = await outputsOf(land.network);
    land.network.setAlpha('wide', 1);
    const awake = await outputsOf(land.network);
    land.dispose();

    const place = placesOf(host, ['layer']).get('h1/layer')!;
    const shapes = shapesOf(host);
    const sides = (layer: number) => (host.layers[layer - 1]!.op === 'conv' ? [3, 3] : []);
    const ends = groundAt(place, shapes, sides).layer!;
    const [inWidth, outWidth] = [shapes[0]!.at(-1)!, shapes[target]!.at(-1)!];
    expect(seed!.parameters).toBe(kernelParameters(blueprint, inWidth, outWidth, ends));
    for (const outputs of [asleep, still]) expect(outputs).toEqual(bare);
    expect(furthest(awake, bare)).toBeLessThan(1e-6);
  });

  it('join their layer, and the function stays, in looking and in training', async () => {
    const tensors = runtime.memory().tensors;
    const [merging, branching] = [await grown(), await grown()];
    const before = await outputsOf(merging.network);
    const old = await weightsOf(merging.network);
    const { merged } = merging.network.fossilize('wide');
    const after = await outputsOf(merging.network);
    const joined = await weightsOf(merging.network);
    const rest = { host: 0, wide: 0, beside: 0, behind: 0 };
    const [one, other] = [await merging.train(1, rest), await branching.train(1, rest)];
    const widths = merging.network.widths();
    const later = await merging.train(3);
    for (const land of [merging, branching]) land.dispose();

    expect(merged).toBe(true);
    expect(runtime.memory().tensors).toBe(tensors);
    expect(widths[0]).toBe(5);
    expect(furthest(after, before)).toBeLessThan(1e-6);
    expect(Math.abs(one.loss - other.loss)).toBeLessThan(1e-6);
    expect(later.finite).toBe(true);
    for (const suffix of ['', '#1', '#2']) {
      const [was, is] = [old.get(`host/${target}.w${suffix}`)!, joined.get(`host/${target}.w${suffix}`)!];
      const outs = old.get(`host/${target}.b`)!.length;
      expect(is.length).toBe(was.length + 2 * rowsEach * outs);
      // Rows come in groups of one for each old unit; behind them now lie those of the two new ones.
      const own = Array.from(is).filter((_, i) => Math.floor(i / outs) % 5 < 3);
      expect(own).toEqual([...was]);
    }
  });

  it('come back from an image, before they join and after', async () => {
    const land = await grown();
    for (const join of [false, true]) {
      if (join) land.network.fossilize('wide');
      const image = await land.network.image();
      const revived = loadNetwork({ runtime, optimizer: adam, runSeed: 11 }, image);
      const [mine, theirs] = [await outputsOf(land.network), await outputsOf(revived)];
      const again = await weightsOf(revived);
      revived.dispose();

      expect(theirs).toEqual(mine);
      for (const { name, data } of image.tensors) expect(again.get(name), name).toEqual(data);
    }
    land.dispose();
  });

  it('leave home with the rest of the network', async () => {
    const land = await grown();
    for (const { seedId } of land.network.seeds()) land.network.fossilize(seedId);
    const { given, graph } = await elsewhere(runtime, land.network, x, count);
    const wanted = await outputsOf(land.network);
    land.dispose();

    expect(furthest(given, wanted)).toBeLessThan(1e-5);
    for (const { op, name, shape } of graph.layers)
      if (op === 'reshape') expect((shape as number[]).at(-1)! % 5, name).toBe(0);
  });

  it('train in the fused plan as they do on tensors, alone and together with the host', async () => {
    const lands = [landOf(runtime, host), landOf(runtime, host)] as const;
    const said: string[] = [];
    const order = { runtime, network: lands[0].network, optimizer: adam };
    const fused = createPlan({ ...order, say: (line) => said.push(line) });
    for (const mode of ['isolated', 'live'] as const) {
      const [mine, theirs] = await Promise.all(
        lands.map(async ({ network, plan, ...land }, i) => {
          if (mode === 'isolated') land.plant('wide', 'h1/layer', widenMap(2, 'tanh'));
          network.setMode('wide', mode);
          network.setAlpha('wide', mode === 'live' ? 0.5 : 0);
          const steps = i === 0 ? fused : plan;
          for (let step = 0; step < 3; step++) await steps.step(x, y, count, { host: 1e-3, wide: 1e-3 });
          return weightsOf(network);
        }),
      );
      for (const [name, data] of theirs!) expect(furthest(mine!.get(name)!, data), name).toBeLessThan(2e-4);
    }
    fused.dispose();
    for (const land of lands) land.dispose();

    expect(said).toEqual([]);
  });
});

describe('new units on their way', () => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime('wasm');
  });

  it('move their own running figures while they learn alone, and nobody else sees it', async () => {
    const host = HOSTS['a batch norm']![0];
    const [alone, together] = [landOf(runtime, host), landOf(runtime, host)];
    together.plant('wide', 'h1/layer', widenMap(2, 'tanh'));
    together.network.setMode('wide', 'isolated');
    const born = await weightsOf(together.network);
    await Promise.all([alone.train(5), together.train(5)]);
    const [lonely, busy] = [await weightsOf(alone.network), await weightsOf(together.network)];
    for (const land of [alone, together]) land.dispose();

    for (const figures of ['mean', 'variance'])
      expect(
        furthest(busy.get(`wide/way.h2.${figures}`)!, born.get(`wide/way.h2.${figures}`)!),
      ).toBeGreaterThan(1e-3);
    for (const [name, data] of lonely) expect(busy.get(name), name).toEqual(data);
  });

  it('leave running figures where they are once they are frozen', async () => {
    const land = landOf(runtime, HOSTS['a batch norm']![0]);
    land.plant('wide', 'h1/layer', { ...widenMap(2, 'tanh'), onFossilize: 'frozen' });
    land.wake('wide');
    await land.train(5);
    const report = land.network.fossilize('wide');
    const before = await weightsOf(land.network);
    await land.train(5);
    const after = await weightsOf(land.network);
    land.dispose();

    expect(report).toMatchObject({ merged: false, frozen: true });
    for (const key of ['unit.w', 'way.h2.gamma', 'way.h2.mean', 'way.h2.variance'])
      expect(after.get(`wide/${key}`), key).toEqual(before.get(`wide/${key}`));
    expect(after.get('host/2.mean')).not.toEqual(before.get('host/2.mean'));
  });

  it('find none past a layer norm: one more feature moves the mean of all others', () => {
    const land = landOf(runtime, image(layerNorm, conv(3), squeeze));
    const slots = land.network.slots().map(({ slotId }) => slotId);
    land.dispose();

    expect(slots).not.toContain('h1/layer');
    expect(slots).toContain('h3/layer');
  });

  it.each([
    ['a norm at rest', { ...HOSTS['a batch norm']![0], sites: [1] }, { frozen: true }],
    [
      'a seed on a share of what they would come to lie between',
      { ...HOSTS['a flattening']![0], sites: [3], chunks: 2 },
      {},
    ],
  ] as const)('stay a branch beside %s', async (_, spec, amend) => {
    const host = {
      ...spec,
      layers: spec.layers.map((layer) => (layer.op === 'norm' ? { ...layer, ...amend } : layer)),
    };
    const land = landOf(runtime, host);
    land.plant('wide', 'h1/layer', widenMap(2, 'tanh'));
    land.wake('wide');
    if (host.chunks === 2) {
      land.plant('share', 'h3/residual#2', bottleneck(2, 'tanh'));
      land.wake('share');
    }
    await land.train(6);
    const { x, count } = batchOf(rowsFor(host));
    const before = await predict(land.network, x.slice(), count);
    const { merged } = land.network.fossilize('wide');
    const after = await predict(land.network, x.slice(), count);
    if (host.chunks === 2) land.network.fossilize('share');
    const { given } = await elsewhere(runtime, land.network, x, count);
    land.dispose();

    expect(merged).toBe(false);
    expect(after).toEqual(before);
    expect(furthest(given, before)).toBeLessThan(1e-5);
  });
});
