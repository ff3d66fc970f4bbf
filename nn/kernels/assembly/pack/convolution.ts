/** The two gradients of a convolution, unrolled a few output rows at a time so that the columns stay in cache. */
import { multiply } from '../shared/gemm';
import { depthOf, gather, scatter } from './columns';
import { Window } from './window';

/** A 1 x 1 window that skips nothing sees the image as it lies: nothing to unroll. */
// @ts-ignore: decorator
@inline
function plain(w: Window): bool {
  return (
    w.windowHeight == 1 && w.windowWidth == 1 && w.strideHeight == 1 && w.strideWidth == 1 &&
    w.outHeight == w.height && w.outWidth == w.width
  );
}

/**
 * `out [depth, outChannels]` = columns(x) transposed times `dy [places, outChannels]`.
 * @param columns scratch of `rows * outWidth * depth` numbers @param rows output rows in one go
 */
export function filterGradient(w: Window, x: usize, dy: usize, out: usize, columns: usize, rows: i32): void {
  const depth = depthOf(w), lines = w.batch * w.outHeight, width = <usize>w.outChannels << 2;
  if (plain(w)) {
    multiply(depth, w.outChannels, lines * w.outWidth, x, 4, <usize>depth << 2, dy, width, out, width, false);
    return;
  }
  for (let from = 0; from < lines; from += rows) {
    const to = min(lines, from + rows), places = (to - from) * w.outWidth;
    gather(w, x, columns, from, to);
    const slopes = dy + <usize>(from * w.outWidth) * width;
    multiply(depth, w.outChannels, places, columns, 4, <usize>depth << 2, slopes, width, out, width, from > 0);
  }
}

/**
 * `dx` = the columns `dy [places, outChannels]` times `filter [outChannels, depth]` (transposed already), added up where
 * windows overlap.
 */
export function inputGradient(w: Window, dy: usize, filter: usize, dx: usize, columns: usize, rows: i32): void {
  const depth = depthOf(w), lines = w.batch * w.outHeight, width = <usize>w.outChannels << 2, deep = <usize>depth << 2;
  if (plain(w)) {
    multiply(lines * w.outWidth, depth, w.outChannels, dy, width, 4, filter, deep, dx, deep, false);
    return;
  }
  memory.fill(dx, 0, <usize>(w.batch * w.height) * <usize>(w.width * w.channels) * 4);
  for (let from = 0; from < lines; from += rows) {
    const to = min(lines, from + rows), places = (to - from) * w.outWidth;
    const slopes = dy + <usize>(from * w.outWidth) * width;
    multiply(places, depth, w.outChannels, slopes, width, 4, filter, deep, columns, deep, false);
    scatter(w, dx, columns, from, to);
  }
}
