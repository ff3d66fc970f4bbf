/** Sums, differences and products of a matrix and a row that every one of its rows meets. */

const ADD = 0, SUBTRACT = 1;

// @ts-ignore: decorator
@inline
function combine4(how: i32, a: v128, b: v128): v128 {
  return how == ADD ? f32x4.add(a, b) : how == SUBTRACT ? f32x4.sub(a, b) : f32x4.mul(a, b);
}

// @ts-ignore: decorator
@inline
function combine(how: i32, a: f32, b: f32): f32 {
  return how == ADD ? a + b : how == SUBTRACT ? a - b : a * b;
}

/** `out [rows, columns]`, `a` alike, `b [columns]`; a row of one number meets them all. */
// @ts-ignore: decorator
@inline
function rowwise(how: i32, rows: i32, columns: i32, a: usize, b: usize, out: usize): void {
  if (columns == 1) {
    const y = load<f32>(b), many = f32x4.splat(y);
    const end = a + (<usize>rows << 2), whole = a + (<usize>(rows & ~3) << 2);
    for (; a < whole; a += 16, out += 16) v128.store(out, combine4(how, v128.load(a), many));
    for (; a < end; a += 4, out += 4) store<f32>(out, combine(how, load<f32>(a), y));
    return;
  }
  const bytes = <usize>columns << 2, whole = <usize>(columns & ~3) << 2;
  for (let i = 0; i < rows; i++, a += bytes, out += bytes) {
    let at: usize = 0;
    for (; at < whole; at += 16) v128.store(out + at, combine4(how, v128.load(a + at), v128.load(b + at)));
    for (; at < bytes; at += 4) store<f32>(out + at, combine(how, load<f32>(a + at), load<f32>(b + at)));
  }
}

export function addRow(rows: i32, columns: i32, a: usize, b: usize, out: usize): void {
  rowwise(0, rows, columns, a, b, out);
}

export function subtractRow(rows: i32, columns: i32, a: usize, b: usize, out: usize): void {
  rowwise(1, rows, columns, a, b, out);
}

export function multiplyRow(rows: i32, columns: i32, a: usize, b: usize, out: usize): void {
  rowwise(2, rows, columns, a, b, out);
}
