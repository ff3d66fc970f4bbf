/** What cannot be taken over is refused by name, with something to do instead. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { EsperError } from '../../../contracts/failure.ts';
import { openTensorRuntime, type TensorRuntime, type WrapOrder, wrap } from '../../../nn/index.ts';
import { sgd } from './gardens.ts';

const { layers } = tf;
type Symbolic = tf.SymbolicTensor;

/** Forgets to say how strong it is. */
class Forgetful extends tf.layers.Layer {
  static className = 'Forgetful';
  readonly #strength: number;
  constructor(config: { strength?: number } = {}) {
    super(config as object);
    this.#strength = config.strength ?? 1;
  }
  override call(inputs: tf.Tensor | tf.Tensor[]) {
    return tf.mul([inputs].flat()[0]!, this.#strength);
  }
}
tf.serialization.registerClass(Forgetful);

class Stranger extends tf.layers.Layer {
  static className = 'Stranger';
  override call(inputs: tf.Tensor | tf.Tensor[]) {
    return tf.square([inputs].flat()[0]!);
  }
}

/** Counts its calls in a weight. */
class Counter extends tf.layers.Layer {
  static className = 'Counter';
  #calls!: tf.LayerVariable;
  override build(shape: tf.Shape) {
    this.#calls = this.addWeight('calls', [1], 'float32', tf.initializers.zeros());
    super.build(shape);
  }
  override call(inputs: tf.Tensor | tf.Tensor[]) {
    this.#calls.write(tf.add(this.#calls.read(), 1));
    return tf.square([inputs].flat()[0]!);
  }
}
tf.serialization.registerClass(Counter);

const input = (...shape: (number | null)[]) => tf.input({ shape });
const over = (x: Symbolic, ...way: tf.layers.Layer[]) =>
  tf.model({
    inputs: x,
    outputs: way.reduce((h, layer) => layer.apply(h) as Symbolic, x),
  });
const dense = (name = 'answer') => layers.dense({ units: 2, name });

function twice(): tf.LayersModel {
  const shared = layers.dense({ units: 4, name: 'shared' });
  return over(input(4), shared, layers.reLU(), shared, dense());
}

function twoInputs(): tf.LayersModel {
  const [a, b] = [input(3), input(3)];
  const sum = layers.add().apply([a, b]) as Symbolic;
  return tf.model({ inputs: [a, b], outputs: dense().apply(sum) as Symbolic, name: 'pair' });
}

function twoOutputs(): tf.LayersModel {
  const x = input(3);
  const outputs = [dense('one').apply(x), dense('other').apply(x)] as Symbolic[];
  return tf.model({ inputs: x, outputs, name: 'fork' });
}

const REFUSED: ReadonlyArray<readonly [what: string, build: () => tf.LayersModel, says: RegExp]> = [
  ['a layer that is used twice', twice, /shared is used more than once/],
  ['two inputs', twoInputs, /pair has several inputs/],
  ['two outputs', twoOutputs, /fork has several outputs/],
  [
    'a shape that is open',
    () => over(input(null, null, 3), layers.globalMaxPooling2d({}), dense()),
    /open shape/,
  ],
  [
    'channels in front',
    () =>
      over(
        input(3, 8, 8),
        layers.conv2d({ filters: 2, kernelSize: 3, dataFormat: 'channelsFirst', name: 'front' }),
        layers.flatten(),
        dense(),
      ),
    /front keeps channels first/,
  ],
  [
    'a state that outlives the batch',
    () =>
      tf.sequential({
        layers: [
          layers.lstm({ units: 2, stateful: true, batchInputShape: [1, 4, 3], name: 'memory' }),
          dense(),
        ],
      }),
    /memory keeps a state/,
  ],
  [
    'noise',
    () => over(input(3), layers.gaussianNoise({ stddev: 1, name: 'noisy' }), dense()),
    /noisy draws numbers/,
  ],
  [
    'masks',
    () =>
      over(
        input(5),
        layers.embedding({ inputDim: 4, outputDim: 2, maskZero: true, name: 'words' }),
        layers.flatten(),
        dense(),
      ),
    /words makes a mask/,
  ],
  [
    'windows with holes',
    () =>
      over(
        input(9, 9, 1),
        layers.conv2d({ filters: 2, kernelSize: 3, dilationRate: 2, name: 'holes' }),
        layers.flatten(),
        dense(),
      ),
    /holes has holes/,
  ],
  [
    'a layer whose configuration forgets something',
    () => over(input(3), new Forgetful({ strength: 3 }), dense()),
    /rebuilt from its configuration/,
  ],
  [
    'a layer that writes into itself',
    () => over(input(3), new Counter({}), dense()),
    /writes into its own weights/,
  ],
  ['a model without an input', () => tf.sequential({ name: 'empty' }), /empty is not built yet/],
  [
    'weights that were given back',
    () => {
      const model = over(input(3), layers.dense({ units: 4, name: 'gone' }), dense());
      model.dispose();
      return model;
    },
    /gone was disposed/,
  ],
  [
    'a model inside that stands in two places',
    () => {
      const inner = tf.sequential({
        layers: [layers.dense({ inputShape: [3], units: 3, name: 'shared' })],
      });
      return tf.sequential({ layers: [inner, inner] as unknown as tf.layers.Layer[] });
    },
    /shared is used more than once/,
  ],
  [
    'noise in a layer inside',
    () =>
      over(
        input(4, 3),
        layers.timeDistributed({ layer: layers.dropout({ rate: 0.5 }), name: 'noisy' }),
        layers.flatten(),
        dense(),
      ),
    /noisy draws numbers/,
  ],
  ['logits that are bent', () => over(input(3), layers.dense({ units: 2, activation: 'tanh' })), /tanh/],
];

function refusalOf(model: tf.LayersModel, order: WrapOrder): EsperError {
  try {
    wrap(model, order).dispose();
  } catch (error) {
    if (error instanceof EsperError) return error;
    throw error;
  }
  throw new Error('it was taken over');
}

describe('a model that cannot be wrapped', () => {
  let runtime: TensorRuntime;
  let order: WrapOrder;
  beforeAll(async () => {
    runtime = await openTensorRuntime('cpu');
    order = { runtime, optimizer: sgd, runSeed: 1, loss: 'softmax_cross_entropy' };
  });

  it.each(REFUSED)('because of %s says which layer and what to do', (_, build, says) => {
    const model = build();
    const { numTensors } = tf.memory();
    const { code, message, hint } = refusalOf(model, order);

    expect(code).toBe('NN_WRAP_UNSUPPORTED');
    expect(message).toMatch(says);
    expect(hint).toBeTruthy();
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('is told from one in which two layers inside of models have the same name', () => {
    const inner = (alpha: number) =>
      tf.sequential({ layers: [layers.leakyReLU({ inputShape: [4], alpha, name: 'leak' })] });
    const model = tf.sequential({
      layers: [
        layers.dense({ inputShape: [3], units: 4 }),
        inner(0.1),
        layers.dense({ units: 4 }),
        inner(0.7),
        dense(),
      ],
    });
    const network = wrap(model, order);

    expect(
      network.spec.layers.flatMap((layer) => (layer.op === 'foreign' ? [layer.config.alpha] : [])),
    ).toEqual([0.1, 0.7]);
    network.dispose();
  });

  it('because nobody registered the class of a layer names the class', () => {
    const { code, message } = refusalOf(over(input(3), new Stranger({}), dense()), order);

    expect([code, message]).toEqual(['NN_LAYER_UNKNOWN', expect.stringContaining('Stranger')]);
  });

  it('because of a site that does not exist lists those that do', () => {
    const model = over(input(3), layers.dense({ units: 4, name: 'hidden' }), dense());
    const { code, details } = refusalOf(model, { ...order, sites: ['hiden'] });

    expect(code).toBe('NN_WRAP_SITE_UNKNOWN');
    expect(details).toMatchObject({ names: ['hidden', 'answer'] });
  });

  it('because its sites are too narrow for so many chunks says how narrow', () => {
    const model = over(input(3), layers.dense({ units: 4, name: 'hidden' }), dense());

    expect(refusalOf(model, { ...order, chunks: 5 }).message).toMatch(/4 features for 5 chunks/);
  });
});
