/** Losses with their gradients, and figures read off on the way: sums of squares, moments. */
import { firstLanes, storePart } from './lanes';
import { exp4, log } from './maths';
import { adds, place, rows, scratch, word } from './state';

function joinCell(cell: usize, value: f64, add: bool): void {
  store<f64>(cell, add ? load<f64>(cell) + value : value);
}

export function softmaxLoss(at: usize): void {
  let z = place(at, 0);
  let t = place(at, 1);
  const width = word(at, 3);
  const bytes = <usize>width << 2;
  const share = load<f32>(place(at, 4));
  let g = place(at, 2);
  let loss: f64 = 0;
  for (let n = 0; n < rows; n++) {
    loss += softmaxRow(z, t, width, scratch);
    if (g != 0) {
      for (let j = 0; j < width; j += 4) {
        const shift = <usize>j << 2;
        const off = f32x4.sub(v128.load(scratch + shift), v128.load(t + shift));
        storePart(g + shift, f32x4.mul(off, f32x4.splat(share)), width - j);
      }
      g += bytes;
    }
    z += bytes;
    t += bytes;
  }
  joinCell(place(at, 5), loss, adds(word(at, 6)));
}

/** Writes the shares of one row; returns its loss. Relative to the largest number, so that none overflows. */
function softmaxRow(z: usize, t: usize, width: i32, shares: usize): f64 {
  let top: f32 = -Infinity;
  for (let j = 0; j < width; j++) {
    const value = load<f32>(z + (<usize>j << 2));
    if (!(value <= top)) top = value;
  }
  for (let j = 0; j < width; j += 4) {
    const shift = <usize>j << 2;
    v128.store(shares + shift, exp4(f32x4.sub(v128.load(z + shift), f32x4.splat(top))));
  }
  let total: f64 = 0;
  for (let j = 0; j < width; j++) total += <f64>load<f32>(shares + (<usize>j << 2));
  const logTotal = log(total);
  const part = f32x4.splat(<f32>(1 / total));
  let loss: f64 = 0;
  for (let j = 0; j < width; j++) {
    const target = <f64>load<f32>(t + (<usize>j << 2));
    // A target of 0 must not turn an infinite number into 0 * infinity.
    if (target != 0) loss -= target * (<f64>load<f32>(z + (<usize>j << 2)) - <f64>top - logTotal);
  }
  for (let j = 0; j < width; j += 4) {
    const p = shares + (<usize>j << 2);
    v128.store(p, f32x4.mul(v128.load(p), part));
  }
  return total == total ? loss : total;
}

export function squareLoss(at: usize): void {
  const z = place(at, 0);
  const t = place(at, 1);
  const g = place(at, 2);
  const width = word(at, 3);
  const factor: f32 = (<f32>2 * load<f32>(place(at, 4))) / <f32>width;
  const count = rows * width;
  let loss: f64 = 0;
  for (let i = 0; i < count; i++) {
    const shift = <usize>i << 2;
    const off = <f64>load<f32>(z + shift) - <f64>load<f32>(t + shift);
    loss += off * off;
    if (g != 0) store<f32>(g + shift, <f32>off * factor);
  }
  joinCell(place(at, 5), loss / <f64>width, adds(word(at, 6)));
}

// @ts-ignore: decorator
@inline
function doubleSum(v: v128): f64 {
  return (
    <f64>f32x4.extract_lane(v, 0) + <f64>f32x4.extract_lane(v, 1) +
    (<f64>f32x4.extract_lane(v, 2) + <f64>f32x4.extract_lane(v, 3))
  );
}

/** Short sums in float32, four at a time; the sums of these in float64. */
export function moments(at: usize): void {
  const x = place(at, 0);
  const count = rows * word(at, 1);
  const cell = place(at, 2);
  const add = adds(word(at, 3));
  let total: f64 = 0;
  let squares: f64 = 0;
  for (let i = 0; i < count; i += 64) {
    let part = f32x4.splat(0);
    let squarePart = f32x4.splat(0);
    const end = min(count, i + 64);
    for (let j = i; j < end; j += 4) {
      const v = firstLanes(v128.load(x + (<usize>j << 2)), end - j);
      part = f32x4.add(part, v);
      squarePart = f32x4.add(squarePart, f32x4.mul(v, v));
    }
    total += doubleSum(part);
    squares += doubleSum(squarePart);
  }
  joinCell(cell, total, add);
  joinCell(cell + 8, squares, add);
}

export function squares(at: usize): void {
  const a = place(at, 0);
  const b = place(at, 1);
  const count = word(at, 2);
  let total: f64 = 0;
  let i = 0;
  for (; i + 64 <= count; i += 64) total += squares64(a + (<usize>i << 2), b == 0 ? 0 : b + (<usize>i << 2));
  for (; i < count; i += 4) {
    const shift = <usize>i << 2;
    let v = v128.load(a + shift);
    if (b != 0) v = f32x4.add(v, v128.load(b + shift));
    v = firstLanes(v, count - i);
    total += doubleSum(f32x4.mul(v, v));
  }
  joinCell(place(at, 3), total, word(at, 4) != 0);
}

// @ts-ignore: decorator
@inline
function squares64(a: usize, b: usize): f64 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  for (let end = a + 256; a < end; a += 32) {
    let v = v128.load(a);
    let w = v128.load(a, 16);
    if (b != 0) {
      v = f32x4.add(v, v128.load(b));
      w = f32x4.add(w, v128.load(b, 16));
      b += 32;
    }
    s0 = f32x4.add(s0, f32x4.mul(v, v));
    s1 = f32x4.add(s1, f32x4.mul(w, w));
  }
  return doubleSum(f32x4.add(s0, s1));
}
