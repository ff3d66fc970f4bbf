/** Convolutions as products of overlapping rows: the windows of a padded picture already lie in memory, one run a kernel row. */
import { columnsTimes, rowsTimes, rowsTimesTransposed } from './product';
import {
  channels, height, kernelHeight, kernelWidth, outHeight, outWidth, padLeft, padTop, rows, scratch, strideHeight,
  strideWidth, width,
} from './state';

/** Next free place in scratch. */
let free: usize = 0;
/** The padded pictures, or the given ones where nothing has to be padded; with their row width in bytes. */
let canvas: usize = 0;
let canvasRow: i32 = 0;
let canvasImage: i32 = 0;

function take(bytes: i32): usize {
  const at = free;
  free += <usize>((bytes + 63) & ~63);
  return at;
}

/** True when the product of plain rows does: one pixel, every pixel. */
function pointwise(): bool {
  return kernelHeight == 1 && kernelWidth == 1 && strideHeight == 1 && strideWidth == 1 && padTop == 0 && padLeft == 0;
}

/**
 * Copies pictures `[rows, h, w, c]` into larger ones `[rows, toHeight, toWidth, c]` of zeros, at (top, left); what does
 * not fit is left away.
 */
function padded(from: usize, h: i32, w: i32, c: i32, top: i32, left: i32, toHeight: i32, toWidth: i32): usize {
  const row = w * c * 4;
  const toRow = toWidth * c * 4;
  const to = take(rows * toHeight * toRow);
  const before = left * c * 4;
  const kept = min(row, toRow - before);
  let q = to;
  for (let n = 0; n < rows; n++) {
    const image = from + <usize>(n * h * row);
    for (let y = 0; y < toHeight; y++) {
      const source = y - top;
      if (source < 0 || source >= h) memory.fill(q, 0, toRow);
      else {
        memory.fill(q, 0, before);
        memory.copy(q + before, image + <usize>(source * row), kept);
        memory.fill(q + before + kept, 0, toRow - before - kept);
      }
      q += <usize>toRow;
    }
  }
  return to;
}

/** Prepares `canvas` for the windows of x. */
function spread(x: usize): void {
  const needHeight = (outHeight - 1) * strideHeight + kernelHeight;
  const needWidth = (outWidth - 1) * strideWidth + kernelWidth;
  const pad = padTop != 0 || padLeft != 0 || needHeight > height || needWidth > width;
  const h = pad ? needHeight : height;
  const w = pad ? needWidth : width;
  canvas = pad ? padded(x, height, width, channels, padTop, padLeft, h, w) : x;
  canvasRow = w * channels * 4;
  canvasImage = h * canvasRow;
}

/** Byte offset of every window in pictures with `image` bytes each: `[rows, high, wide]`. */
function windowTable(high: i32, wide: i32, image: i32, down: i32, right: i32): usize {
  const table = take(rows * high * wide * 4);
  let q = table;
  for (let n = 0; n < rows; n++) {
    for (let y = 0; y < high; y++) {
      let at = n * image + y * down;
      for (let x = 0; x < wide; x++) {
        store<i32>(q, at);
        at += right;
        q += 4;
      }
    }
  }
  return table;
}

export function conv(x: usize, w: usize, bias: usize, out: usize, filters: i32, flags: i32): void {
  const m = rows * outHeight * outWidth;
  if (pointwise()) {
    rowsTimes(m, filters, x, 0, channels * 4, 1, channels, 0, w, out, bias, flags, 0, scratch);
    return;
  }
  free = scratch;
  spread(x);
  const table = windowTable(outHeight, outWidth, canvasImage, strideHeight * canvasRow, strideWidth * channels * 4);
  rowsTimes(m, filters, canvas, table, 0, kernelHeight, kernelWidth * channels, canvasRow, w, out, bias, flags, 0, free);
}

