/** Pools: windows shrink to their maximum or mean. The first maximum of a window is the one that learns. */
import { bend, bendBack, LINEAR, RELU_BEND } from './bends';
import { positive, storePart } from './lanes';
import { sumColumns } from './products';
import {
  adds, channels, height, kernelHeight, kernelWidth, outHeight, outWidth, padLeft, padTop, place, readPicture, rows,
  strideHeight, strideWidth, width, word,
} from './state';

/** The window that is looked at, cut to the picture. */
let y0: i32 = 0;
let y1: i32 = 0;
let x0: i32 = 0;
let x1: i32 = 0;

function lookAt(i: i32, j: i32): void {
  const top = i * strideHeight - padTop;
  const left = j * strideWidth - padLeft;
  y0 = max(0, top);
  y1 = min(height, top + kernelHeight);
  x0 = max(0, left);
  x1 = min(width, left + kernelWidth);
}

/** Windows of 2x2 side by side that cover the picture, channels in fours. */
function isPlain(): bool {
  return (
    kernelHeight == 2 && kernelWidth == 2 && strideHeight == 2 && strideWidth == 2 && padTop == 0 && padLeft == 0 &&
    height == 2 * outHeight && width == 2 * outWidth && (channels & 3) == 0
  );
}

export function maxPool(at: usize): void {
  readPicture(at + 12);
  const out = place(at, 2);
  const activation = word(at, 14);
  const b = place(at, 1);
  if (isPlain()) plainMaximum(place(at, 0), b, out, activation == RELU_BEND);
  else anyMaximum(place(at, 0), b, out, activation == RELU_BEND);
  if (activation > RELU_BEND) bend(out, out, rows * outHeight * outWidth * channels, activation);
}

function plainMaximum(x: usize, b: usize, out: usize, relu: bool): void {
  const pixel = <usize>(channels << 2);
  const row = <usize>width * pixel;
  for (let i = 0; i < rows * outHeight; i++) {
    let p = x + <usize>(2 * i) * row;
    for (let j = 0; j < outWidth; j++) {
      for (let c: usize = 0; c < pixel; c += 16) {
        const q = p + c;
        const upper = f32x4.pmax(v128.load(q), v128.load(q + pixel));
        const lower = f32x4.pmax(v128.load(q + row), v128.load(q + row + pixel));
        let v = f32x4.pmax(upper, lower);
        if (b != 0) v = f32x4.add(v, v128.load(b + c));
        if (relu) v = positive(v);
        v128.store(out, v);
        out += 16;
      }
      p += 2 * pixel;
    }
  }
}

function anyMaximum(x: usize, b: usize, out: usize, relu: bool): void {
  const pixel = <usize>(channels << 2);
  for (let n = 0; n < rows; n++) {
    const image = x + <usize>(n * height * width) * pixel;
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        lookAt(i, j);
        for (let c = 0; c < channels; c += 4) {
          const shift = <usize>(c << 2);
          let v = windowMaximum(image + shift, pixel);
          if (b != 0) v = f32x4.add(v, v128.load(b + shift));
          if (relu) v = positive(v);
          storePart(out + shift, v, channels - c);
        }
        out += pixel;
      }
    }
  }
}

function windowMaximum(image: usize, pixel: usize): v128 {
  let v = v128.load(image + <usize>(y0 * width + x0) * pixel);
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) v = f32x4.pmax(v, v128.load(image + <usize>(y * width + x) * pixel));
  }
  return v;
}

export function maxPoolBack(at: usize): void {
  readPicture(at + 20);
  const g = place(at, 2);
  const dx = place(at, 3);
  const db = place(at, 4);
  const activation = word(at, 16);
  const y = place(at, 1);
  const cells = rows * outHeight * outWidth;
  if (activation != LINEAR) bendBack(y, y, g, g, cells * channels, activation, false);
  if (db != 0) sumColumns(g, db, cells, channels, adds(word(at, 18)));
  const add = word(at, 17) != 0;
  if (isPlain() && !add) {
    plainRoute(place(at, 0), g, dx);
    return;
  }
  if (!add) memory.fill(dx, 0, <usize>(rows * height * width * channels) << 2);
  anyRoute(place(at, 0), g, dx);
}

