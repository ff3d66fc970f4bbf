/** Draws a pass as layers of tensorflow.js instead of computing it: what a grown network is exported with. */

import type { Activation } from '../../contracts/blueprint.ts';
import * as tf from '../adapters/tensorflow.ts';
import { rebuildLayer, specOfForeign } from '../foreign-layer.ts';
import type { ForeignLayer, NormKind, NormWeights, Ops, Value, Window } from '../ops.ts';
import type { Parameter } from '../parameter.ts';
import { attentionLayers, columnsOf, type Fixed } from './standard-parts.ts';

/** A value that a layer will compute, or a block of weights that one will hold. */
export interface Drawn extends Value {
  readonly symbolic: tf.SymbolicTensor | null;
  readonly parameter: Parameter | null;
}

type Pair = [number, number];

const windowArgs = ({ stride, padding }: Window) => ({ strides: [...stride] as Pair, padding });
const sides = ({ size }: Window): Pair => [...size];

/**
 * The same walk that trains the network makes its layers here, one by one. Whatever tensorflow.js has no layer for is
 * left out and said in `obstacle`.
 */
export class LayersBuilder implements Ops<Drawn> {
  readonly training = false;
  /** The first thing that no standard layer can express. */
  obstacle: string | null = null;
  readonly #fills: (() => void)[] = [];
  readonly #layers: tf.Layer[] = [];
  readonly #names = new Set(['x']);
  #count = 0;

  input(shape: readonly number[]): Drawn {
    return drawn(tf.layersPart().input({ shape: [...shape], name: 'x' }));
  }

  /** A layer's variables exist once it was applied; only then can they take our numbers. */
  fill(): void {
    for (const fill of this.#fills) fill();
  }

  /** Frees the variables of every layer made here, those that lead nowhere included. */
  dispose(): void {
    for (const layer of this.#layers) layer.dispose();
  }

  still(value: Drawn): Drawn {
    return value;
  }

  watch(value: Drawn): Drawn {
    return value;
  }

  weight(parameter: Parameter): Drawn {
    return { shape: parameter.shape, needs: false, symbolic: null, parameter };
  }

  dense(x: Drawn, w: Drawn, b: Drawn | null): Drawn {
    const units = w.shape.at(-1)!;
    return this.#weighted([w, b], x, (args) => tf.layers().dense({ ...args, units, useBias: b !== null }));
  }

  conv(x: Drawn, w: Drawn, b: Drawn | null, window: Window): Drawn {
    const shape = { filters: w.shape.at(-1)!, kernelSize: sides(window), ...windowArgs(window) };
    return this.#weighted([w, b], x, (args) =>
      tf.layers().conv2d({ ...args, ...shape, useBias: b !== null }),
    );
  }

  depthwise(x: Drawn, w: Drawn, b: Drawn | null, window: Window): Drawn {
    const shape = { kernelSize: sides(window), ...windowArgs(window) };
    const make = (args: { name: string }) =>
      tf.layers().depthwiseConv2d({ ...args, ...shape, useBias: b !== null });
    return this.#weighted([w, b], x, make);
  }

  pool(x: Drawn, kind: 'max' | 'mean', window: Window): Drawn {
    const args = { name: this.#name('pool'), poolSize: sides(window), ...windowArgs(window) };
    return this.#apply(kind === 'max' ? tf.layers().maxPooling2d(args) : tf.layers().averagePooling2d(args), [
      x,
    ]);
  }

