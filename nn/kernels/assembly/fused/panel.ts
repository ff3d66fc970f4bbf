/** Products of matrices, eight columns at a time, the result in registers while the inner index runs. */
// Four rows by eight columns stay in registers. The left matrix is read where it lies, by a pointer per row, so a
// convolution's windows need no copy.
import { multiplyAdd, positive, storePart } from './lanes';

// Innermost loops take four steps a round, each behind a way out: a loop's own work costs a third of a step, and without
// the ways out an engine that reads everything in a round before it multiplies runs out of registers.

/** What to do with a finished tile. */
export const ADD: i32 = 1;
export const RELU: i32 = 2;
/** Multiply by the derivative of a relu whose value is at `mask`. */
export const MASK: i32 = 4;

/** Adds, bends or masks one vector of the result and writes its first `count` lanes. */
// @ts-ignore: decorator
@inline
function finish(at: usize, value: v128, count: i32, flags: i32, mask: usize): void {
  let v = value;
  if (flags != 0) {
    if (flags & ADD) v = f32x4.add(v, v128.load(at));
    if (flags & RELU) v = positive(v);
    if (flags & MASK) v = v128.and(v, f32x4.gt(v128.load(mask), f32x4.splat(0)));
  }
  storePart(at, v, count);
}

/** Row pointers: `a + i * step`, or by a table of byte offsets. */
// @ts-ignore: decorator
@inline
function rowAt(a: usize, table: usize, i: i32, step: i32): usize {
  return table == 0 ? a + <usize>(i * step) : a + <usize>load<u32>(table + (<usize>i << 2));
}

/**
 * out `[m, width]` (rows `outStep` bytes apart) = sum over k of A(i, k) . B(k, :) + bias.
 * Row i of A lies in `runs` runs of `length` numbers, `runStep` bytes apart; rows of B are `bStep` bytes apart.
 * @param table row offsets of A, or 0: then rows are `rowStep` apart
 * @param bias 8 numbers, or 0
 */
export function rowPanel8(
  m: i32, a: usize, table: usize, rowStep: i32, runs: i32, length: i32, runStep: i32,
  b: usize, bStep: i32, out: usize, outStep: i32, width: i32, bias: usize, flags: i32, mask: usize,
): void {
  const zero = f32x4.splat(0);
  let bias0 = zero;
  let bias1 = zero;
  if (bias != 0) {
    bias0 = v128.load(bias);
    bias1 = v128.load(bias, 16);
  }
  const last = m - 1;
  for (let i = 0; i < m; i += 4) {
    const s0 = rowAt(a, table, i, rowStep);
    const s1 = rowAt(a, table, min(i + 1, last), rowStep);
    const s2 = rowAt(a, table, min(i + 2, last), rowStep);
    const s3 = rowAt(a, table, min(i + 3, last), rowStep);
    let c00 = bias0, c01 = bias1, c10 = bias0, c11 = bias1, c20 = bias0, c21 = bias1, c30 = bias0, c31 = bias1;
    let q = b;
    let b0: v128, b1: v128, x: v128;
    for (let run = 0; run < runs; run++) {
      const from = <usize>(run * runStep);
      let p0 = s0 + from, p1 = s1 + from, p2 = s2 + from, p3 = s3 + from;
      for (let left = length; left > 0; left -= 4) {
        b0 = v128.load(q); b1 = v128.load(q, 16);
        x = v128.load32_splat(p0); c00 = multiplyAdd(x, b0, c00); c01 = multiplyAdd(x, b1, c01);
        x = v128.load32_splat(p1); c10 = multiplyAdd(x, b0, c10); c11 = multiplyAdd(x, b1, c11);
        x = v128.load32_splat(p2); c20 = multiplyAdd(x, b0, c20); c21 = multiplyAdd(x, b1, c21);
        x = v128.load32_splat(p3); c30 = multiplyAdd(x, b0, c30); c31 = multiplyAdd(x, b1, c31);
        q += <usize>bStep;
        if (left == 1) break;
        b0 = v128.load(q); b1 = v128.load(q, 16);
        x = v128.load32_splat(p0, 4); c00 = multiplyAdd(x, b0, c00); c01 = multiplyAdd(x, b1, c01);
        x = v128.load32_splat(p1, 4); c10 = multiplyAdd(x, b0, c10); c11 = multiplyAdd(x, b1, c11);
        x = v128.load32_splat(p2, 4); c20 = multiplyAdd(x, b0, c20); c21 = multiplyAdd(x, b1, c21);
        x = v128.load32_splat(p3, 4); c30 = multiplyAdd(x, b0, c30); c31 = multiplyAdd(x, b1, c31);
        q += <usize>bStep;
        if (left == 2) break;
        b0 = v128.load(q); b1 = v128.load(q, 16);
        x = v128.load32_splat(p0, 8); c00 = multiplyAdd(x, b0, c00); c01 = multiplyAdd(x, b1, c01);
        x = v128.load32_splat(p1, 8); c10 = multiplyAdd(x, b0, c10); c11 = multiplyAdd(x, b1, c11);
        x = v128.load32_splat(p2, 8); c20 = multiplyAdd(x, b0, c20); c21 = multiplyAdd(x, b1, c21);
        x = v128.load32_splat(p3, 8); c30 = multiplyAdd(x, b0, c30); c31 = multiplyAdd(x, b1, c31);
        q += <usize>bStep;
        if (left == 3) break;
        b0 = v128.load(q); b1 = v128.load(q, 16);
        x = v128.load32_splat(p0, 12); c00 = multiplyAdd(x, b0, c00); c01 = multiplyAdd(x, b1, c01);
        x = v128.load32_splat(p1, 12); c10 = multiplyAdd(x, b0, c10); c11 = multiplyAdd(x, b1, c11);
        x = v128.load32_splat(p2, 12); c20 = multiplyAdd(x, b0, c20); c21 = multiplyAdd(x, b1, c21);
        x = v128.load32_splat(p3, 12); c30 = multiplyAdd(x, b0, c30); c31 = multiplyAdd(x, b1, c31);
        q += <usize>bStep;
        p0 += 16; p1 += 16; p2 += 16; p3 += 16;
      }
    }
    const shift = <usize>(i * outStep);
    tile8(out + shift, outStep, mask + shift, m - i, width, flags, c00, c01, c10, c11, c20, c21, c30, c31);
  }
}

