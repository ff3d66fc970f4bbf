/** Reads the layers of a tensorflow.js model in the order in which they can be computed. */
import * as tf from '../adapters/tensorflow.ts';
import { unsupported } from './refusal.ts';

/** One layer at its one place in the model. Shapes are those of one row. */
export interface Visit {
  readonly layer: tf.Layer;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** What it reads: 0 is the input, then visits from 1. */
  readonly sources: readonly number[];
  readonly inputs: ReadonlyArray<readonly number[]>;
  readonly output: readonly number[];
  /** Not trainable: the layer itself, or a model that it stands in. */
  readonly rests: boolean;
}

export interface ModelReading {
  /** Shape of one row that goes in. */
  readonly inputShape: readonly number[];
  /** The last one is the output. */
  readonly visits: readonly Visit[];
}

/**
 * Walks from the output back to the input. Models inside the model are read as if their layers stood there themselves.
 * @throws NN_WRAP_UNSUPPORTED for several inputs or outputs, layers used twice, open shapes, numbers other than float32
 */
export function readModel(model: tf.LayersModel): ModelReading {
  const [input, second] = model.inputs ?? [];
  if (input === undefined) {
    throw unsupported(model.name, 'is not built yet', 'give its first layer an inputShape');
  }
  if (second !== undefined) {
    throw unsupported(
      model.name,
      'has several inputs',
      'join them into one input and slice it inside the model',
    );
  }
  if (model.outputs.length !== 1) {
    throw unsupported(
      model.name,
      'has several outputs',
      'wrap a tf.model with the one output that is trained',
    );
  }
  if (input.dtype !== 'float32' && input.dtype !== 'int32') {
    throw unsupported(model.name, `reads ${input.dtype}`, 'give it float32 or int32 numbers');
  }
  const walk = new Walk(input, !model.trainable);
  const last = walk.visit(model.outputs[0]!);
  if (walk.visits.length === 0 || last !== walk.visits.length) {
    throw unsupported(model.name, 'computes nothing', 'add a layer');
  }
  return { inputShape: rowShape(input), visits: walk.visits };
}

class Walk {
  readonly visits: Visit[] = [];
  /** Of the model that is being read: the tensors of an inner one count only for its one place. */
  #known: Map<number, number>;
  readonly #seen = new Set<tf.Layer>();
  /** Of the model that is being read, or one around it. */
  #rests: boolean;

  constructor(input: tf.SymbolicTensor, rests: boolean) {
    this.#known = new Map([[input.id, 0]]);
    this.#rests = rests;
  }

  /** @returns where the value comes from: 0 is the input, then visits from 1 */
  visit(value: tf.SymbolicTensor): number {
    const known = this.#known.get(value.id);
    if (known !== undefined) return known;
    const layer = value.sourceLayer;
    this.#check(value, layer);
    const sources = value.inputs.map((each) => this.visit(each));
    const index =
      layer instanceof tf.layersPart().LayersModel ? this.#enter(layer, sources) : this.#note(value, sources);
    this.#known.set(value.id, index);
    return index;
  }

  #check({ callArgs, inputs }: tf.SymbolicTensor, layer: tf.Layer): void {
    const { name } = layer;
    if (inputs.length === 0) throw unsupported(name, 'is a second input', 'give the model one input');
    if (this.#seen.has(layer)) {
      throw unsupported(name, 'is used more than once', 'give each place in the model a layer of its own');
    }
    this.#seen.add(layer);
    if (Object.keys(callArgs ?? {}).length > 0) {
      throw unsupported(name, 'is called with arguments of its own', 'put them into its configuration');
    }
    if (layer.inboundNodes.some(({ outputTensors }) => outputTensors.length > 1)) {
      throw unsupported(name, 'gives several tensors', 'use a layer that gives one');
    }
    if (layer.stateful) {
      throw unsupported(name, 'keeps a state from batch to batch', 'set stateful to false');
    }
  }

  #enter(inner: tf.LayersModel, sources: readonly number[]): number {
    if (inner.inputs.length !== 1 || inner.outputs.length !== 1) {
      throw unsupported(inner.name, 'is a model of several inputs or outputs', 'apply its layers one by one');
    }
    const [outer, rested] = [this.#known, this.#rests];
    this.#known = new Map([[inner.inputs[0]!.id, sources[0]!]]);
    this.#rests = rested || !inner.trainable;
    const index = this.visit(inner.outputs[0]!);
    this.#known = outer;
    this.#rests = rested;
    return index;
  }

  #note(value: tf.SymbolicTensor, sources: readonly number[]): number {
    const layer = value.sourceLayer;
    if (layer.weights.some(isGone)) {
      throw unsupported(layer.name, 'was disposed', 'wrap a model first and dispose it afterwards');
    }
    const odd = layer.weights.find((weight) => weight.read().dtype !== 'float32');
    if (odd !== undefined)
      throw unsupported(layer.name, `has weights of another type than float32`, 'cast them');
    this.visits.push({
      layer,
      className: layer.getClassName(),
      // As JSON, because that is what it has to survive later.
      config: JSON.parse(JSON.stringify(layer.getConfig())),
      sources,
      inputs: value.inputs.map(rowShape),
      output: rowShape(value),
      rests: this.#rests || !layer.trainable,
    });
    return this.visits.length;
  }
}

/** Only the tensor inside of a weight tells. */
const isGone = (weight: tf.LayerVariable) =>
  (weight as unknown as { readonly val: tf.Tensor }).val.isDisposed;

function rowShape({ shape, sourceLayer }: tf.SymbolicTensor): readonly number[] {
  const row = shape.slice(1);
  if (row.length > 0 && row.every((n) => n !== null && n > 0)) return row as number[];
  const said = row.map((n) => n ?? '?').join(', ');
  throw unsupported(sourceLayer.name, `has the open shape [${said}]`, 'give the input a fixed shape');
}
