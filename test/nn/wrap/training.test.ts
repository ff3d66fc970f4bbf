/** A wrapped model learns as tensorflow.js would teach it. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createPlan,
  createTfjsPlan,
  exportModel,
  openTensorRuntime,
  predict,
  type TensorRuntime,
  wrap,
} from '../../../nn/index.ts';
import { furthest } from '../worlds.ts';
import { reloaded, sgd, toyTargets } from './gardens.ts';
import { CASES, type Case, rowsFor, trained } from './models.ts';

const ROWS = 8;
const caseOf = (name: string): Case => CASES.find((one) => one.name === name)!;

describe('a wrapped model in training', () => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime('cpu');
  });

  it.each([
    ['a residual network', 'categoricalCrossentropy'],
    // No U-net: the cpu backend sends gradients of an enlarged image to the wrong rows.
    ['a mobile network', 'meanSquaredError'],
    ['a transformer on word ids', 'categoricalCrossentropy'],
  ])('moves all weights of %s as trainOnBatch does, running figures included', async (name, loss) => {
    const one = caseOf(name);
    const model = trained(one);
    const network = wrap(model, { runtime, optimizer: sgd, runSeed: 1, loss: one.loss });
    const plan = createTfjsPlan({ runtime, network, optimizer: sgd });
    const inputs = rowsFor(one, model, ROWS);
    const outputs = network.widths().at(-1)!;
    const targets = toyTargets(one, outputs, ROWS);
    model.compile({ optimizer: tf.train.sgd(0.05), loss });
    const [xs, ys] = [model.inputs[0]!.shape, model.outputs[0]!.shape];
    const x = tf.tensor(inputs, [ROWS, ...(xs.slice(1) as number[])]);
    const y = tf.tensor(targets, [ROWS, ...(ys.slice(1) as number[])]);
    for (let step = 0; step < 3; step++) {
      await model.trainOnBatch(x, y);
      await plan.step(inputs.slice(), targets.slice(), ROWS, { host: 0.05 });
    }
    const ours = new Map((await network.image()).tensors.map((tensor) => [tensor.name, tensor.data]));
    const theirs = model.weights.map((weight) => Float32Array.from(weight.read().dataSync()));
    const known = [...ours.values()];

    expect(theirs.length).toBe(known.length);
    for (const data of theirs) {
      const nearest = known.filter(({ length }) => length === data.length).map((own) => furthest(own, data));
      expect(Math.min(...nearest)).toBeLessThan(2e-5);
    }
    for (const tensor of [x, y]) tensor.dispose();
    plan.dispose();
    network.dispose();
    model.dispose();
  });

  it.each([createTfjsPlan, createPlan])('lets layers rest that rested, on every plan', async (make) => {
    const born = (seed: number) => tf.initializers.glorotUniform({ seed });
    const model = tf.sequential({
      layers: [
        tf.layers.dense({
          inputShape: [4],
          units: 6,
          activation: 'relu',
          trainable: false,
          kernelInitializer: born(1),
        }),
        tf.layers.dense({ units: 2, kernelInitializer: born(2) }),
      ],
    });
    const network = wrap(model, { runtime, optimizer: sgd, runSeed: 1, loss: 'mse' });
    const plan = make({ runtime, network, optimizer: sgd });
    const before = await network.image();
    const { seeds: _, ...report } = await plan.step(new Float32Array(8).fill(0.5), new Float32Array(4), 2, {
      host: 0.1,
    });
    const after = await network.image();
    const moved = after.tensors.filter(({ data }, i) => furthest(data, before.tensors[i]!.data) > 0);

    expect(report.finite).toBe(true);
    expect(moved.map(({ name }) => name)).toEqual(['host/2.w', 'host/2.b']);
    plan.dispose();
    network.dispose();
    model.dispose();
  });

  it('grows where it is told to, by the names that people gave their layers', () => {
    const model = trained(caseOf('a perceptron'));
    const network = wrap(model, {
      runtime,
      optimizer: sgd,
      runSeed: 1,
      loss: 'softmax_cross_entropy',
      sites: ['second'],
      chunks: 3,
      spans: ['residual'],
    });

    expect(network.slots().map(({ slotId }) => slotId)).toEqual([1, 2, 3].map((i) => `h3/residual#${i}`));
    network.dispose();
    model.dispose();
  });

  it('gives probabilities where the model did, and exports them', async () => {
    const one = caseOf('a perceptron');
    const model = trained(one);
    const network = wrap(model, { runtime, optimizer: sgd, runSeed: 1, loss: one.loss });
    const inputs = rowsFor(one, model, ROWS);
    const answer = await predict(network, inputs.slice(), ROWS);
    const { layersModel, graph } = await exportModel(network);
    const again = await reloaded(layersModel!);
    const theirs = tf.tidy(() =>
      (again.predict(tf.tensor2d(inputs, [ROWS, 6])) as tf.Tensor).dataSync<'float32'>(),
    );
    const sum = answer.subarray(0, 3).reduce((a, b) => a + b, 0);

    expect(sum).toBeCloseTo(1, 5);
    expect(Float32Array.from(theirs)).toEqual(answer);
    expect([graph.head, graph.layers.map(({ op }) => op)]).toEqual([
      'softmax',
      ['dense', 'dropout', 'dense', 'dense'],
    ]);
    again.dispose();
    network.dispose();
    model.dispose();
  });
});

describe('a model that was built before a backend was chosen', () => {
  it('is taken over with its weights where they lay', async () => {
    await tf.setBackend('cpu');
    const one = caseOf('a residual network');
    const model = trained(one);
    const inputs = rowsFor(one, model, ROWS);
    const runtime = await openTensorRuntime('wasm');
    const network = wrap(model, { runtime, optimizer: sgd, runSeed: 1, loss: one.loss });
    const answer = await predict(network, inputs.slice(), ROWS);
    const theirs = tf.tidy(() =>
      (model.predict(tf.tensor(inputs, [ROWS, 8, 8, 3])) as tf.Tensor).dataSync<'float32'>(),
    );
    expect(answer).toEqual(Float32Array.from(theirs));
    model.dispose();
    expect(await predict(network, inputs.slice(), ROWS)).toEqual(answer);
    network.dispose();
  });
});

/** A norm with and without weights that learn, and a model inside the model. */
function inParts(rest: { readonly norm?: boolean; readonly inner?: boolean; readonly whole?: boolean }) {
  const born = (seed: number) => tf.initializers.glorotUniform({ seed });
  const inner = tf.sequential({
    name: 'inner',
    layers: [
      tf.layers.dense({ inputShape: [6], units: 6, kernelInitializer: born(2) }),
      tf.layers.batchNormalization({ scale: false, center: false }),
      tf.sequential({ layers: [tf.layers.dense({ inputShape: [6], units: 5, kernelInitializer: born(3) })] }),
    ],
  });
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ inputShape: [4], units: 6, kernelInitializer: born(1) }),
      tf.layers.batchNormalization({ trainable: rest.norm !== true }),
      inner,
      tf.layers.dense({ units: 2, kernelInitializer: born(4) }),
    ],
  });
  if (rest.inner === true) inner.trainable = false;
  if (rest.whole === true) model.trainable = false;
  return model;
}