/**
 * out `[m, width]` = sum over k of A(k, i) . B(k, :): the left matrix lies with its rows along k.
 * Column i of A starts at `a + i * 4` (or by `table`); its k runs over `runs` runs of `length` steps of `step` bytes, the
 * runs starting at offsets `runTable[run * length]` (or, with one run, at 0).
 */
export function columnPanel8(
  m: i32, a: usize, table: usize, runs: i32, length: i32, step: i32, runTable: usize,
  b: usize, bStep: i32, out: usize, outStep: i32, width: i32, flags: i32,
): void {
  const zero = f32x4.splat(0);
  const last = m - 1;
  for (let i = 0; i < m; i += 4) {
    const s0 = rowAt(a, table, i, 4);
    const s1 = rowAt(a, table, min(i + 1, last), 4);
    const s2 = rowAt(a, table, min(i + 2, last), 4);
    const s3 = rowAt(a, table, min(i + 3, last), 4);
    let c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero, c30 = zero, c31 = zero;
    const beside = s1 == s0 + 4 && s2 == s0 + 8 && s3 == s0 + 12;
    let q = b;
    let b0: v128, b1: v128, x: v128;
    for (let run = 0; run < runs; run++) {
      let shift: usize = runTable == 0 ? 0 : <usize>load<u32>(runTable + (<usize>(run * length) << 2));
      let p0 = s0 + shift;
      if (beside) {
        for (let left = length; left > 0; left -= 4) {
          b0 = v128.load(q); b1 = v128.load(q, 16);
          x = v128.load32_splat(p0); c00 = multiplyAdd(x, b0, c00); c01 = multiplyAdd(x, b1, c01);
          x = v128.load32_splat(p0, 4); c10 = multiplyAdd(x, b0, c10); c11 = multiplyAdd(x, b1, c11);
          x = v128.load32_splat(p0, 8); c20 = multiplyAdd(x, b0, c20); c21 = multiplyAdd(x, b1, c21);
          x = v128.load32_splat(p0, 12); c30 = multiplyAdd(x, b0, c30); c31 = multiplyAdd(x, b1, c31);
          q += <usize>bStep;
          p0 += <usize>step;
          if (left == 1) break;
          b0 = v128.load(q); b1 = v128.load(q, 16);
          x = v128.load32_splat(p0); c00 = multiplyAdd(x, b0, c00); c01 = multiplyAdd(x, b1, c01);
          x = v128.load32_splat(p0, 4); c10 = multiplyAdd(x, b0, c10); c11 = multiplyAdd(x, b1, c11);
          x = v128.load32_splat(p0, 8); c20 = multiplyAdd(x, b0, c20); c21 = multiplyAdd(x, b1, c21);
          x = v128.load32_splat(p0, 12); c30 = multiplyAdd(x, b0, c30); c31 = multiplyAdd(x, b1, c31);
          q += <usize>bStep;
          p0 += <usize>step;
          if (left == 2) break;
          b0 = v128.load(q); b1 = v128.load(q, 16);
          x = v128.load32_splat(p0); c00 = multiplyAdd(x, b0, c00); c01 = multiplyAdd(x, b1, c01);
          x = v128.load32_splat(p0, 4); c10 = multiplyAdd(x, b0, c10); c11 = multiplyAdd(x, b1, c11);
          x = v128.load32_splat(p0, 8); c20 = multiplyAdd(x, b0, c20); c21 = multiplyAdd(x, b1, c21);
          x = v128.load32_splat(p0, 12); c30 = multiplyAdd(x, b0, c30); c31 = multiplyAdd(x, b1, c31);
          q += <usize>bStep;
          p0 += <usize>step;
          if (left == 3) break;
          b0 = v128.load(q); b1 = v128.load(q, 16);
          x = v128.load32_splat(p0); c00 = multiplyAdd(x, b0, c00); c01 = multiplyAdd(x, b1, c01);
          x = v128.load32_splat(p0, 4); c10 = multiplyAdd(x, b0, c10); c11 = multiplyAdd(x, b1, c11);
          x = v128.load32_splat(p0, 8); c20 = multiplyAdd(x, b0, c20); c21 = multiplyAdd(x, b1, c21);
          x = v128.load32_splat(p0, 12); c30 = multiplyAdd(x, b0, c30); c31 = multiplyAdd(x, b1, c31);
          q += <usize>bStep;
          p0 += <usize>step;
        }
        continue;
      }
      let p1 = s1 + shift, p2 = s2 + shift, p3 = s3 + shift;
      for (let k = length; k > 0; k--) {
        b0 = v128.load(q); b1 = v128.load(q, 16);
        x = v128.load32_splat(p0); c00 = multiplyAdd(x, b0, c00); c01 = multiplyAdd(x, b1, c01);
        x = v128.load32_splat(p1); c10 = multiplyAdd(x, b0, c10); c11 = multiplyAdd(x, b1, c11);
        x = v128.load32_splat(p2); c20 = multiplyAdd(x, b0, c20); c21 = multiplyAdd(x, b1, c21);
        x = v128.load32_splat(p3); c30 = multiplyAdd(x, b0, c30); c31 = multiplyAdd(x, b1, c31);
        q += <usize>bStep;
        p0 += <usize>step; p1 += <usize>step; p2 += <usize>step; p3 += <usize>step;
      }
    }
    tile8(out + <usize>(i * outStep), outStep, 0, m - i, width, flags, c00, c01, c10, c11, c20, c21, c30, c31);
  }
}

