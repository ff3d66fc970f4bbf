/** Seeds grow in models that were written for tensorflow.js and never heard of them. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createTfjsPlan,
  exportModel,
  type GrowingNetwork,
  loadNetwork,
  openTensorRuntime,
  predict,
  type TensorRuntime,
  type TrainPlan,
  wrap,
} from '../../../nn/index.ts';
import { furthest } from '../worlds.ts';
import { adam, bottleneckInto, plantInto, reloaded, TREES, toyTargets } from './gardens.ts';
import { CASES, type Case, rowsFor, trained } from './models.ts';

const ROWS = 12;

interface Garden {
  readonly network: GrowingNetwork;
  readonly plan: TrainPlan;
  readonly inputs: Float32Array;
  /** @returns the last step */
  train(steps: number): ReturnType<TrainPlan['step']>;
  dispose(): void;
}

function gardenOf(runtime: TensorRuntime, one: Case, order: { chunks?: number } = {}): Garden {
  const model = trained(one);
  const network = wrap(model, { runtime, optimizer: adam, runSeed: 3, loss: one.loss, ...order });
  const inputs = rowsFor(one, model, ROWS);
  model.dispose();
  const plan = createTfjsPlan({ runtime, network, optimizer: adam });
  const targets = toyTargets(one, network.widths().at(-1)!, ROWS);
  const rates = () =>
    Object.fromEntries(['host', ...network.seeds().map((seed) => seed.seedId)].map((id) => [id, 0.01]));
  return {
    network,
    plan,
    inputs,
    async train(steps) {
      let report = await plan.step(inputs.slice(), targets.slice(), ROWS, rates());
      for (let i = 1; i < steps; i++)
        report = await plan.step(inputs.slice(), targets.slice(), ROWS, rates());
      return report;
    },
    dispose() {
      plan.dispose();
      network.dispose();
    },
  };
}

describe('a seed in a wrapped model', () => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime('wasm');
  });

  describe.each([
    ['over the full width', 1],
    ['over a share of the features', 2],
  ])('%s', (_, chunks) => {
    it.each(CASES)('lives a whole life in $name', async (one) => {
      const born = tf.memory().numTensors;
      trained(one).dispose();
      // A model inside a model is not freed by its owner, with or without us.
      const before = 2 * tf.memory().numTensors - born;
      const garden = gardenOf(runtime, one, { chunks });
      const { network } = garden;
      const slots = network.slots().filter(({ span }) => span === 'residual');
      const { slotId } = slots.at(chunks === 1 ? 0 : 1)!;
      const seedId = bottleneckInto(network, slotId);
      const calm = await predict(network, garden.inputs.slice(), ROWS);

      network.setMode(seedId, 'isolated');
      const first = (await garden.train(1)).seeds[seedId]!.loss!;
      const lessons = (await garden.train(30)).seeds[seedId]!.loss!;
      expect(lessons).toBeLessThan(first);

      network.setMode(seedId, 'live');
      network.setAlpha(seedId, 0.5);
      const blended = await garden.train(1);
      network.setAlpha(seedId, 1);
      const grown = await garden.train(30);
      expect(grown.loss).toBeLessThan(blended.loss);
      expect(grown.seeds[seedId]!.gradientNorm).toBeGreaterThan(0);

      const answer = await predict(network, garden.inputs.slice(), ROWS);
      network.fossilize(seedId);
      expect(await predict(network, garden.inputs.slice(), ROWS)).toEqual(answer);
      expect(furthest(answer, calm)).toBeGreaterThan(1e-3);
      garden.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
  });

  it.each(CASES)('of every kind that fits goes home with $name, in plain layers', async (one) => {
    const garden = gardenOf(runtime, one, { chunks: 2 });
    const { network } = garden;
    const planted: string[] = [];
    const taken = new Set<string>();
    for (const tree of TREES) {
      const slot = network
        .slots()
        .find(({ slotId }) => !taken.has(slotId) && network.fits(slotId, tree) === null);
      if (slot === undefined) continue;
      taken.add(slot.slotId);
      const seedId = plantInto(network, slot.slotId, tree.blueprint);
      network.setMode(seedId, 'live');
      network.setAlpha(seedId, 1);
      planted.push(seedId);
    }
    await garden.train(4);
    for (const seedId of planted) network.fossilize(seedId);
    const { tensors: before } = runtime.memory();
    const { layersModel, reason, graph, tensors } = await exportModel(network);
    expect(runtime.memory().tensors).toBe(before);
    expect(reason).toBeNull();
    const model = await reloaded(layersModel!);
    const shape = [ROWS, ...(model.inputs[0]!.shape.slice(1) as number[])];
    const answer = tf.tidy(() =>
      (model.predict(tf.tensor(garden.inputs.slice(), shape)) as tf.Tensor).dataSync(),
    );

    const named = [...graph.layers, ...graph.branches].flatMap(({ weights }) => Object.values(weights));
    expect(named.sort()).toEqual(tensors.map(({ name }) => name).sort());
    const order = ['x', ...graph.layers.map(({ name }) => name)];
    const late = graph.layers.filter(({ name, from }) =>
      from.some((source) => !order.slice(0, order.indexOf(name)).includes(source)),
    );
    expect(late).toEqual([]);
    expect(planted.length).toBeGreaterThan(0);
    expect(
      furthest(Float32Array.from(answer), await predict(network, garden.inputs.slice(), ROWS)),
    ).toBeLessThan(2e-5);
    model.dispose();
    garden.dispose();
  });

  it.each(CASES)('is there again when $name comes back from an image', async (one) => {
    const garden = gardenOf(runtime, one);
    const { network } = garden;
    const seedId = bottleneckInto(network, network.slots().find(({ span }) => span === 'residual')!.slotId);
    network.setMode(seedId, 'live');
    network.setAlpha(seedId, 1);
    await garden.train(2);
    const image = await network.image();
    const structure: unknown = JSON.parse(JSON.stringify(image.structure));
    const again = loadNetwork({ runtime, optimizer: adam, runSeed: 3 }, { ...image, structure });

    expect(await predict(again, garden.inputs.slice(), ROWS)).toEqual(
      await predict(network, garden.inputs.slice(), ROWS),
    );
    again.dispose();
    garden.dispose();
  });
});
