/** What each kind of host layer owns, how wide it is, and how it runs. */
import type { Activation } from '../contracts/blueprint.ts';
import { foreignLayer } from './foreign-layer.ts';
import type { NormWeights, Ops, Value, Window } from './ops.ts';
import type { Parameter } from './parameter.ts';
import type { ConvSpec, DenseSpec, LayerSpec } from './types.ts';

/** One block of weights that a layer owns. */
export interface BlockSpec {
  readonly key: string;
  readonly shape: readonly number[];
  /** What each axis counts: the features of the layer's input, its own units, or neither. */
  readonly axes: ReadonlyArray<'in' | 'units' | null>;
  readonly birth: 'drawn' | 'offset' | 'ones' | 'zeros';
  readonly learns: boolean;
}

type Shape = readonly number[];

/** The layers that `layer` (1-based) reads; 0 is the input. */
export function sourcesOfLayer(spec: LayerSpec, layer: number): readonly number[] {
  return spec.from ?? [layer - 1];
}

export const activationOf = (spec: LayerSpec): Activation =>
  'activation' in spec ? spec.activation : 'linear';

/** Dense and convolutional layers: those whose units can be counted, widened and corrected. */
export const hasUnits = (spec: LayerSpec): spec is DenseSpec | ConvSpec =>
  isDense(spec) || spec.op === 'conv';

export const isDense = (spec: LayerSpec): spec is DenseSpec => spec.op === undefined || spec.op === 'dense';

/** Shape of one row after the layer, given those of what it reads. */
export function outputShape(spec: LayerSpec, inputs: readonly Shape[]): Shape {
  const [x] = inputs as [Shape];
  const features = x.at(-1)!;
  const places = x.slice(0, -1);
  if (isDense(spec)) return [...places, spec.units];
  switch (spec.op) {
    case 'conv':
      return [...windowed(x, spec.window), spec.units];
    case 'depthwise':
    case 'pool':
      return [...windowed(x, spec.window), features];
    case 'squeeze':
      return [features];
    case 'norm':
    case 'activate':
    case 'dropout':
    case 'add':
    case 'multiply':
      return x;
    case 'concat':
      return [...places, inputs.reduce((sum, shape) => sum + shape.at(-1)!, 0)];
    case 'reshape':
      return reshaped(spec.shape, x);
    case 'upsample':
      return [x[0]! * spec.by, x[1]! * spec.by, features];
    case 'embed':
      return [...x, spec.units];
    case 'foreign':
      return foreignLayer(spec).outputShape(inputs);
  }
}

/** The shape a reshape was born with, its last axis as wide as the features that have joined since. */
function reshaped(born: Shape, x: Shape): Shape {
  const size = (shape: Shape) => shape.reduce((a, b) => a * b, 1);
  const places = born.slice(0, -1);
  const features = size(x) / size(places);
  return Number.isInteger(features) ? [...places, features] : born;
}

/** Why a layer cannot read what it is given, or null. */
export function shapeComplaint({ op, ...spec }: LayerSpec, inputs: readonly Shape[]): string | null {
  const [x] = inputs as [Shape];
  const said = `[${x.join(', ')}]`;
  if (op === 'conv' || op === 'depthwise' || op === 'pool' || op === 'upsample') {
    return x.length === 3 ? null : `needs an image [height, width, channels], not ${said}`;
  }
  if (op === 'squeeze') return x.length > 1 ? null : `needs places to squeeze, not ${said}`;
  if (op === 'add' || op === 'multiply') {
    return inputs.every((shape) => String(shape) === String(x)) ? null : 'joins different shapes';
  }
  if (op === 'concat') {
    const places = (shape: Shape) => String(shape.slice(0, -1));
    return inputs.every((shape) => places(shape) === places(x)) ? null : 'joins different places';
  }
  if (op === 'reshape' && 'shape' in spec) {
    const size = (shape: Shape) => shape.reduce((a, b) => a * b, 1);
    return size(spec.shape) === size(x) ? null : `cannot turn ${said} into [${spec.shape.join(', ')}]`;
  }
  return null;
}

/** Places of an image `[h, w, ..]` that a window visits. */
export function windowed([h, w]: Shape, { size, stride, padding }: Window): [number, number] {
  const along = (length: number, i: 0 | 1) =>
    padding === 'same' ? Math.ceil(length / stride[i]) : Math.floor((length - size[i]) / stride[i]) + 1;
  return [along(h!, 0), along(w!, 1)];
}

