/** Every operation a network is made of, against finite differences: the loss itself is the witness. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { BlueprintIR } from '../../contracts/index.ts';
import {
  attention,
  bottleneck,
  depthwise,
  type HostSpec,
  heavy,
  imageBottleneck,
  type LayerSpec,
  light,
  loadNetwork,
  lowRank,
  type NetworkImage,
  norm,
  openTensorRuntime,
  pointwise,
  squeezeExcite,
  type TensorRuntime,
  widenMap,
} from '../../nn/index.ts';
import { createTfjsPlan } from '../../nn/tfjs-plan.ts';
import {
  batchOf,
  conv,
  dense,
  HOSTS,
  hostOver,
  landOf,
  pool,
  rowsFor,
  squeeze,
  windowOf,
} from './landscapes.ts';
import { sgd, weightsOf } from './worlds.ts';

const batchNorm: LayerSpec = { op: 'norm', how: { kind: 'batch', epsilon: 1e-3, momentum: 0.9 } };
const layerNorm: LayerSpec = { op: 'norm', how: { kind: 'layer', epsilon: 1e-3, momentum: 0 } };
const depth = (side: number, stride = 1, padding: 'same' | 'valid' = 'same'): LayerSpec => ({
  op: 'depthwise',
  window: windowOf(side, stride, padding),
  activation: 'tanh',
});
const image = (...layers: readonly LayerSpec[]) => hostOver([6, 5, 2], ...layers, squeeze);
/** Weights before the operation and behind it, so that its own gradient and what it passes on are both seen. */
const around = (...layers: readonly LayerSpec[]) => image(conv(3), ...layers, conv(2));

const hosts: Readonly<Record<string, HostSpec>> = {
  'a dense layer at every pixel': around(dense(3)),
  'a convolution, stride 1, same': around(conv(3, windowOf(3))),
  'a convolution, stride 1, valid': around(conv(3, windowOf(3, 1, 'valid'))),
  'a convolution, stride 2, same': around(conv(3, windowOf(3, 2))),
  'a convolution, stride 2, valid': around(conv(3, windowOf(2, 2, 'valid'))),
  'a 1 x 1 convolution without bias': around({ ...conv(3, windowOf(1)), bias: false } as LayerSpec),
  'a depthwise convolution, stride 1, same': around(depth(3)),
  'a depthwise convolution, stride 2, same': around(depth(3, 2)),
  'a depthwise convolution, stride 1, valid': around(depth(3, 1, 'valid')),
  'a mean pool': around(pool('mean')),
  'a mean pool that overlaps and pads': around(pool('mean', windowOf(3, 2, 'same'))),
  'a max pool': around(pool('max')),
  'a max pool that overlaps and pads': around(pool('max', windowOf(3, 2, 'same'))),
  'a maximum over all places': hostOver([6, 5, 2], conv(4), { op: 'squeeze', kind: 'max' }),
  'a batch norm': around(batchNorm),
  'a batch norm of plain rows': hostOver([6], dense(4), batchNorm, dense(3)),
  'a batch norm without gain and offset': around({ ...batchNorm, gamma: false, beta: false } as LayerSpec),
  'a layer norm': around(layerNorm),
  'a layer norm of plain rows': hostOver([6], dense(4), layerNorm, dense(3)),
  'an activation by itself': around({ op: 'activate', activation: 'gaussian' }),
  'an upsampling': around({ op: 'upsample', by: 2 }),
  'a reshape': hostOver([4, 4, 1], conv(2), { op: 'reshape', shape: [32] }, dense(3)),
  'a dropout': around({ op: 'dropout', rate: 0.4 }),
  'a sum of three layers': image(conv(2), conv(2), conv(2), { op: 'add', from: [1, 2, 3] }, conv(2)),
  'a product': image(conv(2), conv(2), { op: 'multiply', from: [1, 2] }, conv(2)),
  'a concatenation': image(conv(2), conv(3), { op: 'concat', from: [1, 2, 0] }, conv(2)),
  'an embedding': hostOver([5], { op: 'embed', words: 4, units: 3 }, dense(3), squeeze),
};

