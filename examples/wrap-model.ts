/** Wrap: a model of plain tensorflow.js grows a seed and goes home with it. */
import * as tf from '@tensorflow/tfjs';
import { bottleneck, createTfjsPlan, exportModel, openTensorRuntime, predict, wrap } from 'esper/nn';

const runtime = await openTensorRuntime('wasm');
const random = tf.initializers.glorotUniform({ seed: 1 });
const model = tf.sequential({
  layers: [
    tf.layers.dense({
      inputShape: [2],
      units: 2,
      activation: 'tanh',
      kernelInitializer: random,
      name: 'small',
    }),
    tf.layers.dense({ units: 2, activation: 'softmax', kernelInitializer: random }),
  ],
});

const optimizer = {
  name: 'adam',
  rate: 0.05,
  momentum: 0.9,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  clipNorm: null,
} as const;
const network = wrap(model, { runtime, optimizer, runSeed: 1, loss: 'softmax_cross_entropy' });
console.log(network.slots().map(({ slotId }) => slotId));

const seed = { seedId: 's1', draw: 0, slotId: 'h1/residual' };
const kernel = {
  kernelId: `sha256:${'0'.repeat(64)}-fast`,
  pipeline: 'fast',
  compileMs: 0,
  referenceParameters: 0,
} as const;
network.plant({ ...seed, kernel: { ...kernel, blueprint: bottleneck(4, 'tanh') } });

// Exclusive or: two straight lines cannot draw it, four more can.
const inputs = [-1, -1, -1, 1, 1, -1, 1, 1];
const targets = [1, 0, 0, 1, 0, 1, 1, 0];
const plan = createTfjsPlan({ runtime, network, optimizer });
const step = () =>
  plan.step(Float32Array.from(inputs), Float32Array.from(targets), 4, { host: 0.05, s1: 0.05 });

network.setMode('s1', 'isolated'); // it learns on its own; the answers of the model stay as they are
for (let i = 0; i < 50; i++) await step();
network.setMode('s1', 'live');
for (const alpha of [0.25, 0.5, 0.75, 1]) {
  network.setAlpha('s1', alpha); // it fades in
  for (let i = 0; i < 25; i++) await step();
}
network.fossilize('s1');
const answers = await predict(network, Float32Array.from(inputs), 4);
console.log([0, 2, 4, 6].map((at) => (answers[at]! > 0.5 ? 'same' : 'different')).join(' '));

const { layersModel } = await exportModel(network); // what tf.loadLayersModel reads, without Esper
console.log(`${network.parameterCount().total} weights, ${layersModel?.weights.byteLength} bytes`);
