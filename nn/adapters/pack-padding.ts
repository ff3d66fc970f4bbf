/** Strides longer than the window with padding `same`: the stock wasm kernels answer zeros, unless the padding is spelt out. */

import type { Kernels } from './pack-kernels.ts';
import * as tf from './tensorflow.ts';

interface Attrs {
  readonly pad: 'same' | 'valid' | number | object;
  readonly strides: [number, number] | number;
  readonly dilations: [number, number] | number;
}
type Shape4 = [number, number, number, number];

const FORWARD = ['Conv2D', 'FusedConv2D', 'DepthwiseConv2dNative', 'FusedDepthwiseConv2D'] as const;

export const paddingKernels = (): Kernels =>
  Object.fromEntries(
    FORWARD.map((name) => {
      const stock = tf.getKernel(name, 'wasm').kernelFunc;
      const kernel: tf.KernelFunc = (call) => {
        const attrs = call.attrs as unknown as Attrs;
        if (attrs.pad !== 'same' || Math.max(...[attrs.strides].flat()) === 1) return stock(call);
        const { x, filter } = call.inputs as { x: tf.TensorInfo; filter: tf.TensorInfo };
        const pad = spelt(x.shape as Shape4, filter.shape as Shape4, attrs, name.includes('Depthwise'));
        return stock({ ...call, attrs: { ...call.attrs, pad } as unknown as tf.NamedAttrMap });
      };
      return [name, kernel];
    }),
  );

function spelt(shape: Shape4, filter: Shape4, { strides, dilations, pad }: Attrs, depthwise: boolean) {
  const info = tf.backend_util.computeConv2DInfo(
    ...([shape, filter, strides, dilations, pad as 'same', undefined, depthwise] as const),
  );
  const { top, bottom, left, right } = info.padInfo;
  return [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
}
