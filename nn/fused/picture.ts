/** Window geometry in the words of the instructions. */
import { paddingBefore } from '../layer-ops.ts';
import type { Window } from '../ops.ts';

type Shape = readonly number[];

/** The eleven operands of a windowed instruction. @param x, out `[height, width, channels]` */
export function pictureOf(x: Shape, out: Shape, window: Window) {
  const [height, width, channels] = x as readonly [number, number, number];
  const [outHeight, outWidth] = out as readonly [number, number];
  return {
    height,
    width,
    channels,
    kernelHeight: window.size[0],
    kernelWidth: window.size[1],
    strideHeight: window.stride[0],
    strideWidth: window.stride[1],
    padTop: paddingBefore(height, 0, window),
    padLeft: paddingBefore(width, 1, window),
    outHeight,
    outWidth,
  };
}
