/** Layers of other people's models, rebuilt from their class name and configuration, and run with our weights. */

import { EsperError } from '../contracts/failure.ts';
import * as tf from './adapters/tensorflow.ts';
import type { ForeignLayer } from './ops.ts';
import type { ForeignSpec } from './types.ts';

type Shape = readonly number[];
type Rebuild = (cls: unknown, config: unknown) => tf.Layer;

const built = new WeakMap<ForeignSpec, ForeignLayer>();
const specs = new WeakMap<ForeignLayer, ForeignSpec>();

/**
 * The layer that a specification stands for, built once.
 * @throws NN_LAYER_UNKNOWN when nobody registered its class; NN_LAYER_CHANGED when the class builds other weights now
 */
export function foreignLayer(spec: ForeignSpec): ForeignLayer {
  const found = built.get(spec);
  if (found !== undefined) return found;
  const layer = new Guest(spec);
  built.set(spec, layer);
  specs.set(layer, spec);
  return layer;
}

/** What a layer made by `foreignLayer` was made from. */
export const specOfForeign = (layer: ForeignLayer): ForeignSpec => specs.get(layer)!;

/**
 * A fresh layer of the class and configuration, not built yet.
 * @throws NN_LAYER_UNKNOWN
 */
export function rebuildLayer({ className, config }: Pick<ForeignSpec, 'className' | 'config'>): tf.Layer {
  tf.layersPart(); // among the layers of others are those of tensorflow.js itself
  const known = tf.serialization.SerializationMap.getMap().classNameMap[className];
  if (known === undefined) {
    throw new EsperError(
      'NN_LAYER_UNKNOWN',
      `no layer class ${className} is registered here`,
      { className },
      {
        hint: 'import the module that defines the class, and give the class to tf.serialization.registerClass',
      },
    );
  }
  const [cls, fromConfig] = known;
  // A copy: constructors of layers keep, and change, what they are given.
  return (fromConfig as unknown as Rebuild)(cls, structuredClone(config));
}

/** A layer without weights of its own: it computes with those that are lent to it for the length of a call. */
class Guest implements ForeignLayer {
  readonly name: string;
  readonly #spec: ForeignSpec;
  readonly #layer: tf.Layer;
  #lent: readonly tf.Tensor[] = [];
  #ready = false;

  constructor(spec: ForeignSpec) {
    this.#spec = spec;
    this.#layer = rebuildLayer(spec);
    this.name = this.#layer.name;
  }

  outputShape(inputs: readonly Shape[]): Shape {
    this.#build(inputs);
    return this.#layer.computeOutputShape(oneOrAll(inputs)).slice(1) as number[];
  }

  call(inputs: readonly unknown[], weights: readonly unknown[], training: boolean): unknown {
    const tensors = inputs as readonly tf.Tensor[];
    this.#build(tensors.map(({ shape }) => shape.slice(1)));
    this.#lent = weights as readonly tf.Tensor[];
    try {
      return this.#layer.apply([...tensors], { training });
    } finally {
      this.#lent = [];
    }
  }

  /** A guess: every matrix of weights once at every place, and a few steps for every number that comes in. */
  multiplyAdds(inputs: readonly Shape[]): number {
    const places = size(inputs[0]!.slice(0, -1));
    const products = this.#spec.shapes.filter(({ length }) => length > 1).map(size);
    const numbers = inputs.map(size).reduce((a, b) => a + b, 0);
    return places * products.reduce((a, b) => a + b, 0) + numbers;
  }

  #build(inputs: readonly Shape[]): void {
    if (this.#ready) return;
    const layer = this.#layer;
    if (!layer.built) {
      // Numbers drawn here would be thrown away.
      layer.setFastWeightInitDuringBuild(true);
      tf.tidy(() => layer.build(oneOrAll(inputs)));
      layer.built = true;
    }
    const { shapes, className } = this.#spec;
    if (JSON.stringify(layer.weights.map(({ shape }) => shape)) !== JSON.stringify(shapes)) {
      throw new EsperError(
        'NN_LAYER_CHANGED',
        `layer ${this.name} (${className}) builds other weights than it had`,
        { className, expected: shapes, found: layer.weights.map(({ shape }) => shape) },
        {
          hint: 'let getConfig say everything that the constructor takes, or bring the class back as it was',
        },
      );
    }
    layer.weights.forEach((variable, i) => {
      variable.dispose();
      variable.read = () => this.#lent[i]!;
      variable.write = () => this.#refuseToWrite();
    });
    this.#ready = true;
  }

  #refuseToWrite(): never {
    throw new EsperError(
      'NN_WRAP_UNSUPPORTED',
      `layer ${this.name} writes into its own weights while it runs`,
      { layer: this.name, className: this.#spec.className },
      {
        hint: 'replace it by a layer that only computes; for running figures, by tf.layers.batchNormalization',
      },
    );
  }
}

const size = (shape: Shape) => shape.reduce((a, b) => a * b, 1);

/** One shape by itself, several as a list: what layers expect. The number of rows is open. */
function oneOrAll(inputs: readonly Shape[]): tf.Shape | tf.Shape[] {
  const shapes = inputs.map((shape): tf.Shape => [null, ...shape]);
  return shapes.length === 1 ? shapes[0]! : shapes;
}
