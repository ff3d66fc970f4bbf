/** Tables of words, and values dropped at random that is none: the draw follows from what is counted. */
import { storePart } from './lanes';
import { adds, firstRow, place, real, rows, word } from './state';

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

function mixed(value: u32): u32 {
  let x = value;
  x ^= x >> 16;
  x *= 0x85ebca6b;
  x ^= x >> 13;
  x *= 0xc2b2ae35;
  return x ^ (x >> 16);
}

// @ts-ignore: decorator
@inline
function mixed4(value: v128): v128 {
  let x = value;
  x = v128.xor(x, i32x4.shr_u(x, 16));
  x = i32x4.mul(x, i32x4.splat(0x85ebca6b));
  x = v128.xor(x, i32x4.shr_u(x, 13));
  x = i32x4.mul(x, i32x4.splat(0xc2b2ae35));
  return v128.xor(x, i32x4.shr_u(x, 16));
}

/** @see nn/dropout.ts for the same draw in TypeScript */
export function dropout(at: usize): void {
  const a = place(at, 0);
  const out = place(at, 1);
  const size = word(at, 2);
  const rate = real(at, 3);
  const start = mixed(<u32>word(at, 4) + mixed(load<u32>(place(at, 5))));
  const add = word(at, 6) != 0;
  const limit = i32x4.splat(<i32>(<u32>(<f64>rate * 4294967296.0)));
  const factor = f32x4.splat(1 / (1 - rate));
  const count = rows * size;
  let draw = i32x4.add(i32x4.splat(firstRow * size + <i32>start), i32x4(0, 1, 2, 3));
  for (let i = 0; i < count; i += 4) {
    const shift = <usize>i << 2;
    const kept = i32x4.ge_u(mixed4(draw), limit);
    let v = v128.and(kept, f32x4.mul(v128.load(a + shift), factor));
    if (add) v = f32x4.add(v, v128.load(out + shift));
    storePart(out + shift, v, count - i);
    draw = i32x4.add(draw, i32x4.splat(4));
  }
}