function plainRoute(x: usize, g: usize, dx: usize): void {
  const pixel = <usize>(channels << 2);
  const row = <usize>width * pixel;
  for (let i = 0; i < rows * outHeight; i++) {
    const shift = <usize>(2 * i) * row;
    let p = x + shift;
    let q = dx + shift;
    for (let j = 0; j < outWidth; j++) {
      for (let c: usize = 0; c < pixel; c += 16) {
        const flow = v128.load(g);
        const s = p + c;
        const t = q + c;
        const a = v128.load(s), b = v128.load(s + pixel), d = v128.load(s + row), e = v128.load(s + row + pixel);
        const top = f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(d, e));
        const isA = f32x4.eq(a, top);
        const isB = v128.andnot(f32x4.eq(b, top), isA);
        const sofar = v128.or(isA, isB);
        const isD = v128.andnot(f32x4.eq(d, top), sofar);
        v128.store(t, v128.and(flow, isA));
        v128.store(t + pixel, v128.and(flow, isB));
        v128.store(t + row, v128.and(flow, isD));
        v128.store(t + row + pixel, v128.andnot(flow, v128.or(sofar, isD)));
        g += 16;
      }
      p += 2 * pixel;
      q += 2 * pixel;
    }
  }
}

function anyRoute(x: usize, g: usize, dx: usize): void {
  const pixel = <usize>(channels << 2);
  for (let n = 0; n < rows; n++) {
    const image = <usize>(n * height * width) * pixel;
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        lookAt(i, j);
        for (let c = 0; c < channels; c += 4) {
          const shift = <usize>(c << 2);
          const to = dx + image + shift;
          routeWindow(x + image + shift, v128.load(g + shift), to, pixel, channels - c);
        }
        g += pixel;
      }
    }
  }
}

function routeWindow(image: usize, flow: v128, dx: usize, pixel: usize, count: i32): void {
  const top = windowMaximum(image, pixel);
  let left = i32x4.splat(-1);
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const shift = <usize>(y * width + x) * pixel;
      const here = v128.and(left, f32x4.eq(v128.load(image + shift), top));
      left = v128.andnot(left, here);
      storePart(dx + shift, f32x4.add(v128.load(dx + shift), v128.and(flow, here)), count);
    }
  }
}

export function meanPool(at: usize): void {
  readPicture(at + 8);
  const pixel = <usize>(channels << 2);
  let image = place(at, 0);
  let out = place(at, 1);
  for (let n = 0; n < rows; n++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        lookAt(i, j);
        const share = f32x4.splat(1 / <f32>((y1 - y0) * (x1 - x0)));
        for (let c = 0; c < channels; c += 4) {
          const shift = <usize>(c << 2);
          let sum = f32x4.splat(0);
          for (let y = y0; y < y1; y++) {
            for (let x = x0; x < x1; x++) {
              sum = f32x4.add(sum, v128.load(image + <usize>(y * width + x) * pixel + shift));
            }
          }
          storePart(out + shift, f32x4.mul(sum, share), channels - c);
        }
        out += pixel;
      }
    }
    image += <usize>(height * width) * pixel;
  }
}

export function meanPoolBack(at: usize): void {
  readPicture(at + 8);
  const pixel = <usize>(channels << 2);
  let g = place(at, 0);
  let image = place(at, 1);
  if (word(at, 13) == 0) memory.fill(image, 0, <usize>(rows * height * width * channels) << 2);
  for (let n = 0; n < rows; n++) {
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++) {
        lookAt(i, j);
        const share = f32x4.splat(1 / <f32>((y1 - y0) * (x1 - x0)));
        for (let c = 0; c < channels; c += 4) {
          const shift = <usize>(c << 2);
          const flow = f32x4.mul(v128.load(g + shift), share);
          for (let y = y0; y < y1; y++) {
            for (let x = x0; x < x1; x++) {
              const to = image + <usize>(y * width + x) * pixel + shift;
              storePart(to, f32x4.add(v128.load(to), flow), channels - c);
            }
          }
        }
        g += pixel;
      }
    }
    image += <usize>(height * width) * pixel;
  }
}
