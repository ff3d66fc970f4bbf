/** What flows back through convolutions and pools on the wasm backend, which has none of it or has it wrong. */

import type { PackHeap, WindowInfo } from './pack-heap.ts';
import type { Kernels } from './pack-kernels.ts';
import * as tf from './tensorflow.ts';

type Shape4 = [number, number, number, number];
type Pad = 'same' | 'valid' | number;
interface ConvAttrs {
  readonly strides: [number, number] | number;
  readonly pad: Pad;
  readonly dataFormat: 'NHWC' | 'NCHW';
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly dilations?: [number, number] | number;
  readonly filterShape: Shape4;
  readonly inputShape: Shape4;
}
interface PoolAttrs extends Pick<ConvAttrs, 'strides' | 'pad' | 'dimRoundingMode'> {
  readonly filterSize: [number, number] | number;
}
interface Tensors {
  readonly x: tf.TensorInfo;
  readonly dy: tf.TensorInfo;
  readonly filter: tf.TensorInfo;
  readonly input: tf.TensorInfo;
  readonly output: tf.TensorInfo;
}

/** Columns that are unrolled in one go: they should still be in the second-level cache when the product reads them. */
const COLUMN_BYTES = 1 << 18;

/** @see nn/kernels/assembly/pack/convolution.ts, depthwise.ts, pool.ts */
export const windowKernels = (heap: PackHeap): Kernels => ({
  Conv2DBackpropFilter({ inputs, attrs }) {
    const { x, dy, how } = read(inputs, attrs);
    const info = convInfo(x.shape, how.filterShape, how, false);
    const { rows, bytes } = chunk(info);
    const columns = heap.scratch(bytes);
    const out = heap.output(how.filterShape);
    const at = [heap.pointer(x), heap.pointer(dy), heap.pointer(out)];
    heap.kernels.filterGradient(heap.window(info), ...at, columns, rows);
    return out;
  },
  Conv2DBackpropInput({ inputs, attrs }) {
    const { dy, filter, how } = read(inputs, attrs);
    const info = convInfo(how.inputShape, filter.shape, how, false);
    const { rows, bytes, depth } = chunk(info);
    const turned = heap.scratch(bytes + 4 * depth * info.outChannels + 16);
    const columns = turned + 4 * depth * info.outChannels + 16;
    const out = heap.output(info.inShape);
    heap.kernels.transpose(depth, info.outChannels, heap.pointer(filter), turned);
    heap.kernels.inputGradient(heap.window(info), heap.pointer(dy), turned, heap.pointer(out), columns, rows);
    return out;
  },
  DepthwiseConv2dNativeBackpropFilter({ inputs, attrs }) {
    const { x, dy, how } = read(inputs, attrs);
    const info = convInfo(x.shape, how.filterShape, how, true);
    const out = heap.output(how.filterShape);
    const at = [heap.pointer(x), heap.pointer(dy), heap.pointer(out)];
    heap.kernels.depthwiseFilterGradient(heap.window(info), ...at);
    return out;
  },
  DepthwiseConv2dNativeBackpropInput({ inputs, attrs }) {
    const { dy, filter, how } = read(inputs, attrs);
    const info = convInfo(how.inputShape, filter.shape, how, true);
    const out = heap.output(info.inShape);
    const at = [heap.pointer(dy), heap.pointer(filter), heap.pointer(out)];
    heap.kernels.depthwiseInputGradient(heap.window(info), ...at);
    return out;
  },
  MaxPoolGrad({ inputs, attrs }) {
    const { dy, input, output } = inputs as unknown as Tensors;
    const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as PoolAttrs;
    const shape = input.shape as Shape4;
    const info = tf.backend_util.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
    const out = heap.output(input.shape);
    const at = [heap.pointer(input), heap.pointer(output), heap.pointer(dy), heap.pointer(out)];
    heap.kernels.maxPoolGradient(heap.window(info), ...at);
    return out;
  },
});

const read = (inputs: object, attrs: object | undefined) => ({
  ...(inputs as Tensors),
  how: attrs as ConvAttrs,
});

function convInfo(
  shape: readonly number[],
  filter: readonly number[],
  how: ConvAttrs,
  depthwise: boolean,
): WindowInfo {
  tf.util.assert(how.dataFormat !== 'NCHW', () => 'convolutions on wasm need the channels last');
  const { strides, dilations = 1, pad, dimRoundingMode } = how;
  return tf.backend_util.computeConv2DInfo(
    shape as Shape4,
    filter as Shape4,
    strides,
    depthwise ? dilations : 1,
    pad,
    dimRoundingMode,
    depthwise,
  );
}

/** How many output rows are unrolled at once, and the scratch that takes. */
function chunk({ batchSize, outHeight, outWidth, filterHeight, filterWidth, inChannels }: WindowInfo) {
  const depth = filterHeight * filterWidth * inChannels;
  const rowBytes = 4 * outWidth * depth;
  const rows = Math.max(1, Math.min(batchSize * outHeight, Math.floor(COLUMN_BYTES / rowBytes)));
  return { rows, bytes: rows * rowBytes + 16, depth };
}