export function convSlope(x: usize, g: usize, dw: usize, filters: i32, flags: i32): void {
  const m = rows * outHeight * outWidth;
  if (pointwise()) {
    columnsTimes(channels, filters, x, 0, 1, m, channels * 4, 0, g, dw, flags, scratch);
    return;
  }
  free = scratch;
  spread(x);
  const right = strideWidth * channels * 4;
  const runs = windowTable(outHeight, outWidth, canvasImage, strideHeight * canvasRow, right);
  const run = kernelWidth * channels;
  const size = kernelHeight * run;
  const table = take(size * 4);
  for (let y = 0, q = table; y < kernelHeight; y++) {
    for (let t = 0; t < run; t++, q += 4) store<i32>(q, y * canvasRow + t * 4);
  }
  columnsTimes(size, filters, canvas, table, rows * outHeight, outWidth, right, runs, g, dw, flags, free);
}

/** @param flags may ask for adding and, with `mask`, for a relu's derivative; only without strides */
export function convBack(g: usize, w: usize, dx: usize, filters: i32, flags: i32, mask: usize): void {
  const m = rows * height * width;
  if (pointwise()) {
    rowsTimesTransposed(m, channels, filters, g, w, dx, flags, mask, scratch);
    return;
  }
  free = scratch;
  const wide = width + kernelWidth - 1;
  const high = height + kernelHeight - 1;
  const top = kernelHeight - 1 - padTop;
  const source = padded(g, outHeight, outWidth, filters, top, kernelWidth - 1 - padLeft, high, wide);
  const row = wide * filters * 4;
  const table = windowTable(height, width, high * row, row, filters * 4);
  const turned = turn(w, filters);
  rowsTimes(m, channels, source, table, 0, kernelHeight, kernelWidth * filters, row, turned, dx, 0, flags, mask, free);
}

/** Kernel turned by half a circle with inputs and outputs exchanged: `[kernelHeight, kernelWidth, filters, channels]`. */
function turn(w: usize, filters: i32): usize {
  const places = kernelHeight * kernelWidth;
  const block = channels * filters;
  const to = take(places * block * 4);
  for (let p = 0; p < places; p++) {
    const from = w + <usize>((places - 1 - p) * block * 4);
    const at = to + <usize>(p * block * 4);
    for (let f = 0; f < filters; f++) {
      let source = from + <usize>(f * 4);
      let q = at + <usize>(f * channels * 4);
      for (let c = 0; c < channels; c++) {
        store<f32>(q, load<f32>(source));
        q += 4;
        source += <usize>(filters * 4);
      }
    }
  }
  return to;
}

/** With strides: each kernel row's share of dx is a product, added window by window into a padded picture. */
export function convBackStrided(g: usize, w: usize, dx: usize, filters: i32, add: bool): void {
  free = scratch;
  const high = max((outHeight - 1) * strideHeight + kernelHeight, padTop + height);
  const wide = max((outWidth - 1) * strideWidth + kernelWidth, padLeft + width);
  const row = wide * channels * 4;
  const picture = take(rows * high * row);
  memory.fill(picture, 0, rows * high * row);
  const run = kernelWidth * channels;
  const m = rows * outHeight * outWidth;
  const shares = take(m * run * 4);
  for (let y = 0; y < kernelHeight; y++) {
    rowsTimesTransposed(m, run, filters, g, w + <usize>(y * run * filters * 4), shares, 0, 0, free);
    let source = shares;
    for (let n = 0; n < rows; n++) {
      for (let i = 0; i < outHeight; i++) {
        let to = picture + <usize>((n * high + i * strideHeight + y) * row);
        for (let j = 0; j < outWidth; j++) {
          addRun(source, to, run);
          source += <usize>(run * 4);
          to += <usize>(strideWidth * channels * 4);
        }
      }
    }
  }
  crop(picture, high, row, dx, add);
}

function addRun(from: usize, to: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
    from += 16;
    to += 16;
  }
  for (; i < count; i++) {
    store<f32>(to, load<f32>(to) + load<f32>(from));
    from += 4;
    to += 4;
  }
}

function crop(picture: usize, high: i32, row: i32, dx: usize, add: bool): void {
  const bytes = width * channels * 4;
  let to = dx;
  for (let n = 0; n < rows; n++) {
    for (let y = 0; y < height; y++) {
      const from = picture + <usize>((n * high + padTop + y) * row + padLeft * channels * 4);
      if (add) addRun(from, to, width * channels);
      else memory.copy(to, from, bytes);
      to += <usize>bytes;
    }
  }
}