describe('a wrapped model of which something rests', () => {
  const LAYERS = ['1', '2', '3', '4', '5', '6'];

  it.each([
    ['nothing', {}, []],
    ['a batch norm', { norm: true }, ['2']],
    ['a model inside, down to the models in it', { inner: true }, ['3', '4', '5']],
    ['the whole model', { whole: true }, LAYERS],
  ] as const)(
    'keeps every number of %s, on every plan, and goes home as it came',
    async (_, rest, resting) => {
      const runtime = await openTensorRuntime('cpu');
      for (const make of [createTfjsPlan, createPlan]) {
        const model = inParts(rest);
        const network = wrap(model, { runtime, optimizer: sgd, runSeed: 1, loss: 'mse' });
        const plan = make({ runtime, network, optimizer: sgd });
        const before = await network.image();
        const inputs = Float32Array.from({ length: 32 }, (__, i) => Math.sin(i));
        for (let i = 0; i < 2; i++)
          await plan.step(inputs.slice(), new Float32Array(16).fill(1), 8, { host: 0.1 });
        const after = await network.image();
        const moved = after.tensors.filter(({ data }, i) => furthest(data, before.tensors[i]!.data) > 0);
        const still = LAYERS.filter((layer) => !moved.some(({ name }) => name.startsWith(`host/${layer}.`)));
        expect(still).toEqual(resting);

        const { layersModel } = await exportModel(network);
        const home = await reloaded(layersModel!);
        expect(home.layers.slice(1).flatMap(({ trainable }, i) => (trainable ? [] : [`${i + 1}`]))).toEqual(
          resting,
        );
        for (const each of [home, plan, network, model]) each.dispose();
      }
    },
  );

  it('keeps every number of a layer that only its owner understands, in a model that rests', async () => {
    const runtime = await openTensorRuntime('cpu');
    const inner = tf.sequential({ layers: [tf.layers.prelu({ inputShape: [6] })] });
    const model = tf.sequential({
      layers: [tf.layers.dense({ inputShape: [4], units: 6 }), inner, tf.layers.dense({ units: 2 })],
    });
    inner.trainable = false;
    const network = wrap(model, { runtime, optimizer: sgd, runSeed: 1, loss: 'mse' });
    const plan = createTfjsPlan({ runtime, network, optimizer: sgd });
    const before = await network.image();
    const inputs = Float32Array.from({ length: 32 }, (_, i) => Math.sin(i));
    await plan.step(inputs, new Float32Array(16).fill(1), 8, { host: 0.1 });
    const after = await network.image();
    const still = after.tensors.filter(({ data }, i) => furthest(data, before.tensors[i]!.data) === 0);
    expect(still.map(({ name }) => name)).toEqual(['host/2.0']);

    const { layersModel } = await exportModel(network);
    const home = await reloaded(layersModel!);
    expect(home.layers.slice(1).map(({ trainable }) => trainable)).toEqual([true, false, true]);
    for (const each of [home, plan, network, model]) each.dispose();
  });
});
