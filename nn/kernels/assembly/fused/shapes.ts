/** Sums, products, copies and rearrangements of whole blocks. */
import { multiplyAdd, storePart } from './lanes';
import { firstRow, place, rows, word } from './state';

export function sum(at: usize): void {
  const a = place(at, 0);
  const b = place(at, 1);
  const out = place(at, 2);
  const count = rows * word(at, 3);
  for (let i = 0; i < count; i += 4) {
    const shift = <usize>i << 2;
    storePart(out + shift, f32x4.add(v128.load(a + shift), v128.load(b + shift)), count - i);
  }
}

export function product(at: usize): void {
  const a = place(at, 0);
  const b = place(at, 1);
  const out = place(at, 2);
  const count = rows * word(at, 3);
  const add = word(at, 4) != 0;
  for (let i = 0; i < count; i += 4) {
    const shift = <usize>i << 2;
    let v = f32x4.mul(v128.load(a + shift), v128.load(b + shift));
    if (add) v = f32x4.add(v, v128.load(out + shift));
    storePart(out + shift, v, count - i);
  }
}

export function scale(at: usize): void {
  const a = place(at, 0);
  const out = place(at, 1);
  const count = rows * word(at, 2);
  const factor = v128.load32_splat(place(at, 3));
  const add = word(at, 4) != 0;
  for (let i = 0; i < count; i += 4) {
    const shift = <usize>i << 2;
    let v = f32x4.mul(v128.load(a + shift), factor);
    if (add) v = f32x4.add(v, v128.load(out + shift));
    storePart(out + shift, v, count - i);
  }
}

/** out = from, or out += from, `count` numbers. */
export function move(from: usize, out: usize, count: i32, add: bool): void {
  if (!add) {
    memory.copy(out, from, <usize>count << 2);
    return;
  }
  for (let i = 0; i < count; i += 4) {
    const shift = <usize>i << 2;
    storePart(out + shift, f32x4.add(v128.load(out + shift), v128.load(from + shift)), count - i);
  }
}

export function copy(at: usize): void {
  move(place(at, 0), place(at, 1), rows * word(at, 2), word(at, 3) != 0);
}

export function copyBlock(at: usize): void {
  move(place(at, 0), place(at, 1), word(at, 2), word(at, 3) != 0);
}

export function keepRows(at: usize): void {
  const size = word(at, 2);
  memory.copy(place(at, 1) + (<usize>(firstRow * size) << 2), place(at, 0), <usize>(rows * size) << 2);
}

export function columns(at: usize): void {
  const step = <usize>word(at, 3) << 2;
  const outStep = <usize>word(at, 5) << 2;
  const from = place(at, 0) + (<usize>word(at, 4) << 2);
  const out = place(at, 1) + (<usize>word(at, 6) << 2);
  moveColumns(from, step, out, outStep, rows * word(at, 2), word(at, 7), word(at, 8) != 0);
}

/** `count` numbers of each of `m` rows. */
export function moveColumns(
  from: usize, step: usize, out: usize, outStep: usize, m: i32, count: i32, add: bool,
): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < count; j += 4) {
      const shift = <usize>j << 2;
      let v = v128.load(from + shift);
      if (add) v = f32x4.add(v, v128.load(out + shift));
      storePart(out + shift, v, count - j);
    }
    from += step;
    out += outStep;
  }
}

export function upsample(at: usize): void {
  let x = place(at, 0);
  let out = place(at, 1);
  const width = word(at, 3);
  const by = word(at, 5);
  const pixel = <usize>word(at, 4) << 2;
  const row = <usize>(width * by) * pixel;
  for (let y = 0; y < rows * word(at, 2); y++) {
    let q = out;
    for (let j = 0; j < width; j++) {
      for (let k = 0; k < by; k++, q += pixel) memory.copy(q, x, pixel);
      x += pixel;
    }
    for (let k = 1; k < by; k++) memory.copy(out + <usize>k * row, out, row);
    out += <usize>by * row;
  }
}

export function upsampleBack(at: usize): void {
  const g = place(at, 0);
  let dx = place(at, 1);
  const width = word(at, 3);
  const channels = word(at, 4);
  const by = word(at, 5);
  const add = word(at, 6) != 0;
  const pixel = <usize>channels << 2;
  const row = <usize>(width * by) * pixel;
  for (let y = 0; y < rows * word(at, 2); y++) {
    for (let j = 0; j < width; j++) {
      const corner = g + <usize>(y * by) * row + <usize>(j * by) * pixel;
      for (let c = 0; c < channels; c += 4) {
        const shift = <usize>c << 2;
        let v = add ? v128.load(dx + shift) : f32x4.splat(0);
        for (let a = 0; a < by; a++) {
          for (let b = 0; b < by; b++) v = f32x4.add(v, v128.load(corner + <usize>a * row + <usize>b * pixel + shift));
        }
        storePart(dx + shift, v, channels - c);
      }
      dx += pixel;
    }
  }
}

export function clear(at: usize): void {
  memory.fill(place(at, 0), 0, <usize>(rows * word(at, 1)) << 2);
}

export function clearBlock(at: usize): void {
  memory.fill(place(at, 0), 0, <usize>word(at, 1) << 2);
}

/** Running figures move towards those of the batch. */
export function follow(at: usize): void {
  const running = place(at, 0);
  const batch = place(at, 1);
  const count = word(at, 2);
  const momentum = v128.load32_splat(at + 12);
  const rest = v128.load32_splat(at + 16);
  for (let i = 0; i < count; i += 4) {
    const shift = <usize>i << 2;
    const news = f32x4.mul(rest, v128.load(batch + shift));
    storePart(running + shift, multiplyAdd(momentum, v128.load(running + shift), news), count - i);
  }
}
