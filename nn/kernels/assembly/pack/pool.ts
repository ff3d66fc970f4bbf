/** The way back through a maximum over windows: all of the slope goes to the first largest number. */
import { Window } from './window';

/**
 * `dx` for `x`, its pooled maxima `y` and their slopes `dy`. Where several numbers of a window are the largest, the first
 * one in reading order wins; windows may overlap.
 */
export function maxPoolGradient(w: Window, x: usize, y: usize, dy: usize, dx: usize): void {
  const pixel = <usize>w.channels << 2, line = pixel * w.width;
  memory.fill(dx, 0, <usize>(w.batch * w.height) * line);
  for (let row = 0; row < w.batch * w.outHeight; row++) {
    const image = row / w.outHeight;
    const h0 = (row - image * w.outHeight) * w.strideHeight - w.top;
    const top = max(0, h0), bottom = min(w.height, h0 + w.windowHeight);
    const start = <usize>image * <usize>w.height * line;
    for (let ow = 0; ow < w.outWidth; ow++, y += pixel, dy += pixel) {
      const w0 = ow * w.strideWidth - w.left;
      const left = max(0, w0), across = min(w.width, w0 + w.windowWidth) - left;
      const corner = start + <usize>top * line + <usize>left * pixel;
      let c = 0;
      for (; c + 4 <= w.channels; c += 4) {
        const at = <usize>c << 2;
        route4(x + corner + at, dx + corner + at, bottom - top, across, line, pixel, v128.load(y + at), v128.load(dy + at));
      }
      for (; c < w.channels; c++) {
        const at = <usize>c << 2;
        route(x + corner + at, dx + corner + at, bottom - top, across, line, pixel, load<f32>(y + at), load<f32>(dy + at));
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function route4(
  x: usize, dx: usize, down: i32, across: i32, line: usize, pixel: usize, largest: v128, slope: v128,
): void {
  let open = slope;
  for (let i = 0; i < down; i++, x += line, dx += line) {
    let at: usize = 0;
    for (let j = 0; j < across; j++, at += pixel) {
      const here = f32x4.eq(v128.load(x + at), largest);
      v128.store(dx + at, f32x4.add(v128.load(dx + at), v128.and(here, open)));
      open = v128.andnot(open, here);
    }
  }
}

// @ts-ignore: decorator
@inline
function route(x: usize, dx: usize, down: i32, across: i32, line: usize, pixel: usize, largest: f32, slope: f32): void {
  for (let i = 0; i < down; i++, x += line, dx += line) {
    let at: usize = 0;
    for (let j = 0; j < across; j++, at += pixel) {
      if (load<f32>(x + at) != largest) continue;
      store<f32>(dx + at, load<f32>(dx + at) + slope);
      return;
    }
  }
}
