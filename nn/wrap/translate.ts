/** Turns each kind of tensorflow.js layer into ours; what has no counterpart stays the layer that it is. */
import * as tf from '../adapters/tensorflow.ts';
import type { Padding, Pair, Window } from '../ops.ts';
import { activated, isOurs } from './activations.ts';
import { type Draft, draftOf, foreignDraft, learnable } from './draft.ts';
import type { Visit } from './read-model.ts';
import { unsupported } from './refusal.ts';

type Translation = (visit: Visit) => readonly Draft[] | null;

/** Configurations as tfjs writes them; only the fields that are read here. */
interface Config {
  readonly units: number;
  readonly filters: number;
  readonly activation: string;
  readonly useBias: boolean;
  readonly kernelSize: number | Pair;
  readonly poolSize: number | Pair;
  readonly size: number | Pair;
  readonly strides: number | Pair | null;
  readonly padding: Padding;
  readonly depthMultiplier: number;
  readonly axis: number | readonly number[];
  readonly epsilon: number;
  readonly momentum: number;
  readonly scale: boolean;
  readonly center: boolean;
  readonly maxValue: number | null;
  readonly interpolation: string;
  readonly rate: number;
  readonly noiseShape: unknown;
  readonly inputDim: number;
  readonly outputDim: number;
  readonly maskZero: boolean;
}

const configOf = ({ config }: Visit) => config as unknown as Config;
const pair = (n: number | Pair): Pair => (typeof n === 'number' ? [n, n] : n);
const isOne = (n: unknown) => [n].flat().every((each) => each === 1);

/** @throws NN_WRAP_UNSUPPORTED for layers that would give wrong numbers here rather than none */
export function translate(visit: Visit): readonly Draft[] {
  refuse(visit);
  const known = tf.serialization.SerializationMap.getMap().classNameMap[visit.className];
  const own = known?.[0] === visit.layer.constructor;
  const drafts = own && !restsInPart(visit) ? TRANSLATIONS[visit.className]?.(visit) : null;
  return drafts ?? [foreignDraft(visit)];
}

const TRANSLATIONS: Readonly<Record<string, Translation>> = {
  Dense: (visit) => {
    const { units, useBias, activation } = configOf(visit);
    const spec = { op: 'dense', units, activation: 'linear', bias: useBias } as const;
    return activated(draftOf(visit, spec, { w: 'kernel', b: 'bias' }), activation, visit.layer.name);
  },
  Conv2D: (visit) => {
    const { filters, useBias, activation } = configOf(visit);
    const window = windowOf(visit);
    const spec = { op: 'conv', units: filters, window, activation: 'linear', bias: useBias } as const;
    return activated(draftOf(visit, spec, { w: 'kernel', b: 'bias' }), activation, visit.layer.name);
  },
  DepthwiseConv2D: (visit) => {
    const { useBias, activation, depthMultiplier } = configOf(visit);
    const window = windowOf(visit);
    if (depthMultiplier !== 1) return null;
    const spec = { op: 'depthwise', window, activation: 'linear', bias: useBias } as const;
    return activated(
      draftOf(visit, spec, { w: 'depthwise_kernel', b: 'bias' }),
      activation,
      visit.layer.name,
    );
  },
  SeparableConv2D: (visit) => {
    const { filters, useBias, activation, depthMultiplier } = configOf(visit);
    const window = windowOf(visit);
    if (depthMultiplier !== 1) return null;
    const alone = { op: 'depthwise', window, activation: 'linear', bias: false } as const;
    const point: Window = { size: [1, 1], stride: [1, 1], padding: 'valid' };
    const across = {
      op: 'conv',
      units: filters,
      window: point,
      activation: 'linear',
      bias: useBias,
    } as const;
    const mixed = draftOf(visit, across, { w: 'pointwise_kernel', b: 'bias' });
    return [
      draftOf(visit, alone, { w: 'depthwise_kernel' }),
      ...activated(mixed, activation, visit.layer.name),
    ];
  },
  MaxPooling2D: (visit) => pooling(visit, 'max'),
  AveragePooling2D: (visit) => pooling(visit, 'mean'),
  GlobalMaxPooling1D: (visit) => [draftOf(visit, { op: 'squeeze', kind: 'max' })],
  GlobalMaxPooling2D: (visit) => [draftOf(visit, { op: 'squeeze', kind: 'max' })],
  GlobalAveragePooling1D: (visit) => [draftOf(visit, { op: 'squeeze', kind: 'mean' })],
  GlobalAveragePooling2D: (visit) => [draftOf(visit, { op: 'squeeze', kind: 'mean' })],
  BatchNormalization: (visit) => {
    const { epsilon, momentum, scale, center } = configOf(visit);
    const how = { kind: 'batch', epsilon, momentum } as const;
    const keys = { gamma: 'gamma', beta: 'beta', mean: 'moving_mean', variance: 'moving_variance' };
    return [draftOf(visit, { op: 'norm', how, gamma: scale, beta: center }, keys)];
  },
  LayerNormalization: (visit) => {
    const { epsilon, scale, center } = configOf(visit);
    if (!onLastAxis(visit)) return null;
    const how = { kind: 'layer', epsilon, momentum: 0 } as const;
    return [
      draftOf(visit, { op: 'norm', how, gamma: scale, beta: center }, { gamma: 'gamma', beta: 'beta' }),
    ];
  },
  Activation: (visit) => {
    const { activation } = configOf(visit);
    return isOurs(activation) ? [draftOf(visit, { op: 'activate', activation })] : null;
  },
  ReLU: (visit) =>
    (configOf(visit).maxValue ?? null) === null
      ? [draftOf(visit, { op: 'activate', activation: 'relu' })]
      : null,
  Add: (visit) => (alike(visit) ? [draftOf(visit, { op: 'add', from: [] })] : null),
  Multiply: (visit) => (alike(visit) ? [draftOf(visit, { op: 'multiply', from: [] })] : null),
  Concatenate: (visit) => (onLastAxis(visit) ? [draftOf(visit, { op: 'concat', from: [] })] : null),
  Flatten: (visit) => [draftOf(visit, { op: 'reshape', shape: visit.output })],
  Reshape: (visit) => [draftOf(visit, { op: 'reshape', shape: visit.output })],
  UpSampling2D: (visit) => {
    const { size, interpolation } = configOf(visit);
    const [by, across] = pair(size);
    return by === across && interpolation === 'nearest' ? [draftOf(visit, { op: 'upsample', by })] : null;
  },
  Embedding: (visit) => {
    const { inputDim, outputDim } = configOf(visit);
    return [draftOf(visit, { op: 'embed', words: inputDim, units: outputDim }, { w: 'embeddings' })];
  },
  Dropout: (visit) => [draftOf(visit, { op: 'dropout', rate: configOf(visit).rate })],
};

