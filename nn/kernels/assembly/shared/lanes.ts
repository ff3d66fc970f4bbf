/** Runs of f32 numbers, four at a time: what every kernel does with them besides multiplying matrices. */

/** Copies `count` numbers. Inline loop: the runs are short, and a call of `memory.copy` costs more than they do. */
// @ts-ignore: decorator
@inline
export function copy(to: usize, from: usize, count: i32): void {
  const end = from + (<usize>count << 2), whole = from + (<usize>(count & ~3) << 2);
  for (; from < whole; from += 16, to += 16) v128.store(to, v128.load(from));
  for (; from < end; from += 4, to += 4) store<f32>(to, load<f32>(from));
}

// @ts-ignore: decorator
@inline
export function clear(to: usize, count: i32): void {
  const end = to + (<usize>count << 2), whole = to + (<usize>(count & ~3) << 2);
  for (; to < whole; to += 16) v128.store(to, f32x4.splat(0));
  for (; to < end; to += 4) store<f32>(to, 0);
}

/** `to += from`, `count` numbers. */
// @ts-ignore: decorator
@inline
export function addTo(to: usize, from: usize, count: i32): void {
  const end = from + (<usize>count << 2), whole = from + (<usize>(count & ~3) << 2);
  for (; from < whole; from += 16, to += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
  for (; from < end; from += 4, to += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
}

/** Every row of `to [rows, columns]` becomes `row [columns]`. */
export function fillRows(rows: i32, columns: i32, row: usize, to: usize): void {
  for (let i = 0; i < rows; i++, to += <usize>columns << 2) copy(to, row, columns);
}

/** `to [columns]` = sums over the rows of `from [rows, columns]`, in blocks of 256 rows that are added one after the other. */
export function sumRows(rows: i32, columns: i32, from: usize, to: usize): void {
  const step = <usize>columns << 2;
  clear(to, columns);
  for (let first = 0; first < rows; first += 256) {
    const count = min(256, rows - first), start = from + <usize>first * step;
    let j = 0;
    for (; j + 4 <= columns; j += 4) {
      const q = to + (<usize>j << 2);
      let p = start + (<usize>j << 2), sum = f32x4.splat(0);
      for (let i = 0; i < count; i++, p += step) sum = f32x4.add(sum, v128.load(p));
      v128.store(q, f32x4.add(v128.load(q), sum));
    }
    for (; j < columns; j++) {
      const q = to + (<usize>j << 2);
      let p = start + (<usize>j << 2), sum: f32 = 0;
      for (let i = 0; i < count; i++, p += step) sum += load<f32>(p);
      store<f32>(q, load<f32>(q) + sum);
    }
  }
}

/** `to [rows]` = sums along the rows of `from [rows, columns]`: four lanes, in blocks of 1024 that are added one after the other. */
export function sumEach(rows: i32, columns: i32, from: usize, to: usize): void {
  for (let i = 0; i < rows; i++, to += 4) {
    let total: f32 = 0;
    for (let first = 0; first < columns; first += 1024) {
      const count = min(1024, columns - first);
      const end = from + (<usize>count << 2), whole = from + (<usize>(count & ~3) << 2);
      let lanes = f32x4.splat(0), sum: f32 = 0;
      for (; from < whole; from += 16) lanes = f32x4.add(lanes, v128.load(from));
      for (; from < end; from += 4) sum += load<f32>(from);
      const low = f32x4.extract_lane(lanes, 0) + f32x4.extract_lane(lanes, 1);
      total += low + (f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3)) + sum;
    }
    store<f32>(to, total);
  }
}

/** Multiplies `count` numbers in place. */
export function scale(at: usize, count: i32, factor: f32): void {
  const end = at + (<usize>count << 2), whole = at + (<usize>(count & ~3) << 2);
  for (; at < whole; at += 16) v128.store(at, f32x4.mul(v128.load(at), f32x4.splat(factor)));
  for (; at < end; at += 4) store<f32>(at, load<f32>(at) * factor);
}

/** Clips `count` numbers in place to `[0, ceiling]`; what is not a number stays so. */
export function rectify(at: usize, count: i32, ceiling: f32): void {
  const zero = f32x4.splat(0), top = f32x4.splat(ceiling);
  const end = at + (<usize>count << 2), whole = at + (<usize>(count & ~3) << 2);
  for (; at < whole; at += 16) v128.store(at, f32x4.min(f32x4.max(v128.load(at), zero), top));
  for (; at < end; at += 4) store<f32>(at, min<f32>(max<f32>(load<f32>(at), 0), ceiling));
}

/** Sum of squares of `count` numbers, carried in 64 bits: a norm of millions of weights keeps its digits. */
export function sumOfSquares(at: usize, count: i32): f64 {
  let low = f64x2.splat(0), high = low, rest: f64 = 0;
  const end = at + (<usize>count << 2), whole = at + (<usize>(count & ~3) << 2);
  for (; at < whole; at += 16) {
    const x = v128.load(at);
    const a = f64x2.promote_low_f32x4(x), b = f64x2.promote_low_f32x4(v128.shuffle<f64>(x, x, 1, 1));
    low = f64x2.add(low, f64x2.mul(a, a));
    high = f64x2.add(high, f64x2.mul(b, b));
  }
  for (; at < end; at += 4) rest += <f64>load<f32>(at) * <f64>load<f32>(at);
  const sum = f64x2.add(low, high);
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1) + rest;
}