  squeeze(x: Drawn, kind: 'max' | 'mean'): Drawn {
    const places = x.shape.slice(0, -1).reduce((a, b) => a * b, 1);
    if (x.shape.length > 3) return this.squeeze(this.reshape(x, [places, x.shape.at(-1)!]), kind);
    const args = { name: this.#name('squeeze') };
    const flat = x.shape.length === 2;
    if (kind === 'max') {
      return this.#apply(flat ? tf.layers().globalMaxPooling1d(args) : tf.layers().globalMaxPooling2d(args), [
        x,
      ]);
    }
    return this.#apply(
      flat ? tf.layers().globalAveragePooling1d(args) : tf.layers().globalAveragePooling2d(args),
      [x],
    );
  }

  norm(x: Drawn, weights: NormWeights<Drawn>, { kind, epsilon, momentum }: NormKind): Drawn {
    const { gamma, beta } = weights;
    const figures = [weights.mean, weights.variance].flatMap((figure) =>
      figure === null ? [] : [this.weight(figure)],
    );
    const args = { epsilon, scale: gamma !== null, center: beta !== null };
    return this.#weighted([gamma, beta, ...figures], x, (named) =>
      kind === 'layer'
        ? tf.layers().layerNormalization({ ...named, ...args })
        : // Its weights cannot tell: without gain and offset it has none that learn.
          tf.layers().batchNormalization({ ...named, ...args, momentum, trainable: !weights.frozen }),
    );
  }

  activate(z: Drawn, activation: Activation): Drawn {
    if (activation === 'linear') return z;
    if (activation !== 'gaussian') {
      return this.#apply(tf.layers().activation({ name: this.#name(activation), activation }), [z]);
    }
    this.obstacle ??= 'it has Gaussian units, and a LayersModel knows no such activation';
    return z;
  }

  add(a: Drawn, b: Drawn): Drawn {
    return this.#apply(tf.layers().add({ name: this.#name('add') }), [a, b]);
  }

  multiply(a: Drawn, b: Drawn): Drawn {
    return this.#apply(tf.layers().multiply({ name: this.#name('multiply') }), [a, b]);
  }

  gate(x: Drawn, g: Drawn): Drawn {
    const places = x.shape.slice(0, -1).map(() => 1);
    return this.multiply(x, this.reshape(g, [...places, g.shape.at(-1)!]));
  }

  scale(a: Drawn): Drawn {
    return a;
  }

  concat(values: readonly Drawn[]): Drawn {
    if (values.length === 1) return values[0]!;
    return this.#apply(tf.layers().concatenate({ name: this.#name('concat') }), values);
  }

  slice(x: Drawn, start: number, size: number): Drawn {
    return this.#fixed(x, columnsOf({ width: x.shape.at(-1)!, start, size }));
  }

  addTo(x: Drawn, y: Drawn, start: number): Drawn {
    const [width, size] = [x.shape.at(-1)!, y.shape.at(-1)!];
    return this.add(x, width === size ? y : this.#fixed(y, columnsOf({ width, start, size, back: true })));
  }

  reshape(x: Drawn, shape: readonly number[]): Drawn {
    const args = { name: this.#name('reshape'), targetShape: [...shape] };
    return this.#apply(tf.layers().reshape(args), [x]);
  }

  upsample(x: Drawn, by: number): Drawn {
    return this.#apply(tf.layers().upSampling2d({ name: this.#name('upsample'), size: [by, by] }), [x]);
  }

  attend(q: Drawn, k: Drawn, v: Drawn, heads: number): Drawn {
    const parts = {
      fixed: (x: Drawn, fixed: Fixed) => this.#fixed(x, fixed),
      apply: (layer: tf.Layer, inputs: readonly Drawn[]) => this.#apply(layer, inputs),
      concat: (values: readonly Drawn[]) => this.concat(values),
      name: (kind: string) => this.#name(kind),
    };
    return attentionLayers(parts, { q, k, v, heads });
  }

  embed(ids: Drawn, table: Drawn): Drawn {
    const [inputDim, outputDim] = table.shape as [number, number];
    return this.#weighted([table], ids, (args) => tf.layers().embedding({ ...args, inputDim, outputDim }));
  }

  dropout(x: Drawn, rate: number): Drawn {
    return this.#apply(tf.layers().dropout({ name: this.#name('dropout'), rate }), [x]);
  }

  foreign(layer: ForeignLayer, inputs: readonly Drawn[], weights: readonly Drawn[]): Drawn {
    const rebuilt = rebuildLayer(specOfForeign(layer));
    rebuilt.name = this.#unique(rebuilt.name);
    const out = this.#apply(rebuilt, inputs);
    // Its configuration does not know of a model around it that was not trainable.
    const rests = weights.length > 0 && !weights.some(({ parameter }) => parameter!.trainable);
    if (rests) rebuilt.trainable = false;
    this.#fillLater(rebuilt, weights);
    return out;
  }

  /** Probabilities instead of logits. */
  softmax(x: Drawn): Drawn {
    return this.#apply(tf.layers().activation({ name: this.#name('softmax'), activation: 'softmax' }), [x]);
  }

  #weighted(
    blocks: ReadonlyArray<Drawn | null>,
    x: Drawn,
    make: (args: { name: string; trainable: boolean }) => tf.Layer,
  ): Drawn {
    const held = blocks.filter((block) => block !== null);
    const trainable = held.some((block) => block.parameter!.trainable);
    const layer = make({ name: this.#nameOf(held[0]?.parameter ?? null), trainable });
    const out = this.#apply(layer, [x]);
    this.#fillLater(layer, held);
    return out;
  }

  /** A dense layer of weights that are part of the wiring and never learn. */
  #fixed(x: Drawn, { rows, columns, weights }: Fixed): Drawn {
    const args = { name: this.#name('columns'), units: columns, useBias: false, trainable: false };
    const layer = tf.layers().dense(args);
    const out = this.#apply(layer, [x]);
    this.#fills.push(() => tf.tidy(() => layer.setWeights([tf.tensor2d(weights, [rows, columns])])));
    return out;
  }

  #apply(layer: tf.Layer, inputs: readonly Drawn[]): Drawn {
    layer.setFastWeightInitDuringBuild(true);
    const symbols = inputs.map((input, i) =>
      // The executor of tensorflow.js frees a tensor too early when one layer reads it twice: let it read a second one.
      inputs.indexOf(input) < i ? this.reshape(input, input.shape).symbolic! : input.symbolic!,
    );
    const out = layer.apply(symbols.length === 1 ? symbols[0]! : symbols) as tf.SymbolicTensor;
    this.#layers.push(layer);
    return drawn(out);
  }

  #fillLater(layer: tf.Layer, weights: readonly Drawn[]): void {
    this.#fills.push(() => layer.setWeights(weights.map(({ parameter }) => parameter!.value)));
  }

  #name(kind: string): string {
    this.#count++;
    return this.#unique(`${kind}_${this.#count}`);
  }

  /** Of `host/1.w` and `host/1.b` the layer is `host_1`: names may not hold slashes or dots, and begin with a letter or digit. */
  #nameOf(parameter: Parameter | null): string {
    if (parameter === null) return this.#name('plain');
    const name = parameter.name.replace(/\.[^.]*$/, '').replace(/[^A-Za-z0-9_-]/g, '_');
    return this.#unique(/^[A-Za-z0-9]/.test(name) ? name : `seed${name}`);
  }

  /** Two seeds may differ in nothing but what a layer's name cannot say, and people name their layers as they like. */
  #unique(wanted: string): string {
    let name = wanted;
    for (let i = 2; this.#names.has(name); i++) name = `${wanted}_${i}`;
    this.#names.add(name);
    return name;
  }
}

const drawn = (symbolic: tf.SymbolicTensor): Drawn => ({
  shape: symbolic.shape.slice(1) as number[],
  needs: false,
  symbolic,
  parameter: null,
});