/** Layers whose numbers nobody could repeat, or that mean something which is not passed on here. */
function refuse(visit: Visit): void {
  const { className, config, layer } = visit;
  const { maskZero, dilationRate } = config;
  if (config.dataFormat === 'channelsFirst') {
    throw unsupported(layer.name, 'keeps channels first', "use dataFormat: 'channelsLast'");
  }
  if (className === 'BatchNormalization' && !onLastAxis(visit)) {
    throw unsupported(layer.name, 'normalises along another axis than the last', 'use axis: -1');
  }
  if (className === 'Masking' || maskZero === true) {
    throw unsupported(layer.name, 'makes a mask', 'leave the mask away, or multiply by it inside the model');
  }
  if (!isOne(dilationRate ?? 1)) {
    throw unsupported(
      layer.name,
      'has holes in its window, and nobody computes their gradient',
      'use dilationRate: 1',
    );
  }
  if (drawsNumbers(className, config)) {
    throw unsupported(layer.name, 'draws numbers that nobody can draw again', 'use tf.layers.dropout');
  }
}

/** Does the layer, or one that it holds inside, draw what cannot be drawn again? A plain dropout can. */
function drawsNumbers(className: string, config: Visit['config']): boolean {
  const { noiseShape, dropout, recurrentDropout } = config;
  const noisy = /^(Gaussian|Alpha|Spatial)/.test(className) || (noiseShape ?? null) !== null;
  if (noisy || Number(dropout ?? 0) > 0 || Number(recurrentDropout ?? 0) > 0) return true;
  return ['layer', 'forwardLayer', 'backwardLayer', 'cell', 'cells']
    .flatMap((field) => config[field] ?? [])
    .some((held) => {
      const inner = held as { readonly className?: string; readonly config?: Visit['config'] };
      const name = inner.className ?? '';
      return name === 'Dropout' || drawsNumbers(name, inner.config ?? {});
    });
}

/** Some weights of the layer learn, others rest: only the layer itself can say which. */
function restsInPart(visit: Visit): boolean {
  const learning = visit.rests ? 0 : visit.layer.trainableWeights.length;
  return learning > 0 && learning !== learnable(visit);
}

function pooling(visit: Visit, kind: 'max' | 'mean'): readonly Draft[] {
  const { poolSize, strides, padding } = configOf(visit);
  const size = pair(poolSize);
  const window: Window = { size, stride: strides === null ? size : pair(strides), padding };
  return [draftOf(visit, { op: 'pool', kind, window })];
}

function windowOf(visit: Visit): Window {
  const { kernelSize, strides, padding } = configOf(visit);
  return { size: pair(kernelSize), stride: pair(strides ?? 1), padding };
}

function onLastAxis(visit: Visit): boolean {
  const axes = [configOf(visit).axis].flat();
  const last = visit.inputs[0]!.length;
  return axes.length === 1 && (axes[0] === -1 || axes[0] === last);
}

const alike = ({ inputs }: Visit) => inputs.every((shape) => String(shape) === String(inputs[0]));