// @ts-ignore: decorator
@inline
function tile8(
  out: usize, step: i32, mask: usize, rows: i32, width: i32, flags: i32,
  c00: v128, c01: v128, c10: v128, c11: v128, c20: v128, c21: v128, c30: v128, c31: v128,
): void {
  if (flags == 0 && width >= 8 && rows >= 4) {
    v128.store(out, c00); v128.store(out, c01, 16);
    out += <usize>step;
    v128.store(out, c10); v128.store(out, c11, 16);
    out += <usize>step;
    v128.store(out, c20); v128.store(out, c21, 16);
    out += <usize>step;
    v128.store(out, c30); v128.store(out, c31, 16);
    return;
  }
  tileRow(out, mask, c00, c01, width, flags);
  if (rows > 1) tileRow(out + <usize>step, mask + <usize>step, c10, c11, width, flags);
  if (rows > 2) tileRow(out + <usize>(2 * step), mask + <usize>(2 * step), c20, c21, width, flags);
  if (rows > 3) tileRow(out + <usize>(3 * step), mask + <usize>(3 * step), c30, c31, width, flags);
}

// @ts-ignore: decorator
@inline
function tileRow(out: usize, mask: usize, v0: v128, v1: v128, width: i32, flags: i32): void {
  finish(out, v0, width, flags, mask);
  if (width > 4) finish(out + 16, v1, width - 4, flags, mask + 16);
}

