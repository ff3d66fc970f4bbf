/** A wrapped model answers as the model does, bit for bit, at no extra work, and leaves the model alone. */
import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type GrowingNetwork,
  openTensorRuntime,
  predict,
  type TensorRuntime,
  wrap,
} from '../../../nn/index.ts';
import { adam, bottleneckInto, sgd } from './gardens.ts';
import { CASES, rowsFor, trained } from './models.ts';

const ROWS = 5;
const bits = (values: Float32Array) => new Uint32Array(values.slice().buffer);

async function answerOf(model: tf.LayersModel, inputs: Float32Array): Promise<Float32Array> {
  const shape = [ROWS, ...(model.inputs[0]!.shape.slice(1) as number[])];
  const answer = tf.tidy(() => model.predict(tf.tensor(inputs, shape)) as tf.Tensor);
  const values = (await answer.data<'float32'>()).slice();
  answer.dispose();
  return values;
}

async function kernelsOf(work: () => Promise<unknown>): Promise<number> {
  const { kernels } = await tf.profile(async () => {
    await work();
    return [];
  });
  return kernels.length;
}

describe.each(['cpu', 'wasm'] as const)('a model wrapped on %s', (backend) => {
  let runtime: TensorRuntime;
  let network: GrowingNetwork;
  let model: tf.LayersModel;
  beforeAll(async () => {
    runtime = await openTensorRuntime(backend);
  });
  afterEach(() => {
    network.dispose();
    model.dispose();
  });

  it.each(CASES)('gives the answers of $name, with and without sleeping seeds', async (one) => {
    model = trained(one);
    const inputs = rowsFor(one, model, ROWS);
    const expected = bits(await answerOf(model, inputs));
    network = wrap(model, { runtime, optimizer: adam, runSeed: 1, loss: one.loss });

    expect(bits(await predict(network, inputs.slice(), ROWS))).toEqual(expected);

    const bare = await kernelsOf(() => predict(network, inputs.slice(), ROWS));
    const residual = network.slots().filter(({ span }) => span === 'residual');
    for (const { slotId } of residual) bottleneckInto(network, slotId);

    expect(residual.length).toBeGreaterThan(0);
    expect(bits(await predict(network, inputs.slice(), ROWS))).toEqual(expected);
    expect(await kernelsOf(() => predict(network, inputs.slice(), ROWS))).toBe(bare);
  });

  it.each(CASES)('leaves $name as it was: nothing copied, nothing freed', async (one) => {
    model = trained(one);
    const inputs = rowsFor(one, model, ROWS);
    const before = bits(await answerOf(model, inputs));
    const { numTensors, numDataBuffers } = tf.memory();
    network = wrap(model, { runtime, optimizer: sgd, runSeed: 1, loss: one.loss });
    const shared = tf.memory().numDataBuffers;
    network.dispose();

    expect(shared).toBe(numDataBuffers);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(bits(await answerOf(model, inputs))).toEqual(before);
  });
});
