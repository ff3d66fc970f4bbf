/** Optimiser steps over stretches of the flat parameter block. */
import { multiplyAdd, storePart } from './lanes';
import { place, real, word } from './state';

/** The gradient of both halves, scaled. */
// @ts-ignore: decorator
@inline
function slope(a: usize, b: usize, shift: usize, scale: v128): v128 {
  let g = v128.load(a + shift);
  if (b != 0) g = f32x4.add(g, v128.load(b + shift));
  return f32x4.mul(g, scale);
}

export function sgd(at: usize): void {
  const w = place(at, 0);
  const a = place(at, 1);
  const b = place(at, 2);
  const count = word(at, 3);
  const rate = v128.load32_splat(place(at, 4));
  const scale = v128.load32_splat(place(at, 5));
  const decay = f32x4.splat(real(at, 6));
  const whole: usize = b == 0 ? 0 : <usize>(count & ~3) << 2;
  for (let shift: usize = 0; shift < whole; shift += 16) {
    const old = v128.load(w + shift);
    const both = f32x4.mul(f32x4.add(v128.load(a + shift), v128.load(b + shift)), scale);
    v128.store(w + shift, f32x4.sub(old, f32x4.mul(rate, multiplyAdd(decay, old, both))));
  }
  for (let i = <i32>(whole >> 2); i < count; i += 4) {
    const shift = <usize>i << 2;
    const old = v128.load(w + shift);
    const g = multiplyAdd(decay, old, slope(a, b, shift, scale));
    storePart(w + shift, f32x4.sub(old, f32x4.mul(rate, g)), count - i);
  }
}

export function momentum(at: usize): void {
  const w = place(at, 0);
  const speeds = place(at, 1);
  const a = place(at, 2);
  const b = place(at, 3);
  const count = word(at, 4);
  const rate = v128.load32_splat(place(at, 5));
  const scale = v128.load32_splat(place(at, 6));
  const keep = f32x4.splat(real(at, 7));
  const decay = f32x4.splat(real(at, 8));
  for (let i = 0; i < count; i += 4) {
    const shift = <usize>i << 2;
    const old = v128.load(w + shift);
    const g = multiplyAdd(decay, old, slope(a, b, shift, scale));
    const speed = multiplyAdd(keep, v128.load(speeds + shift), g);
    storePart(speeds + shift, speed, count - i);
    storePart(w + shift, f32x4.sub(old, f32x4.mul(rate, speed)), count - i);
  }
}

/** Corrections of four weights, each by its class of age; ages come in runs, so mostly one class is that of all four. */
function byClass(corrections: usize, classes: usize, which: usize): v128 {
  let v = f32x4.splat(load<f32>(corrections + (<usize>load<u8>(classes) << 3) + which));
  v = f32x4.replace_lane(v, 1, load<f32>(corrections + (<usize>load<u8>(classes, 1) << 3) + which));
  v = f32x4.replace_lane(v, 2, load<f32>(corrections + (<usize>load<u8>(classes, 2) << 3) + which));
  return f32x4.replace_lane(v, 3, load<f32>(corrections + (<usize>load<u8>(classes, 3) << 3) + which));
}

/** @see Kingma and Ba, "Adam", 2015; decoupled decay: Loshchilov and Hutter, 2019 */
export function adam(at: usize): void {
  const w = place(at, 0);
  const firsts = place(at, 1);
  const seconds = place(at, 2);
  const a = place(at, 3);
  const b = place(at, 4);
  const count = word(at, 5);
  const rate = v128.load32_splat(place(at, 6));
  const scale = v128.load32_splat(place(at, 7));
  const beta1 = f32x4.splat(real(at, 8)), rest1 = f32x4.splat(real(at, 9));
  const beta2 = f32x4.splat(real(at, 10)), rest2 = f32x4.splat(real(at, 11));
  const epsilon = f32x4.splat(real(at, 12));
  const coupled = f32x4.splat(real(at, 13));
  const shrink = f32x4.sub(f32x4.splat(1), f32x4.mul(rate, f32x4.splat(real(at, 14))));
  const corrections = place(at, 15);
  const classes = place(at, 16);
  let first = v128.load32_splat(corrections);
  let second = v128.load32_splat(corrections, 4);
  let known: u32 = 0;
  for (let i = 0; i < count; i += 4) {
    const shift = <usize>i << 2;
    if (classes != 0) {
      const four = load<u32>(classes + <usize>i);
      if (four != known) {
        first = byClass(corrections, classes + <usize>i, 0);
        second = byClass(corrections, classes + <usize>i, 4);
        known = four;
      }
    }
    const old = v128.load(w + shift);
    const g = multiplyAdd(coupled, old, slope(a, b, shift, scale));
    const m = multiplyAdd(beta1, v128.load(firsts + shift), f32x4.mul(rest1, g));
    const v = multiplyAdd(beta2, v128.load(seconds + shift), f32x4.mul(f32x4.mul(rest2, g), g));
    const left = count - i;
    storePart(firsts + shift, m, left);
    storePart(seconds + shift, v, left);
    const step = f32x4.div(
      f32x4.mul(f32x4.mul(rate, m), first),
      f32x4.add(f32x4.sqrt(f32x4.mul(v, second)), epsilon),
    );
    storePart(w + shift, f32x4.sub(f32x4.mul(shrink, old), step), left);
  }
}
