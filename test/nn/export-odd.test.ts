/** Hosts of odd shapes and seeds of odd names go home as plain layers too, and leave nothing behind. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  bottleneck,
  createNetwork,
  exportModel,
  type GrowingNetwork,
  type HostSpec,
  type LayerSpec,
  openTensorRuntime,
  predict,
  type TensorRuntime,
} from '../../nn/index.ts';
import { batchOf, conv, dense, hostOver, pool, rowsFor, squeeze } from './landscapes.ts';
import { adam, furthest, kernelOf } from './worlds.ts';
import { reloaded } from './wrap/gardens.ts';

const bare: LayerSpec = {
  op: 'norm',
  how: { kind: 'layer', epsilon: 1e-3, momentum: 0 },
  gamma: false,
  beta: false,
};

const HOSTS: Readonly<Record<string, HostSpec>> = {
  'joins of one and joins of the same': hostOver(
    [6],
    dense(4),
    { op: 'concat', from: [1] },
    { op: 'add', from: [2, 2] },
    { op: 'concat', from: [3, 1] },
    { op: 'concat', from: [4, 4] },
    { op: 'multiply', from: [5, 5] },
    dense(3),
  ),
  'a norm without weights': hostOver([6], dense(4), bare, dense(3)),
  'a layer that leads nowhere': hostOver([6], dense(4), dense(5), { ...dense(3), from: [1] } as LayerSpec),
  'rows of four axes': hostOver([3, 2, 2], { op: 'reshape', shape: [3, 2, 2, 1] }, squeeze, dense(3)),
  'a single pixel': hostOver(
    [1, 1, 1],
    conv(2),
    pool('max', { size: [1, 1], stride: [3, 3], padding: 'same' }),
    squeeze,
  ),
  'steps wider than the window': hostOver(
    [7, 6, 2],
    conv(2, { size: [1, 2], stride: [3, 3], padding: 'same' }),
    pool('mean', { size: [1, 1], stride: [2, 2], padding: 'same' }),
    squeeze,
  ),
};

describe('an exported model', () => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime('cpu');
  });

  async function goesHome(host: HostSpec, grow: (network: GrowingNetwork) => void = () => {}) {
    const before = runtime.memory().tensors;
    const network = createNetwork({ runtime, host, spans: ['residual'], optimizer: adam, runSeed: 1 });
    grow(network);
    const { x, count } = batchOf(rowsFor(host));
    const answer = await predict(network, x.slice(), count);
    const held = runtime.memory().tensors;
    const { layersModel, reason } = await exportModel(network);
    expect([reason, runtime.memory().tensors]).toEqual([null, held]);
    const model = await reloaded(layersModel!);
    const theirs = tf.tidy(() =>
      (model.predict(tf.tensor(x, [count, ...(host.inputShape ?? [])])) as tf.Tensor).dataSync<'float32'>(),
    );
    expect(furthest(Float32Array.from(theirs), answer)).toBeLessThan(1e-5);
    model.dispose();
    network.dispose();
    expect(runtime.memory().tensors).toBe(before);
  }

  it.each(Object.entries(HOSTS))('of %s gives the same answers', (_, host) => goesHome(host));

  it('keeps seeds apart whose names differ in nothing but what a layer name cannot say', () =>
    goesHome(hostOver([6], dense(4), dense(5)), (network) => {
      for (const seedId of ['s.1', 's_1', 's/1', 'x', 'host', 'a b', '_', '1', '']) {
        const kernel = kernelOf(bottleneck(2, 'tanh'));
        network.plant({ seedId, slotId: 'h1/residual', kernel, draw: 0 });
        network.setMode(seedId, 'live');
        network.setAlpha(seedId, 1);
        network.fossilize(seedId);
      }
    }));
});
