/** Optimiser steps: old weights, moments and gradients in, new ones out, finiteness known on the way. */

const LARGEST: f32 = f32.MAX_VALUE;

/** What one step of one block of weights is made with; laid out in memory as listed. */
@unmanaged
export class Rule {
  /** Of the gradient, from clipping. */
  scale: f32;
  rate: f32;
  /** Weight decay that joins the gradient. */
  decay: f32;
  /** Factor on the old weight: `1 - rate * decay` where decay is decoupled, else 1. */
  shrink: f32;
  /** Share of the old speed or first moment that stays. */
  beta1: f32;
  gain1: f32;
  beta2: f32;
  gain2: f32;
  epsilon: f32;
}

/** `value = old - rate * (scale * gradient + decay * old)`. @returns whether all new numbers are finite */
export function sgd(rule: Rule, count: i32, old: usize, gradient: usize, value: usize): bool {
  let fine = i32x4.splat(-1), fineTail = true;
  const rate = rule.rate, scale = rule.scale, decay = rule.decay;
  const bytes = <usize>count << 2, whole = <usize>(count & ~3) << 2;
  let at: usize = 0;
  for (; at < whole; at += 16) {
    const w = v128.load(old + at);
    const slope = f32x4.add(f32x4.mul(v128.load(gradient + at), f32x4.splat(scale)), f32x4.mul(f32x4.splat(decay), w));
    const next = f32x4.sub(w, f32x4.mul(f32x4.splat(rate), slope));
    fine = v128.and(fine, f32x4.le(f32x4.abs(next), f32x4.splat(LARGEST)));
    v128.store(value + at, next);
  }
  for (; at < bytes; at += 4) {
    const w = load<f32>(old + at);
    const next = w - rate * (load<f32>(gradient + at) * scale + decay * w);
    fineTail = fineTail && abs(next) <= LARGEST;
    store<f32>(value + at, next);
  }
  return fineTail && i32x4.all_true(fine);
}

/** `speed = beta1 * before + scale * gradient + decay * old; value = old - rate * speed`. */
export function momentum(
  rule: Rule, count: i32, old: usize, before: usize, gradient: usize, value: usize, speed: usize,
): bool {
  let fine = i32x4.splat(-1), fineTail = true;
  const rate = rule.rate, scale = rule.scale, decay = rule.decay, keep = rule.beta1;
  const bytes = <usize>count << 2, whole = <usize>(count & ~3) << 2;
  let at: usize = 0;
  for (; at < whole; at += 16) {
    const w = v128.load(old + at);
    const slope = f32x4.add(f32x4.mul(v128.load(gradient + at), f32x4.splat(scale)), f32x4.mul(f32x4.splat(decay), w));
    const v = f32x4.add(f32x4.mul(f32x4.splat(keep), v128.load(before + at)), slope);
    const next = f32x4.sub(w, f32x4.mul(f32x4.splat(rate), v));
    fine = v128.and(fine, f32x4.le(f32x4.max(f32x4.abs(next), f32x4.abs(v)), f32x4.splat(LARGEST)));
    v128.store(speed + at, v);
    v128.store(value + at, next);
  }
  for (; at < bytes; at += 4) {
    const w = load<f32>(old + at);
    const v = keep * load<f32>(before + at) + (load<f32>(gradient + at) * scale + decay * w);
    const next = w - rate * v;
    fineTail = fineTail && max(abs(next), abs(v)) <= LARGEST;
    store<f32>(speed + at, v);
    store<f32>(value + at, next);
  }
  return fineTail && i32x4.all_true(fine);
}

/**
 * Adam on weights of one age, whose bias corrections are `first` and `second`.
 * @see Kingma and Ba, "Adam", 2015; decoupled decay: Loshchilov and Hutter, 2019
 */
export function adam(
  rule: Rule, first: f32, second: f32, count: i32,
  old: usize, m0: usize, v0: usize, gradient: usize, value: usize, m1: usize, v1: usize,
): bool {
  let fine = i32x4.splat(-1), fineTail = true;
  const scale = rule.scale, decay = rule.decay, shrink = rule.shrink, epsilon = rule.epsilon;
  const beta1 = rule.beta1, gain1 = rule.gain1, beta2 = rule.beta2, gain2 = rule.gain2, reach = rule.rate * first;
  const bytes = <usize>count << 2, whole = <usize>(count & ~3) << 2;
  let at: usize = 0;
  for (; at < whole; at += 16) {
    const w = v128.load(old + at);
    const g = f32x4.add(f32x4.mul(v128.load(gradient + at), f32x4.splat(scale)), f32x4.mul(f32x4.splat(decay), w));
    const m = f32x4.add(f32x4.mul(f32x4.splat(beta1), v128.load(m0 + at)), f32x4.mul(f32x4.splat(gain1), g));
    const v = f32x4.add(f32x4.mul(f32x4.splat(beta2), v128.load(v0 + at)), f32x4.mul(f32x4.splat(gain2), f32x4.mul(g, g)));
    const width = f32x4.add(f32x4.sqrt(f32x4.mul(v, f32x4.splat(second))), f32x4.splat(epsilon));
    const next = f32x4.sub(f32x4.mul(f32x4.splat(shrink), w), f32x4.div(f32x4.mul(f32x4.splat(reach), m), width));
    const largest = f32x4.max(f32x4.abs(next), f32x4.max(f32x4.abs(m), v));
    fine = v128.and(fine, f32x4.le(largest, f32x4.splat(LARGEST)));
    v128.store(m1 + at, m);
    v128.store(v1 + at, v);
    v128.store(value + at, next);
  }
  for (; at < bytes; at += 4) {
    const w = load<f32>(old + at);
    const g = load<f32>(gradient + at) * scale + decay * w;
    const m = beta1 * load<f32>(m0 + at) + gain1 * g;
    const v = beta2 * load<f32>(v0 + at) + gain2 * (g * g);
    const next = shrink * w - (reach * m) / (sqrt(v * second) + epsilon);
    fineTail = fineTail && max(abs(next), max(abs(m), v)) <= LARGEST;
    store<f32>(m1 + at, m);
    store<f32>(v1 + at, v);
    store<f32>(value + at, next);
  }
  return fineTail && i32x4.all_true(fine);
}

/**
 * Adam on weights of several ages: `classes [count]` i32 says which pair of `corrections [.., 2]` belongs to a weight.
 * Weights of one age lie in runs, so this is Adam run by run.
 */
export function adamByAge(
  rule: Rule, classes: usize, corrections: usize, count: i32,
  old: usize, m0: usize, v0: usize, gradient: usize, value: usize, m1: usize, v1: usize,
): bool {
  let fine = true;
  for (let from = 0; from < count; ) {
    const age = load<i32>(classes + (<usize>from << 2));
    let to = from + 1;
    while (to < count && load<i32>(classes + (<usize>to << 2)) == age) to++;
    const pair = corrections + (<usize>age << 3), at = <usize>from << 2;
    const whole = adam(
      rule, load<f32>(pair), load<f32>(pair, 4), to - from,
      old + at, m0 + at, v0 + at, gradient + at, value + at, m1 + at, v1 + at,
    );
    fine = fine && whole;
    from = to;
  }
  return fine;
}