/** Zeroes in front of an axis: what `same` padding adds, the smaller half first. */
export function paddingBefore(length: number, i: 0 | 1, { size, stride, padding }: Window): number {
  if (padding === 'valid') return 0;
  const needed = (Math.ceil(length / stride[i]) - 1) * stride[i] + size[i] - length;
  return Math.max(0, Math.floor(needed / 2));
}

/** The blocks of weights a layer owns, in the order in which they are saved. */
export function blocksOf(spec: LayerSpec, inputs: readonly Shape[]): readonly BlockSpec[] {
  const features = inputs[0]!.at(-1)!;
  const block = (
    key: string,
    shape: Shape,
    axes: BlockSpec['axes'],
    birth: BlockSpec['birth'],
  ): BlockSpec => ({
    key,
    shape,
    axes,
    birth,
    learns: !('frozen' in spec && spec.frozen),
  });
  const biased = (weights: BlockSpec, units: number, of: 'in' | 'units') =>
    'bias' in spec && spec.bias === false ? [weights] : [weights, block('b', [units], [of], 'offset')];
  if (isDense(spec)) {
    return biased(block('w', [features, spec.units], ['in', 'units'], 'drawn'), spec.units, 'units');
  }
  switch (spec.op) {
    case 'conv': {
      const shape = [...spec.window.size, features, spec.units];
      return biased(block('w', shape, [null, null, 'in', 'units'], 'drawn'), spec.units, 'units');
    }
    case 'depthwise': {
      const shape = [...spec.window.size, features, 1];
      return biased(block('w', shape, [null, null, 'in', null], 'drawn'), features, 'in');
    }
    case 'norm': {
      const figures = spec.how.kind === 'batch';
      return [
        ...(spec.gamma === false ? [] : [block('gamma', [features], ['in'], 'ones')]),
        ...(spec.beta === false ? [] : [block('beta', [features], ['in'], 'zeros')]),
        ...(figures ? [{ ...block('mean', [features], ['in'], 'zeros'), learns: false }] : []),
        ...(figures ? [{ ...block('variance', [features], ['in'], 'ones'), learns: false }] : []),
      ];
    }
    case 'embed':
      return [block('w', [spec.words, spec.units], [null, 'units'], 'drawn')];
    case 'foreign':
      return spec.shapes.map((shape, i) => ({
        ...block(
          `${i}`,
          shape,
          shape.map(() => null),
          'zeros',
        ),
        learns: spec.learns[i] === true,
      }));
    default:
      return [];
  }
}

/** Runs a layer up to, and without, its activation. @param weight gives the pass's value for a block of weights */
export function runLayerOp<V extends Value>(
  ops: Ops<V>,
  spec: LayerSpec,
  parameters: ReadonlyMap<string, Parameter>,
  inputs: readonly V[],
  { key, weight }: { readonly key: string; readonly weight: (parameter: Parameter) => V },
): V {
  const x = inputs[0]!;
  const block = (name: string) => {
    const parameter = parameters.get(name);
    return parameter === undefined ? null : weight(parameter);
  };
  if (isDense(spec)) return ops.dense(x, block('w')!, block('b'));
  switch (spec.op) {
    case 'conv':
      return ops.conv(x, block('w')!, block('b'), spec.window);
    case 'depthwise':
      return ops.depthwise(x, block('w')!, block('b'), spec.window);
    case 'pool':
      return ops.pool(x, spec.kind, spec.window);
    case 'squeeze':
      return ops.squeeze(x, spec.kind);
    case 'norm': {
      const weights: NormWeights<V> = {
        gamma: block('gamma'),
        beta: block('beta'),
        mean: parameters.get('mean') ?? null,
        variance: parameters.get('variance') ?? null,
        frozen: spec.frozen === true,
      };
      return ops.norm(x, weights, spec.how);
    }
    case 'activate':
      return x;
    case 'add':
    case 'multiply':
      return inputs.reduce((a, b) => (spec.op === 'add' ? ops.add(a, b) : ops.multiply(a, b)));
    case 'concat':
      return ops.concat(inputs);
    case 'reshape':
      return ops.reshape(x, reshaped(spec.shape, x.shape));
    case 'upsample':
      return ops.upsample(x, spec.by);
    case 'embed':
      return ops.embed(x, block('w')!);
    case 'dropout':
      return ops.dropout(x, spec.rate, key);
    case 'foreign':
      return ops.foreign(foreignLayer(spec), inputs, [...parameters.values()].map(weight));
  }
}
