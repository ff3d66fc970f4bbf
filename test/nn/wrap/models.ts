/** Models as users of tensorflow.js write them, with weights that are not those of a birth. */
import * as tf from '@tensorflow/tfjs';
import { randomStream } from '../../../contracts/random-stream.ts';
import type { WrapOrder } from '../../../nn/index.ts';
import { PositionCode, SelfAttention } from '../../integration/fixtures/guest-layers.mjs';

type Symbolic = tf.SymbolicTensor;

export interface Case {
  readonly name: string;
  readonly build: () => tf.LayersModel;
  readonly loss: WrapOrder['loss'];
  /** Whole numbers below this, where the model reads ids. */
  readonly words?: number;
}

const { layers } = tf;

function mlp(): tf.LayersModel {
  return tf.sequential({
    layers: [
      layers.dense({ inputShape: [6], units: 16, activation: 'relu', name: 'first' }),
      layers.dropout({ rate: 0.25 }),
      layers.dense({ units: 12, activation: 'tanh', name: 'second' }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
}

function resnet(): tf.LayersModel {
  const conv = (x: Symbolic, filters: number, kernelSize: number, strides: number) =>
    layers.conv2d({ filters, kernelSize, strides, padding: 'same', useBias: false }).apply(x) as Symbolic;
  const normed = (x: Symbolic) => layers.batchNormalization({ momentum: 0.9 }).apply(x) as Symbolic;
  const relu = (x: Symbolic) => layers.reLU().apply(x) as Symbolic;
  const block = (x: Symbolic, filters: number, strides: number) => {
    const inner = normed(conv(relu(normed(conv(x, filters, 3, strides))), filters, 3, 1));
    const same = strides === 1 ? x : normed(conv(x, filters, 1, strides));
    return relu(layers.add().apply([inner, same]) as Symbolic);
  };
  const input = tf.input({ shape: [8, 8, 3] });
  let h = relu(normed(conv(input, 8, 3, 1)));
  h = block(h, 8, 1);
  h = block(h, 12, 2);
  h = layers.globalAveragePooling2d({}).apply(h) as Symbolic;
  return tf.model({
    inputs: input,
    outputs: layers.dense({ units: 4, activation: 'softmax' }).apply(h) as Symbolic,
  });
}

function encoder(x: Symbolic, width: number): Symbolic {
  const normed = (h: Symbolic) => layers.layerNormalization({ epsilon: 1e-6 }).apply(h) as Symbolic;
  const attended = new SelfAttention({ heads: 2 }).apply(normed(x)) as Symbolic;
  const h = layers.add().apply([x, attended]) as Symbolic;
  const wide = layers.dense({ units: 2 * width, activation: 'relu' }).apply(normed(h)) as Symbolic;
  const back = layers.dense({ units: width }).apply(wide) as Symbolic;
  return normed(layers.add().apply([h, back]) as Symbolic);
}

function vit(): tf.LayersModel {
  const input = tf.input({ shape: [8, 8, 3] });
  let h = layers.conv2d({ filters: 8, kernelSize: 4, strides: 4 }).apply(input) as Symbolic;
  h = layers.reshape({ targetShape: [4, 8] }).apply(h) as Symbolic;
  h = encoder(new PositionCode().apply(h) as Symbolic, 8);
  h = layers.globalAveragePooling1d().apply(h) as Symbolic;
  return tf.model({ inputs: input, outputs: layers.dense({ units: 4 }).apply(h) as Symbolic });
}

function transformer(): tf.LayersModel {
  const input = tf.input({ shape: [6], dtype: 'int32' });
  let h = layers.embedding({ inputDim: 11, outputDim: 8 }).apply(input) as Symbolic;
  h = encoder(new PositionCode().apply(h) as Symbolic, 8);
  h = layers.globalMaxPooling1d().apply(h) as Symbolic;
  return tf.model({
    inputs: input,
    outputs: layers.dense({ units: 3, activation: 'softmax' }).apply(h) as Symbolic,
  });
}

function unet(): tf.LayersModel {
  const conv = (x: Symbolic, filters: number) =>
    layers.conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu' }).apply(x) as Symbolic;
  const input = tf.input({ shape: [8, 8, 2] });
  const wide = conv(input, 6);
  const deep = conv(layers.maxPooling2d({ poolSize: 2 }).apply(wide) as Symbolic, 8);
  const up = layers.upSampling2d({ size: [2, 2] }).apply(deep) as Symbolic;
  const joined = conv(layers.concatenate().apply([wide, up]) as Symbolic, 6);
  const output = layers
    .conv2d({ filters: 1, kernelSize: 1, activation: 'sigmoid' })
    .apply(joined) as Symbolic;
  return tf.model({ inputs: input, outputs: output });
}

/** What else people build of: windows of single channels, padding, other activations, a model inside the model. */
function mobile(): tf.LayersModel {
  const inner = tf.sequential({
    layers: [
      layers.depthwiseConv2d({ inputShape: [6, 6, 3], kernelSize: 3, padding: 'same', activation: 'relu' }),
      layers.separableConv2d({ filters: 5, kernelSize: 3, padding: 'valid', activation: 'relu' }),
      layers.zeroPadding2d({ padding: 1 }),
    ],
  });
  return tf.sequential({
    layers: [
      layers.averagePooling2d({ inputShape: [12, 12, 3], poolSize: 2 }),
      inner,
      layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, activation: 'elu' }),
      layers.flatten(),
      layers.leakyReLU({ alpha: 0.1 }),
      layers.dense({ units: 10, activation: 'swish' }),
      layers.dense({ units: 2 }),
    ],
  });
}

export const CASES: readonly Case[] = [
  { name: 'a perceptron', build: mlp, loss: 'softmax_cross_entropy' },
  { name: 'a residual network', build: resnet, loss: 'softmax_cross_entropy' },
  { name: 'a vision transformer', build: vit, loss: 'softmax_cross_entropy' },
  { name: 'a transformer on word ids', build: transformer, loss: 'softmax_cross_entropy', words: 11 },
  { name: 'a U-net', build: unet, loss: 'mse' },
  { name: 'a mobile network', build: mobile, loss: 'mse' },
];

/** The model with weights as if it had been trained. */
export function trained({ build, name }: Case): tf.LayersModel {
  const model = build();
  const random = randomStream(name);
  tf.tidy(() => {
    for (const weight of model.weights) {
      const size = weight.shape.reduce((a: number, b) => a * b!, 1);
      const centre = /gamma|variance/.test(weight.originalName) ? 1 : 0;
      const data = Float32Array.from({ length: size }, () => centre + (random.next() - 0.5) * 0.8);
      weight.write(tf.tensor(data, weight.shape as number[]));
    }
  });
  return model;
}

/** Rows that the model can read, `[rows, ...]`, row-major. */
export function rowsFor({ words, name }: Case, model: tf.LayersModel, rows: number): Float32Array {
  const random = randomStream(`${name}/rows`);
  const inputs = model.inputs[0]!.shape.slice(1).reduce((a: number, b) => a * b!, 1);
  const draw = words === undefined ? () => 2 * random.next() - 1 : () => Math.floor(random.next() * words);
  return Float32Array.from({ length: rows * inputs }, draw);
}
