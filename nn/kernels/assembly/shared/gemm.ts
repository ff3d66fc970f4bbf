/** Products of f32 matrices on 128-bit vectors: tiles of 4 rows by 8 columns, which is what the registers hold. */

/** Inner size of a block: 256 x 8 numbers of B stay in the first-level cache while all rows pass by. */
const BLOCK: i32 = 256;

/**
 * `C = A . B`, or `C += A . B` where `accumulate`: A `[m, k]`, B `[k, n]`, C `[m, n]`.
 *
 * Element A(i, p) lies at `a + i * aRow + p * aStep`, so a transposed A costs nothing; rows of B and C are contiguous.
 * All distances in bytes. Every element of C is summed in the order of k, in blocks of 256 that are added one after the
 * other: its bits depend on neither m nor n nor its place, so any split of the rows gives the same numbers.
 * Reads up to 12 bytes behind the last row of B; they influence nothing, but must lie inside the memory.
 */
export function multiply(
  m: i32, n: i32, k: i32,
  a: usize, aRow: usize, aStep: usize,
  b: usize, bRow: usize,
  c: usize, cRow: usize,
  accumulate: bool,
): void {
  if (k <= 0) {
    if (!accumulate) for (let i = 0; i < m; i++) memory.fill(c + <usize>i * cRow, 0, <usize>n << 2);
    return;
  }
  for (let from = 0; from < k; from += BLOCK) {
    const depth = min(BLOCK, k - from);
    const onto = accumulate || from > 0;
    const aFrom = a + <usize>from * aStep;
    const bFrom = b + <usize>from * bRow;
    let j = 0;
    for (; j + 5 <= n; j += 8) {
      panel8(m, min(8, n - j), depth, aFrom, aRow, aStep, bFrom + (<usize>j << 2), bRow, c + (<usize>j << 2), cRow, onto);
    }
    if (j < n) {
      panel4(m, n - j, depth, aFrom, aRow, aStep, bFrom + (<usize>j << 2), bRow, c + (<usize>j << 2), cRow, onto);
    }
  }
}

/** All rows by 5 to 8 columns. */
function panel8(
  m: i32, width: i32, depth: i32, a: usize, aRow: usize, aStep: usize, b: usize, bRow: usize, c: usize, cRow: usize, onto: bool,
): void {
  const end = b + <usize>depth * bRow;
  let i = 0;
  for (; i + 4 <= m; i += 4) {
    let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
    const aRow2 = aRow << 1, aRow3 = aRow2 + aRow;
    for (let q = b, p = a; q < end; q += bRow, p += aStep) {
      const b0 = v128.load(q), b1 = v128.load(q, 16);
      let x = v128.load32_splat(p);
      c00 = f32x4.add(c00, f32x4.mul(x, b0));
      c01 = f32x4.add(c01, f32x4.mul(x, b1));
      x = v128.load32_splat(p + aRow);
      c10 = f32x4.add(c10, f32x4.mul(x, b0));
      c11 = f32x4.add(c11, f32x4.mul(x, b1));
      x = v128.load32_splat(p + aRow2);
      c20 = f32x4.add(c20, f32x4.mul(x, b0));
      c21 = f32x4.add(c21, f32x4.mul(x, b1));
      x = v128.load32_splat(p + aRow3);
      c30 = f32x4.add(c30, f32x4.mul(x, b0));
      c31 = f32x4.add(c31, f32x4.mul(x, b1));
    }
    put8(c, c00, c01, width, onto);
    put8(c + cRow, c10, c11, width, onto);
    put8(c + (cRow << 1), c20, c21, width, onto);
    put8(c + cRow * 3, c30, c31, width, onto);
    a += aRow << 2;
    c += cRow << 2;
  }
  for (; i < m; i++) {
    let c0 = f32x4.splat(0), c1 = c0;
    for (let q = b, p = a; q < end; q += bRow, p += aStep) {
      const x = v128.load32_splat(p);
      c0 = f32x4.add(c0, f32x4.mul(x, v128.load(q)));
      c1 = f32x4.add(c1, f32x4.mul(x, v128.load(q, 16)));
    }
    put8(c, c0, c1, width, onto);
    a += aRow;
    c += cRow;
  }
}

