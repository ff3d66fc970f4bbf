/** A grown network leaves home and gives the same answers elsewhere. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  bottleneck,
  cascade,
  exportModel,
  gated,
  gaussian,
  openTensorRuntime,
  type TensorRuntime,
  widen,
} from '../../nn/index.ts';
import { furthest, outputsOf, worldOf, xorInputs } from './worlds.ts';

describe('an exported model', () => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime('wasm');
  });

  it('predicts the same as a plain LayersModel, branches and cascades included', async () => {
    const world = worldOf(runtime);
    const seeds = [
      ['w1', 'h1/layer', widen(3, 'tanh')],
      ['r1', 'h1/residual', bottleneck(2, 'tanh')],
      ['g1', 'h2/layer', gated(2, 'tanh')],
      ['c1', 'out/cascade', cascade(1, 'tanh')],
      ['c2', 'out/cascade', cascade(1, 'sigmoid')],
    ] as const;
    for (const [seedId, slotId, blueprint] of seeds) {
      world.plant(seedId, slotId, blueprint);
      world.network.setMode(seedId, 'live');
      world.network.setAlpha(seedId, 1);
      await world.train(10);
      world.network.fossilize(seedId);
    }
    const tensors = runtime.memory().tensors;
    const { layersModel, reason, graph } = await exportModel(world.network);
    expect(runtime.memory().tensors).toBe(tensors);
    expect(reason).toBeNull();
    const { modelTopology, weightsManifest } = layersModel!.modelJson as {
      modelTopology: object;
      weightsManifest: { weights: tf.io.WeightsManifestEntry[] }[];
    };
    const model = await tf.loadLayersModel(
      tf.io.fromMemory({
        modelTopology,
        weightSpecs: weightsManifest[0]!.weights,
        weightData: layersModel!.weights.slice().buffer,
      }),
    );
    const answer = model.predict(tf.tensor2d(xorInputs, [24, 2])) as tf.Tensor;

    expect(furthest(answer.dataSync<'float32'>().slice(), outputsOf(world.network))).toBeLessThan(1e-5);
    expect(graph.branches.map(({ name, besides }) => [name, besides])).toContainEqual(['c2', ['c1']]);
    world.dispose();
  });

  it('says why when a branch has no counterpart there, and exports the tensors all the same', async () => {
    const world = worldOf(runtime);
    world.plant('g1', 'h1/layer', gaussian(2));
    world.network.setMode('g1', 'live');
    world.network.setAlpha('g1', 1);
    world.network.fossilize('g1');
    const { layersModel, reason, tensors } = await exportModel(world.network);
    world.dispose();

    expect(layersModel).toBeNull();
    expect(reason).toContain('Gaussian');
    expect(tensors.map(({ name }) => name)).toEqual([
      'host/1.w',
      'host/1.b',
      'host/2.w',
      'host/2.b',
      'host/3.w',
      'host/3.b',
      'g1/bump.w',
      'g1/bump.b',
      'g1/out.w',
    ]);
  });
});
