/** The instructions that are products: dense layers and convolutions, both ways. */
import { bend, bendBack, LINEAR, RELU_BEND } from './bends';
import { conv, convBack, convBackStrided, convSlope } from './conv';
import { storePart } from './lanes';
import { ADD, MASK, RELU } from './panel';
import { columnsTimes, rowsTimes, rowsTimesTransposed } from './product';
import {
  adds, channels, height, outHeight, outWidth, place, readPicture, rows, scratch, strideHeight, strideWidth,
  width, word,
} from './state';

export function dense(at: usize): void {
  const out = place(at, 3);
  const m = rows * word(at, 4);
  const k = word(at, 5);
  const n = word(at, 6);
  const activation = word(at, 7);
  const flags = activation == RELU_BEND ? RELU : 0;
  rowsTimes(m, n, place(at, 0), 0, k << 2, 1, k, 0, place(at, 1), out, place(at, 2), flags, 0, scratch);
  if (activation > RELU_BEND) bend(out, out, m * n, activation);
}

export function denseSlope(at: usize): void {
  const m = rows * word(at, 3);
  const k = word(at, 4);
  const flags = adds(word(at, 6)) ? ADD : 0;
  columnsTimes(k, word(at, 5), place(at, 0), 0, 1, m, k << 2, 0, place(at, 1), place(at, 2), flags, scratch);
}

export function denseBack(at: usize): void {
  const dx = place(at, 2);
  const m = rows * word(at, 3);
  const k = word(at, 4);
  const y = place(at, 7);
  const activation = y == 0 ? LINEAR : word(at, 8);
  const flags = (word(at, 6) != 0 ? ADD : 0) | (activation == RELU_BEND ? MASK : 0);
  rowsTimesTransposed(m, k, word(at, 5), place(at, 0), place(at, 1), dx, flags, y, scratch);
  if (activation > RELU_BEND) bendBack(y, y, dx, dx, m * k, activation, false);
}

export function columnSums(at: usize): void {
  sumColumns(place(at, 0), place(at, 1), rows * word(at, 2), word(at, 3), adds(word(at, 4)));
}

/** to `[count]` = column sums of from `[m, count]`. */
export function sumColumns(from: usize, to: usize, m: i32, count: i32, add: bool): void {
  const step = <usize>(count << 2);
  for (let j = 0; j < count; j += 8) {
    let p = from + <usize>(j << 2);
    const q = to + <usize>(j << 2);
    let a = f32x4.splat(0), b = a, c = a, d = a;
    let i = 0;
    for (; i + 2 <= m; i += 2) {
      a = f32x4.add(a, v128.load(p));
      b = f32x4.add(b, v128.load(p, 16));
      p += step;
      c = f32x4.add(c, v128.load(p));
      d = f32x4.add(d, v128.load(p, 16));
      p += step;
    }
    if (i < m) {
      a = f32x4.add(a, v128.load(p));
      b = f32x4.add(b, v128.load(p, 16));
    }
    a = f32x4.add(a, c);
    b = f32x4.add(b, d);
    if (add) {
      a = f32x4.add(a, v128.load(q));
      b = f32x4.add(b, v128.load(q, 16));
    }
    storePart(q, a, count - j);
    if (count - j > 4) storePart(q + 16, b, count - j - 4);
  }
}

export function convForward(at: usize): void {
  readPicture(at + 16);
  const out = place(at, 3);
  const filters = word(at, 15);
  const activation = word(at, 16);
  conv(place(at, 0), place(at, 1), place(at, 2), out, filters, activation == RELU_BEND ? RELU : 0);
  if (activation > RELU_BEND) bend(out, out, rows * outHeight * outWidth * filters, activation);
}

export function convWeights(at: usize): void {
  readPicture(at + 12);
  convSlope(place(at, 0), place(at, 1), place(at, 2), word(at, 14), adds(word(at, 15)) ? ADD : 0);
}

export function convInputs(at: usize): void {
  readPicture(at + 12);
  const dx = place(at, 2);
  const filters = word(at, 14);
  const add = word(at, 15) != 0;
  const y = place(at, 16);
  const activation = y == 0 ? LINEAR : word(at, 17);
  const size = rows * height * width * channels;
  if (strideHeight != 1 || strideWidth != 1) {
    convBackStrided(place(at, 0), place(at, 1), dx, filters, add);
    if (activation != LINEAR) bendBack(y, y, dx, dx, size, activation, false);
    return;
  }
  const flags = (add ? ADD : 0) | (activation == RELU_BEND ? MASK : 0);
  convBack(place(at, 0), place(at, 1), dx, filters, flags, y);
  if (activation > RELU_BEND) bendBack(y, y, dx, dx, size, activation, false);
}
