/** Whole products over the panels: forward, towards the weights, towards the input. */
import { columnPanel4, columnPanel8, rowPanel4, rowPanel8 } from './panel';

/** From so many rows on it pays to gather columns of the right matrix into stretches of eight first. */
const ROWS_WORTH_PACKING: i32 = 24;

/**
 * out `[m, n]` = A . w `[runs * length, n]` + bias.
 * @param scratch 64 bytes per row of w
 */
export function rowsTimes(
  m: i32, n: i32, a: usize, table: usize, rowStep: i32, runs: i32, length: i32, runStep: i32,
  w: usize, out: usize, bias: usize, flags: i32, mask: usize, scratch: usize,
): void {
  const step = n << 2;
  const pack = m >= ROWS_WORTH_PACKING && n > 8;
  const k = runs * length;
  for (let j = 0; j < n; j += 8) {
    const shift = <usize>(j << 2);
    const width = n - j;
    let b = w + shift;
    let bStep = step;
    if (pack) {
      if ((j & 8) == 0) packColumnPairs(k, b, step, scratch);
      b = (j & 8) == 0 ? scratch : scratch + <usize>(k << 5);
      bStep = 32;
    }
    const biasAt: usize = bias == 0 ? 0 : bias + shift;
    if (width > 4) {
      rowPanel8(m, a, table, rowStep, runs, length, runStep, b, bStep, out + shift, step, width, biasAt, flags, mask + shift);
    } else {
      rowPanel4(m, a, table, rowStep, runs, length, runStep, b, bStep, out + shift, step, width, biasAt, flags, mask + shift);
    }
  }
}

/** out `[m, n]` = A . w^T with w `[n, k]` and rows of A `rowStep` apart. @param scratch 32 bytes per column of w */
export function rowsTimesTransposed(
  m: i32, n: i32, k: i32, a: usize, w: usize, out: usize, flags: i32, mask: usize, scratch: usize,
): void {
  const step = n << 2;
  for (let j = 0; j < n; j += 8) {
    const shift = <usize>(j << 2);
    const width = n - j;
    packRows(k, w + <usize>(j * k) * 4, width, scratch);
    if (width > 4) rowPanel8(m, a, 0, k << 2, 1, k, 0, scratch, 32, out + shift, step, width, 0, flags, mask + shift);
    else rowPanel4(m, a, 0, k << 2, 1, k, 0, scratch, 32, out + shift, step, width, 0, flags, mask + shift);
  }
}

/** Rows of a result that are worked on together: they and their part of A stay in the nearest cache. */
const ROW_BLOCK: i32 = 32;
/** Bytes of packed columns that stay there, too. */
const PACK_BLOCK: i32 = 16384;

/**
 * out `[m, n]` = A^T . g with g `[runs * length, n]`; see `columnPanel8`.
 * @param scratch 32 bytes per row of g and eight columns of it
 */
export function columnsTimes(
  m: i32, n: i32, a: usize, table: usize, runs: i32, length: i32, step: i32, runTable: usize,
  g: usize, out: usize, flags: i32, scratch: usize,
): void {
  const outStep = n << 2;
  const k = runs * length;
  if (m < ROWS_WORTH_PACKING || n <= 8) {
    for (let j = 0; j < n; j += 8) {
      const shift = <usize>(j << 2);
      columnPanel(m, a, table, runs, length, step, runTable, g + shift, outStep, out + shift, outStep, n - j, flags);
    }
    return;
  }
  // Neighbouring columns of the result share cache lines: they are written while these are at hand.
  const panel = <usize>(k << 5);
  const group = max(1, PACK_BLOCK / (k << 5)) << 3;
  for (let j0 = 0; j0 < n; j0 += group) {
    const j1 = min(n, j0 + group);
    for (let j = j0, to = scratch; j < j1; j += 8, to += panel) packColumns(k, g + <usize>(j << 2), outStep, to);
    for (let i = 0; i < m; i += ROW_BLOCK) {
      const some = min(ROW_BLOCK, m - i);
      const rowTable: usize = table == 0 ? 0 : table + <usize>(i << 2);
      const left = table == 0 ? a + <usize>(i << 2) : a;
      const to = out + <usize>(i * outStep);
      for (let j = j0, b = scratch; j < j1; j += 8, b += panel) {
        columnPanel(some, left, rowTable, runs, length, step, runTable, b, 32, to + <usize>(j << 2), outStep, n - j, flags);
      }
    }
  }
}

function columnPanel(
  m: i32, a: usize, table: usize, runs: i32, length: i32, step: i32, runTable: usize,
  b: usize, bStep: i32, out: usize, outStep: i32, width: i32, flags: i32,
): void {
  if (width > 4) columnPanel8(m, a, table, runs, length, step, runTable, b, bStep, out, outStep, width, flags);
  else columnPanel4(m, a, table, runs, length, step, runTable, b, bStep, out, outStep, width, flags);
}

/** Eight columns of `k` rows, side by side; what lies over the right edge comes along and is never used. */
function packColumns(k: i32, from: usize, step: i32, to: usize): void {
  for (let i = 0; i < k; i++) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    from += <usize>step;
    to += 32;
  }
}

/** Sixteen columns, a whole cache line a row, into two stretches of eight. */
function packColumnPairs(k: i32, from: usize, step: i32, to: usize): void {
  let other = to + (<usize>k << 5);
  for (let i = 0; i < k; i++) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    v128.store(other, v128.load(from, 32));
    v128.store(other, v128.load(from, 48), 16);
    from += <usize>step;
    to += 32;
    other += 32;
  }
}

/** Up to eight rows of `k` numbers, turned: number i of all of them side by side. */
function packRows(k: i32, from: usize, count: i32, to: usize): void {
  const step = <usize>(k << 2);
  turnRows(k, from, step, count, to);
  if (count > 4) turnRows(k, from + 4 * step, step, count - 4, to + 16);
}

/** Up to four rows; rows that are missing repeat the last one. */
function turnRows(k: i32, from: usize, step: usize, count: i32, to: usize): void {
  let p0 = from;
  let p1 = count > 1 ? p0 + step : p0;
  let p2 = count > 2 ? p1 + step : p1;
  let p3 = count > 3 ? p2 + step : p2;
  let i = 0;
  for (; i + 4 <= k; i += 4) {
    const r0 = v128.load(p0);
    const r1 = v128.load(p1);
    const r2 = v128.load(p2);
    const r3 = v128.load(p3);
    const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f64>(low01, low23, 0, 2));
    v128.store(to, v128.shuffle<f64>(low01, low23, 1, 3), 32);
    v128.store(to, v128.shuffle<f64>(high01, high23, 0, 2), 64);
    v128.store(to, v128.shuffle<f64>(high01, high23, 1, 3), 96);
    p0 += 16; p1 += 16; p2 += 16; p3 += 16;
    to += 128;
  }
  for (; i < k; i++) {
    store<f32>(to, load<f32>(p0));
    store<f32>(to, load<f32>(p1), 4);
    store<f32>(to, load<f32>(p2), 8);
    store<f32>(to, load<f32>(p3), 12);
    p0 += 4; p1 += 4; p2 += 4; p3 += 4;
    to += 32;
  }
}