const seeds: Readonly<Record<string, readonly [host: HostSpec, slotId: string, blueprint: BlueprintIR]>> = {
  'a norm on pixels': [HOSTS.image, 'h1/residual', norm()],
  'a norm on rows': [HOSTS.vector, 'h1/residual', norm()],
  'a 1 x 1 convolution': [HOSTS.image, 'h1/residual', pointwise()],
  'a depthwise seed': [HOSTS.image, 'h1/residual', depthwise('tanh')],
  'a squeeze-and-excite seed': [HOSTS.image, 'h3/residual', squeezeExcite(3)],
  'a light seed': [HOSTS.image, 'h1/residual', light(2, 'tanh')],
  'a heavy seed': [HOSTS.image, 'h1/residual', heavy(2, 'tanh')],
  'an image bottleneck': [HOSTS.image, 'h3/residual', imageBottleneck(2, 'tanh')],
  'attention over a sequence': [HOSTS.sequence, 'h1/residual', attention(4, 2)],
  'attention over pixels': [HOSTS.image, 'h3/residual', attention(4, 2)],
  'a low-rank correction': [HOSTS.sequence, 'h1/layer', lowRank(2)],
  'new channels before a pool': [HOSTS.image, 'h1/layer', widenMap(2, 'tanh')],
  'new channels before a squeeze': [HOSTS.image, 'h3/layer', widenMap(2, 'tanh')],
  'new channels before a batch norm': [around(batchNorm), 'h1/layer', widenMap(2, 'tanh')],
  'new channels before a depthwise convolution': [around(depth(3, 2)), 'h1/layer', widenMap(2, 'tanh')],
  'new channels before a flattening': [
    hostOver([4, 4, 1], conv(2), batchNorm, { op: 'reshape', shape: [32] }, dense(3)),
    'h1/layer',
    widenMap(2, 'tanh'),
  ],
  'a seed on a share of the channels': [
    { ...HOSTS.image, chunks: 2 },
    'h1/residual#2',
    bottleneck(2, 'tanh'),
  ],
};

describe('gradients', () => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime('cpu');
  });

  it.each(Object.entries(hosts))('of %s agree with finite differences', async (_, host) => {
    await expectTruth(host, host.layers.some(({ op }) => op === 'embed') ? words(host) : undefined);
  });

  it.each(Object.entries(seeds))(
    'of %s agree with finite differences',
    async (_, [host, slotId, blueprint]) => {
      await expectTruth(host, undefined, [slotId, blueprint]);
    },
  );

  /** Loss of a training step at rate 0, so that batch norms and dropout count as they do in training. */
  async function lossOf(network: NetworkImage, batch: ReturnType<typeof batchOf>): Promise<number> {
    const revived = loadNetwork({ runtime, optimizer: sgd, runSeed: 11 }, network);
    const plan = createTfjsPlan({ runtime, network: revived, optimizer: sgd });
    const { loss } = await plan.step(batch.x, batch.y, batch.count, { host: 0, s1: 0 });
    plan.dispose();
    revived.dispose();
    return loss;
  }

  async function expectTruth(
    host: HostSpec,
    batch = batchOf(rowsFor(host)),
    seed?: readonly [slotId: string, blueprint: BlueprintIR],
  ) {
    const land = landOf(runtime, host, { ...sgd, rate: 0.05 });
    if (seed) {
      land.plant('s1', ...seed);
      land.wake('s1', 0.7);
    }
    const step = (rate: number) => land.plan.step(batch.x, batch.y, batch.count, { host: rate, s1: rate });
    for (let i = 0; i < 8; i++) await step(0.1);
    const before = await land.network.image();
    await step(1);
    const after = await weightsOf(land.network);
    land.dispose();
    const learning = before.tensors.filter(({ name }) => !/\.(mean|variance)$/.test(name));
    expect(learning.length).toBeGreaterThan(2);
    for (const { name, data } of learning) {
      const gradient = data.map((old, i) => old - after.get(name)![i]!);
      const at = gradient.reduce((best, g, i) => (Math.abs(g) > Math.abs(gradient[best]!) ? i : best), 0);
      const nudged = (by: number): NetworkImage => ({
        ...before,
        tensors: before.tensors.map((tensor) =>
          tensor.name === name ? { ...tensor, data: data.map((w, i) => (i === at ? w + by : w)) } : tensor,
        ),
      });
      const slope = ((await lossOf(nudged(5e-3), batch)) - (await lossOf(nudged(-5e-3), batch))) / 1e-2;
      const scale = Math.max(0.05, Math.abs(gradient[at]!));
      expect.soft(Math.abs(slope - gradient[at]!) / scale, `${name}[${at}]`).toBeLessThan(0.02);
      if (!name.endsWith('.b')) expect.soft(Math.abs(gradient[at]!), name).toBeGreaterThan(0);
    }
  }

  const words = (host: HostSpec) => {
    const batch = batchOf(rowsFor(host));
    return { ...batch, x: batch.x.map((_, i) => (i * 7 + (i >> 2)) % 4) };
  };
});
