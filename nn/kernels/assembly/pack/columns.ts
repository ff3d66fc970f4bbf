/** Images unrolled: a row of numbers for each place of the window, so that a convolution becomes a product. */
import { addTo } from '../shared/lanes';
import { Window } from './window';

/** Numbers under a window. */
// @ts-ignore: decorator
@inline
export function depthOf(w: Window): i32 {
  return w.windowHeight * w.windowWidth * w.channels;
}

/**
 * Copies `count` numbers, and up to 3 more: runs are written from left to right, so the next one covers what is too
 * much, and the room for columns ends 16 bytes later. Most runs are no longer than one vector.
 */
// @ts-ignore: decorator
@inline
function lay(to: usize, from: usize, count: i32): void {
  for (let end = to + (<usize>count << 2); to < end; to += 16, from += 16) v128.store(to, v128.load(from));
}

/** Zeroes `count` numbers, and up to 3 more. */
// @ts-ignore: decorator
@inline
function blank(to: usize, count: i32): void {
  for (let end = to + (<usize>count << 2); to < end; to += 16) v128.store(to, f32x4.splat(0));
}

/** Unrolls output rows `from` to `to` of all `batch * outHeight`: `columns [(to - from) * outWidth, depth]` and 16 bytes. */
export function gather(w: Window, x: usize, columns: usize, from: i32, to: i32): void {
  const run = w.windowWidth * w.channels, runBytes = <usize>run << 2;
  const pixel = <usize>w.channels << 2, line = pixel * w.width;
  for (let row = from; row < to; row++) {
    const image = row / w.outHeight;
    const h0 = (row - image * w.outHeight) * w.strideHeight - w.top;
    const source = x + <usize>image * <usize>w.height * line;
    for (let ow = 0; ow < w.outWidth; ow++) {
      const w0 = ow * w.strideWidth - w.left;
      const before = min(w.windowWidth, max(0, -w0)), after = max(before, min(w.windowWidth, w.width - w0));
      for (let kh = 0; kh < w.windowHeight; kh++, columns += runBytes) {
        const h = h0 + kh;
        if (h < 0 || h >= w.height) {
          blank(columns, run);
          continue;
        }
        const p = source + <usize>h * line + <usize>((w0 + before) * w.channels) * 4;
        if (before > 0) blank(columns, before * w.channels);
        lay(columns + <usize>before * pixel, p, (after - before) * w.channels);
        if (after < w.windowWidth) blank(columns + <usize>after * pixel, (w.windowWidth - after) * w.channels);
      }
    }
  }
}

/** The way back: adds `columns` to the places in `x` that they came from. */
export function scatter(w: Window, x: usize, columns: usize, from: i32, to: i32): void {
  const runBytes = <usize>(w.windowWidth * w.channels) << 2;
  const pixel = <usize>w.channels << 2, line = pixel * w.width;
  for (let row = from; row < to; row++) {
    const image = row / w.outHeight;
    const h0 = (row - image * w.outHeight) * w.strideHeight - w.top;
    const target = x + <usize>image * <usize>w.height * line;
    for (let ow = 0; ow < w.outWidth; ow++) {
      const w0 = ow * w.strideWidth - w.left;
      const before = min(w.windowWidth, max(0, -w0)), after = max(before, min(w.windowWidth, w.width - w0));
      for (let kh = 0; kh < w.windowHeight; kh++, columns += runBytes) {
        const h = h0 + kh;
        if (h < 0 || h >= w.height) continue;
        const p = target + <usize>h * line + <usize>((w0 + before) * w.channels) * 4;
        addTo(p, columns + <usize>before * pixel, (after - before) * w.channels);
      }
    }
  }
}
