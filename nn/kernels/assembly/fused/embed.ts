/** Tables of words, and values dropped at random that is none: the draw follows from what is counted. */
import { storePart } from './lanes';
import { adds, firstRow, place, rows, word } from './state';

export function embed(at: usize): void {
  let id = place(at, 0);
  const table = place(at, 1);
  let out = place(at, 2);
  const words = word(at, 4);
  const width = word(at, 5);
  const bytes = <usize>width << 2;
  for (let i = rows * word(at, 3); i > 0; i--) {
    const which = load<f32>(id);
    if (which >= 0 && which < <f32>words) memory.copy(out, table + <usize>(<i32>which) * bytes, bytes);
    else for (let j: usize = 0; j < bytes; j += 4) store<f32>(out + j, f32.NaN);
    id += 4;
    out += bytes;
  }
}

export function embedSlope(at: usize): void {
  let id = place(at, 0);
  let g = place(at, 1);
  const table = place(at, 2);
  const words = word(at, 4);
  const width = word(at, 5);
  const bytes = <usize>width << 2;
  if (!adds(word(at, 6))) memory.fill(table, 0, <usize>words * bytes);
  for (let i = rows * word(at, 3); i > 0; i--) {
    const which = load<f32>(id);
    if (which >= 0 && which < <f32>words) {
      const to = table + <usize>(<i32>which) * bytes;
      for (let j = 0; j < width; j += 4) {
        const shift = <usize>j << 2;
        storePart(to + shift, f32x4.add(v128.load(to + shift), v128.load(g + shift)), width - j);
      }
    }
    id += 4;
    g += bytes;
  }
}

/** Odd numbers without pattern, as in nn/dropout-mask.ts. */
const GOLDEN: i32 = <i32>(<u32>0x9e3779b9);
const MIX_A: i32 = <i32>(<u32>0x85ebca6b);
const MIX_B: i32 = <i32>(<u32>0xc2b2ae35);

// @ts-ignore: decorator
@inline
function mixed4(value: v128): v128 {
  let x = value;
  x = v128.xor(x, i32x4.shr_u(x, 16));
  x = i32x4.mul(x, i32x4.splat(MIX_A));
  x = v128.xor(x, i32x4.shr_u(x, 13));
  x = i32x4.mul(x, i32x4.splat(MIX_B));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/** @see nn/dropout-mask.ts for the same draw in TypeScript */
export function dropout(at: usize): void {
  const a = place(at, 0);
  const out = place(at, 1);
  const size = word(at, 2);
  const limit = word(at, 3);
  const start = word(at, 4) ^ ((load<i32>(place(at, 5)) + 1) * GOLDEN);
  const add = word(at, 6) != 0;
  const factor = f32x4.splat(<f32>(1 / (1 - <f64>(<u32>limit) / 4294967296)));
  const count = rows * size;
  const stride = i32x4.splat(GOLDEN);
  const place0 = i32x4.add(i32x4.splat(firstRow * size), i32x4(0, 1, 2, 3));
  let draw = i32x4.add(i32x4.splat(start), i32x4.mul(place0, stride));
  for (let i = 0; i < count; i += 4) {
    const shift = <usize>i << 2;
    const kept = i32x4.ge_u(mixed4(draw), i32x4.splat(limit));
    let v = v128.and(kept, f32x4.mul(v128.load(a + shift), factor));
    if (add) v = f32x4.add(v, v128.load(out + shift));
    storePart(out + shift, v, count - i);
    draw = i32x4.add(draw, i32x4.splat(4 * GOLDEN));
  }
}