/** As `rowPanel8` for at most four columns. */
export function rowPanel4(
  m: i32, a: usize, table: usize, rowStep: i32, runs: i32, length: i32, runStep: i32,
  b: usize, bStep: i32, out: usize, outStep: i32, width: i32, bias: usize, flags: i32, mask: usize,
): void {
  const start = bias != 0 ? v128.load(bias) : f32x4.splat(0);
  const last = m - 1;
  for (let i = 0; i < m; i += 4) {
    let p0 = rowAt(a, table, i, rowStep);
    let p1 = rowAt(a, table, min(i + 1, last), rowStep);
    let p2 = rowAt(a, table, min(i + 2, last), rowStep);
    let p3 = rowAt(a, table, min(i + 3, last), rowStep);
    let c0 = start, c1 = start, c2 = start, c3 = start;
    let q = b;
    for (let run = 0; run < runs; run++) {
      const back = <usize>(runStep - (length << 2));
      for (let k = length; k > 0; k--) {
        const b0 = v128.load(q);
        c0 = multiplyAdd(v128.load32_splat(p0), b0, c0);
        c1 = multiplyAdd(v128.load32_splat(p1), b0, c1);
        c2 = multiplyAdd(v128.load32_splat(p2), b0, c2);
        c3 = multiplyAdd(v128.load32_splat(p3), b0, c3);
        p0 += 4; p1 += 4; p2 += 4; p3 += 4;
        q += <usize>bStep;
      }
      p0 += back; p1 += back; p2 += back; p3 += back;
    }
    const shift = <usize>(i * outStep);
    tile4(out + shift, outStep, mask + shift, m - i, width, flags, c0, c1, c2, c3);
  }
}

/** As `columnPanel8` for at most four columns. */
export function columnPanel4(
  m: i32, a: usize, table: usize, runs: i32, length: i32, step: i32, runTable: usize,
  b: usize, bStep: i32, out: usize, outStep: i32, width: i32, flags: i32,
): void {
  const zero = f32x4.splat(0);
  const last = m - 1;
  for (let i = 0; i < m; i += 4) {
    const s0 = rowAt(a, table, i, 4);
    const s1 = rowAt(a, table, min(i + 1, last), 4);
    const s2 = rowAt(a, table, min(i + 2, last), 4);
    const s3 = rowAt(a, table, min(i + 3, last), 4);
    let c0 = zero, c1 = zero, c2 = zero, c3 = zero;
    let q = b;
    for (let run = 0; run < runs; run++) {
      let shift: usize = runTable == 0 ? 0 : <usize>load<u32>(runTable + (<usize>(run * length) << 2));
      let p0 = s0 + shift, p1 = s1 + shift, p2 = s2 + shift, p3 = s3 + shift;
      for (let k = length; k > 0; k--) {
        const b0 = v128.load(q);
        c0 = multiplyAdd(v128.load32_splat(p0), b0, c0);
        c1 = multiplyAdd(v128.load32_splat(p1), b0, c1);
        c2 = multiplyAdd(v128.load32_splat(p2), b0, c2);
        c3 = multiplyAdd(v128.load32_splat(p3), b0, c3);
        p0 += <usize>step; p1 += <usize>step; p2 += <usize>step; p3 += <usize>step;
        q += <usize>bStep;
      }
    }
    tile4(out + <usize>(i * outStep), outStep, 0, m - i, width, flags, c0, c1, c2, c3);
  }
}

// @ts-ignore: decorator
@inline
function tile4(
  out: usize, step: i32, mask: usize, rows: i32, width: i32, flags: i32,
  c0: v128, c1: v128, c2: v128, c3: v128,
): void {
  finish(out, c0, width, flags, mask);
  if (rows > 1) finish(out + <usize>step, c1, width, flags, mask + <usize>step);
  if (rows > 2) finish(out + <usize>(2 * step), c2, width, flags, mask + <usize>(2 * step));
  if (rows > 3) finish(out + <usize>(3 * step), c3, width, flags, mask + <usize>(3 * step));
}
