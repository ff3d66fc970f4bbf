/** Convolutions and pools on tensors, with the engine's own gradients. */
import * as tf from '../adapters/tensorflow.ts';
import { paddingBefore, windowed } from '../layer-ops.ts';
import type { Window } from '../ops.ts';

/** A result, and how a gradient of it becomes gradients of what went in. */
export interface Tracked<K extends string> {
  readonly tensor: tf.Tensor;
  back(g: tf.Tensor, key: K): tf.Tensor;
}

type Sides = [number, number];

/** The gradient function that the engine registered for a kernel. */
function backOf(kernel: string, saved: tf.Tensor[], attributes: Record<string, unknown>) {
  const { gradFunc } = tf.getGradient(kernel);
  return (g: tf.Tensor, key: string): tf.Tensor => {
    const gradients = gradFunc(g, saved, attributes as never) as Record<string, () => tf.Tensor>;
    return gradients[key]!();
  };
}

const attributesOf = ({ stride, padding }: Window) => ({
  strides: [...stride] as Sides,
  pad: padding,
  dataFormat: 'NHWC',
  dilations: [1, 1] as Sides,
  dimRoundingMode: undefined,
});

/** x `[rows, h, w, in]`, filter `[kh, kw, in, out]`. The bias rides along: one kernel, and what layers of others call. */
export function convolved(
  x: tf.Tensor,
  filter: tf.Tensor,
  bias: tf.Tensor | null,
  window: Window,
): Tracked<'x' | 'filter'> {
  const [images, weights] = [x as tf.Tensor4D, filter as tf.Tensor4D];
  const { stride, padding } = window;
  const tensor =
    bias === null
      ? tf.conv2d(images, weights, [...stride] as Sides, padding)
      : tf.fused.conv2d({ x: images, filter: weights, strides: [...stride] as Sides, pad: padding, bias });
  return { tensor, back: backOf('Conv2D', [x, filter], attributesOf(window)) };
}

/** Each channel by itself: filter `[kh, kw, channels, 1]`. */
export function depthwise(
  x: tf.Tensor,
  filter: tf.Tensor,
  bias: tf.Tensor | null,
  window: Window,
): Tracked<'x' | 'filter'> {
  const plain = tf.depthwiseConv2d(
    x as tf.Tensor4D,
    filter as tf.Tensor4D,
    [...window.stride] as Sides,
    window.padding,
  );
  const tensor = bias === null ? plain : tf.add(plain, bias);
  return { tensor, back: backOf('DepthwiseConv2dNative', [x, filter], attributesOf(window)) };
}

export function pooled(x: tf.Tensor, kind: 'max' | 'mean', window: Window): Tracked<'x'> {
  const [images, size, strides] = [x as tf.Tensor4D, [...window.size] as Sides, [...window.stride] as Sides];
  const attributes = { ...attributesOf(window), filterSize: size };
  if (kind === 'mean') {
    return meanPooled(images, window);
  }
  const tensor = tf.maxPool(images, size, strides, window.padding);
  return { tensor, back: backOf('MaxPool', [x, tensor], attributes) };
}

/**
 * Means over windows; at the edge, of the pixels there are. Padded by hand there: the engine divides such a gradient by
 * the whole window on some backends, and by what the window holds on others.
 */
function meanPooled(x: tf.Tensor4D, window: Window): Tracked<'x'> {
  const [size, strides] = [[...window.size] as Sides, [...window.stride] as Sides];
  const valid = { ...attributesOf({ ...window, padding: 'valid' }), filterSize: size };
  const [, h, w, channels] = x.shape;
  const places = windowed([h, w], window);
  const edge = ([0, 1] as const).map((i): [number, number] => {
    const before = paddingBefore(x.shape[i + 1]!, i, window);
    const reach = (places[i] - 1) * strides[i] + size[i];
    return [before, Math.max(0, reach - before - x.shape[i + 1]!)];
  }) as [[number, number], [number, number]];
  if (edge.flat().every((n) => n === 0)) {
    return { tensor: tf.avgPool(x, size, strides, 'valid'), back: backOf('AvgPool', [x], valid) };
  }
  const padded = tf.pad(x, [[0, 0], ...edge, [0, 0]]);
  const there = tf.pad(tf.ones([1, h, w, 1]), [[0, 0], ...edge, [0, 0]]) as tf.Tensor4D;
  const share = tf.avgPool(there, size, strides, 'valid');
  const back = backOf('AvgPool', [padded], valid);
  return {
    tensor: tf.div(tf.avgPool(padded, size, strides, 'valid'), share),
    back: (g, key) =>
      tf.slice(back(tf.div(g, share), key), [0, edge[0][0], edge[1][0], 0], [-1, h, w, channels]),
  };
}

/** Mean or maximum over all places of `[rows, .., channels]`. */
export function squeezed(x: tf.Tensor, kind: 'max' | 'mean'): Tracked<'x'> {
  const axes = Array.from({ length: x.rank - 2 }, (_, i) => i + 1);
  const places = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  const spread = (g: tf.Tensor) => tf.reshape(g, [x.shape[0]!, ...axes.map(() => 1), x.shape.at(-1)!]);
  if (kind === 'mean') {
    const tensor = tf.mean(x, axes);
    return { tensor, back: (g) => tf.mul(tf.onesLike(x), tf.div(spread(g), places)) };
  }
  const tensor = tf.max(x, axes);
  // Equal maxima share the gradient, as the engine's own rule has it: each gets all of it.
  const mask = tf.cast(tf.equal(x, spread(tensor)), 'float32');
  return { tensor, back: (g) => tf.mul(mask, spread(g)) };
}

/** Each pixel `by` times in both directions. */
export function enlarged(x: tf.Tensor, by: number): Tracked<'x'> {
  const [, h, w] = x.shape as [number, number, number, number];
  const tensor = tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [h * by, w * by]);
  const back = (g: tf.Tensor) => tf.mul(tf.avgPool(g as tf.Tensor4D, by, by, 'valid'), by * by);
  return { tensor, back };
}
