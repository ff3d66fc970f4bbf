/** Attention: every place looks at every place of its row, each head by its own share of the columns. */
import { firstLanes, laneSum, storePart } from './lanes';
import { exp4 } from './maths';
import { columnsTimes, rowsTimes, rowsTimesTransposed } from './product';
import { moveColumns } from './shapes';
import { place, rows, scratch, word } from './state';

/** Turns each row of `[m, count]` into shares that add up to one; the numbers count `factor` times. */
function softmaxRows(at: usize, m: i32, count: i32, factor: f32): void {
  const weight = f32x4.splat(factor);
  for (let i = 0; i < m; i++) {
    let top = -f32.MAX_VALUE;
    for (let j = 0; j < count; j++) top = max(top, load<f32>(at + (<usize>j << 2)) * factor);
    let total = f32x4.splat(0);
    for (let j = 0; j < count; j += 4) {
      const p = at + (<usize>j << 2);
      const e = exp4(f32x4.sub(f32x4.mul(v128.load(p), weight), f32x4.splat(top)));
      total = f32x4.add(total, firstLanes(e, count - j));
      storePart(p, e, count - j);
    }
    const share = f32x4.splat(1 / laneSum(total));
    for (let j = 0; j < count; j += 4) {
      const p = at + (<usize>j << 2);
      storePart(p, f32x4.mul(v128.load(p), share), count - j);
    }
    at += <usize>count << 2;
  }
}

/** One row's slice of a head, `[places, size]`, out of `[places, width]`. */
function fetch(from: usize, to: usize, places: i32, width: i32, size: i32): void {
  moveColumns(from, <usize>width << 2, to, <usize>size << 2, places, size, false);
}

function put(from: usize, to: usize, places: i32, width: i32, size: i32, add: bool): void {
  moveColumns(from, <usize>size << 2, to, <usize>width << 2, places, size, add);
}

export function attend(at: usize): void {
  const places = word(at, 5);
  const width = word(at, 6);
  const heads = word(at, 7);
  const size = width / heads;
  const factor: f32 = 1 / sqrt<f32>(<f32>size);
  const block = <usize>(places * size) << 2;
  const queries = scratch;
  const keys = queries + block;
  const values = keys + block;
  const results = values + block;
  const packing = results + block;
  let shares = place(at, 4);
  for (let n = 0; n < rows; n++) {
    for (let head = 0; head < heads; head++) {
      const shift = <usize>(n * places * width + head * size) << 2;
      fetch(place(at, 0) + shift, queries, places, width, size);
      fetch(place(at, 1) + shift, keys, places, width, size);
      fetch(place(at, 2) + shift, values, places, width, size);
      rowsTimesTransposed(places, places, size, queries, keys, shares, 0, 0, packing);
      softmaxRows(shares, places, places, factor);
      rowsTimes(places, size, shares, 0, places << 2, 1, places, 0, values, results, 0, 0, 0, packing);
      put(results, place(at, 3) + shift, places, width, size, false);
      shares += <usize>(places * places) << 2;
    }
  }
}

/** Slopes of scores from slopes of shares, in place. */
function softmaxBack(shares: usize, slopes: usize, m: i32, count: i32, factor: f32): void {
  for (let i = 0; i < m; i++) {
    let total = f32x4.splat(0);
    for (let j = 0; j < count; j += 4) {
      const shift = <usize>j << 2;
      const part = f32x4.mul(v128.load(shares + shift), v128.load(slopes + shift));
      total = f32x4.add(total, firstLanes(part, count - j));
    }
    const level = f32x4.splat(laneSum(total));
    for (let j = 0; j < count; j += 4) {
      const shift = <usize>j << 2;
      const off = f32x4.sub(v128.load(slopes + shift), level);
      const v = f32x4.mul(f32x4.mul(v128.load(shares + shift), off), f32x4.splat(factor));
      storePart(slopes + shift, v, count - j);
    }
    shares += <usize>count << 2;
    slopes += <usize>count << 2;
  }
}

export function attendBack(at: usize): void {
  const places = word(at, 8);
  const width = word(at, 9);
  const heads = word(at, 10);
  const size = width / heads;
  const factor: f32 = 1 / sqrt<f32>(<f32>size);
  const block = <usize>(places * size) << 2;
  const held = scratch;
  const flow = held + block;
  const result = flow + block;
  const slopes = result + block;
  const packing = slopes + (<usize>(places * places) << 2);
  const row = places << 2;
  let shares = place(at, 3);
  for (let n = 0; n < rows; n++) {
    for (let head = 0; head < heads; head++) {
      const shift = <usize>(n * places * width + head * size) << 2;
      fetch(place(at, 4) + shift, flow, places, width, size);
      if (word(at, 7) != 0) {
        columnsTimes(places, size, shares, 0, 1, places, row, 0, flow, result, 0, packing);
        put(result, place(at, 7) + shift, places, width, size, word(at, 13) != 0);
      }
      fetch(place(at, 2) + shift, held, places, width, size);
      rowsTimesTransposed(places, places, size, flow, held, slopes, 0, 0, packing);
      softmaxBack(shares, slopes, places, places, factor);
      if (word(at, 5) != 0) {
        fetch(place(at, 1) + shift, held, places, width, size);
        rowsTimes(places, size, slopes, 0, row, 1, places, 0, held, result, 0, 0, 0, packing);
        put(result, place(at, 5) + shift, places, width, size, word(at, 11) != 0);
      }
      if (word(at, 6) != 0) {
        fetch(place(at, 0) + shift, held, places, width, size);
        columnsTimes(places, size, slopes, 0, 1, places, row, 0, held, result, 0, packing);
        put(result, place(at, 6) + shift, places, width, size, word(at, 12) != 0);
      }
      shares += <usize>(places * places) << 2;
    }
  }
}
