/** From the settings of a host and the shape of the data to the network that is born. */
import type { HostConfig, HostLayer } from '../../contracts/index.ts';
import type { HostSpec, LayerSpec } from '../../nn/index.ts';
import { blocksOf, outputShape, sourcesOfLayer } from '../../nn/layer-ops.ts';
import type { Window } from '../../nn/ops.ts';
import { shapesOf } from '../../nn/slots.ts';
import type { Dataset } from '../datasets/index.ts';

type Shape = readonly number[];

/** The host with its output layer. Hidden widths read a row as a list of numbers, layers read it as what it is. */
export function hostSpec(
  host: HostConfig,
  { train, inputShape }: Pick<Dataset, 'train' | 'inputShape'>,
): HostSpec {
  const { hidden, layers = [], activation, outputActivation, loss, start } = host;
  const output = { units: train.outputs, activation: outputActivation };
  const common = { inputs: train.inputs, loss, start };
  if (layers.length === 0) {
    return { ...common, layers: [...hidden.map((units) => ({ units, activation })), output] };
  }
  let shape: Shape = inputShape ?? [train.inputs];
  const specs = layers.map((layer) => {
    const spec = layerSpec(layer, shape, host);
    shape = outputShape(spec, [shape]);
    return spec;
  });
  return { ...common, inputShape: inputShape ?? [train.inputs], layers: [...specs, output] };
}

/** Numbers in a host before anything grew, running figures of norms included. */
export function bornParameters(spec: HostSpec): number {
  const shapes = shapesOf(spec);
  return spec.layers.reduce((total, layer, i) => {
    const inputs = sourcesOfLayer(layer, i + 1).map((from) => shapes[from]!);
    return total + blocksOf(layer, inputs).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  }, 0);
}

function layerSpec(layer: HostLayer, shape: Shape, { activation: common }: HostConfig): LayerSpec {
  switch (layer.op) {
    case 'dense':
      return { op: 'dense', units: layer.units, activation: layer.activation ?? common };
    case 'conv':
      return {
        op: 'conv',
        units: layer.units,
        window: square(layer),
        activation: layer.activation ?? common,
      };
    case 'depthwise':
      return { op: 'depthwise', window: square(layer), activation: layer.activation ?? common };
    case 'pool':
      return { op: 'pool', kind: layer.kind ?? 'mean', window: poolWindow(layer) };
    case 'squeeze':
      return { op: 'squeeze', kind: layer.kind ?? 'mean' };
    case 'norm':
      return { op: 'norm', how: layer.kind === 'layer' ? LAYER_NORM : BATCH_NORM };
    case 'activate':
      return { op: 'activate', activation: layer.activation ?? common };
    case 'dropout':
      return { op: 'dropout', rate: layer.rate };
    case 'flatten':
      return { op: 'reshape', shape: [sizeOf(shape)] };
  }
}

const BATCH_NORM = { kind: 'batch', epsilon: 1e-3, momentum: 0.9 } as const;
const LAYER_NORM = { kind: 'layer', epsilon: 1e-5, momentum: 0 } as const;

interface Sides {
  readonly size?: number;
  readonly stride?: number;
}

const square = ({ size = 3, stride = 1 }: Sides): Window => ({
  size: [size, size],
  stride: [stride, stride],
  padding: 'same',
});

/** Windows that do not fill the edge are left out. */
const poolWindow = ({ size = 2, stride = size }: Sides): Window => ({
  size: [size, size],
  stride: [stride, stride],
  padding: 'valid',
});

const sizeOf = (shape: Shape) => shape.reduce((a, b) => a * b, 1);