/** All rows by 1 to 4 columns. */
function panel4(
  m: i32, width: i32, depth: i32, a: usize, aRow: usize, aStep: usize, b: usize, bRow: usize, c: usize, cRow: usize, onto: bool,
): void {
  const end = b + <usize>depth * bRow;
  let i = 0;
  for (; i + 4 <= m; i += 4) {
    let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0;
    const aRow2 = aRow << 1, aRow3 = aRow2 + aRow;
    for (let q = b, p = a; q < end; q += bRow, p += aStep) {
      const b0 = v128.load(q);
      c0 = f32x4.add(c0, f32x4.mul(v128.load32_splat(p), b0));
      c1 = f32x4.add(c1, f32x4.mul(v128.load32_splat(p + aRow), b0));
      c2 = f32x4.add(c2, f32x4.mul(v128.load32_splat(p + aRow2), b0));
      c3 = f32x4.add(c3, f32x4.mul(v128.load32_splat(p + aRow3), b0));
    }
    put4(c, c0, width, onto);
    put4(c + cRow, c1, width, onto);
    put4(c + (cRow << 1), c2, width, onto);
    put4(c + cRow * 3, c3, width, onto);
    a += aRow << 2;
    c += cRow << 2;
  }
  for (; i < m; i++) {
    let c0 = f32x4.splat(0);
    for (let q = b, p = a; q < end; q += bRow, p += aStep) {
      c0 = f32x4.add(c0, f32x4.mul(v128.load32_splat(p), v128.load(q)));
    }
    put4(c, c0, width, onto);
    a += aRow;
    c += cRow;
  }
}

// @ts-ignore: decorator
@inline
function put8(c: usize, low: v128, high: v128, width: i32, onto: bool): void {
  v128.store(c, onto ? f32x4.add(v128.load(c), low) : low);
  if (width == 8) v128.store(c, onto ? f32x4.add(v128.load(c, 16), high) : high, 16);
  else put4(c + 16, high, width - 4, onto);
}

/** The first `width` numbers of a vector, 1 to 4; what lies behind them in memory stays as it is. */
function put4(c: usize, sum: v128, width: i32, onto: bool): void {
  if (width == 4) {
    v128.store(c, onto ? f32x4.add(v128.load(c), sum) : sum);
    return;
  }
  store<f32>(c, onto ? load<f32>(c) + f32x4.extract_lane(sum, 0) : f32x4.extract_lane(sum, 0));
  if (width > 1) store<f32>(c, onto ? load<f32>(c, 4) + f32x4.extract_lane(sum, 1) : f32x4.extract_lane(sum, 1), 4);
  if (width > 2) store<f32>(c, onto ? load<f32>(c, 8) + f32x4.extract_lane(sum, 2) : f32x4.extract_lane(sum, 2), 8);
}

/** `to [columns, rows]` = transpose of `from [rows, columns]`; both contiguous. */
export function transpose(rows: i32, columns: i32, from: usize, to: usize): void {
  const fromRow = <usize>columns << 2, toRow = <usize>rows << 2;
  let i = 0;
  for (; i + 4 <= rows; i += 4) {
    let p = from + <usize>i * fromRow, q = to + (<usize>i << 2);
    let j = 0;
    for (; j + 4 <= columns; j += 4) {
      const r0 = v128.load(p), r1 = v128.load(p + fromRow), r2 = v128.load(p + (fromRow << 1)), r3 = v128.load(p + fromRow * 3);
      const s0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), s1 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const s2 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), s3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      v128.store(q, v128.shuffle<f64>(s0, s2, 0, 2));
      v128.store(q + toRow, v128.shuffle<f64>(s0, s2, 1, 3));
      v128.store(q + (toRow << 1), v128.shuffle<f64>(s1, s3, 0, 2));
      v128.store(q + toRow * 3, v128.shuffle<f64>(s1, s3, 1, 3));
      p += 16;
      q += toRow << 2;
    }
    for (; j < columns; j++) {
      for (let r: usize = 0; r < 4; r++) store<f32>(q + (r << 2), load<f32>(p + r * fromRow));
      p += 4;
      q += toRow;
    }
  }
  for (; i < rows; i++) {
    let p = from + <usize>i * fromRow, q = to + (<usize>i << 2);
    for (let j = 0; j < columns; j++, p += 4, q += toRow) store<f32>(q, load<f32>(p));
  }
}
