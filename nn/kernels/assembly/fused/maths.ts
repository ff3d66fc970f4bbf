/** Exponential, hyperbolic tangent and the like, four at a time, from additions and products alone: the same bits on every machine. */
import { multiplyAdd } from './lanes';

const LOG2E: f32 = 1.4426950408889634;
/** ln 2 in two parts, so that `n * ln 2` is taken off without losing digits. */
const LN2_HIGH: f32 = 0.693145751953125;
const LN2_LOW: f32 = 1.4286068203094172e-6;

// @ts-ignore: decorator
@inline
function powerOfTwo(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** exp(r) - 1 for |r| <= ln 2 / 2, as a series. */
// @ts-ignore: decorator
@inline
function smallGrowth(r: v128): v128 {
  let p = f32x4.splat(0.0001984127);
  p = multiplyAdd(p, r, f32x4.splat(0.0013888889));
  p = multiplyAdd(p, r, f32x4.splat(0.008333334));
  p = multiplyAdd(p, r, f32x4.splat(0.041666668));
  p = multiplyAdd(p, r, f32x4.splat(0.16666667));
  p = multiplyAdd(p, r, f32x4.splat(0.5));
  return multiplyAdd(f32x4.mul(p, r), r, r);
}

// @ts-ignore: decorator
@inline
function reduced(x: v128, n: v128): v128 {
  const high = f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH)));
  return f32x4.sub(high, f32x4.mul(n, f32x4.splat(LN2_LOW)));
}

/** e^x; 0 far below and infinite far above, not a number for what is none. */
export function exp4(value: v128): v128 {
  const x = f32x4.max(f32x4.min(value, f32x4.splat(90)), f32x4.splat(-105));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(LOG2E)));
  const p = f32x4.add(smallGrowth(reduced(x, n)), f32x4.splat(1));
  const whole = i32x4.trunc_sat_f32x4_s(n);
  // In two steps: one power of two alone would leave the range before the result does.
  const half = i32x4.shr_s(whole, 1);
  return f32x4.mul(f32x4.mul(p, powerOfTwo(half)), powerOfTwo(i32x4.sub(whole, half)));
}

/** tanh by way of exp(2x) - 1, which stays exact where tanh is small. */
export function tanh4(value: v128): v128 {
  const x = f32x4.max(f32x4.min(value, f32x4.splat(10)), f32x4.splat(-10));
  const doubled = f32x4.add(x, x);
  const n = f32x4.nearest(f32x4.mul(doubled, f32x4.splat(LOG2E)));
  const scale = powerOfTwo(i32x4.trunc_sat_f32x4_s(n));
  const growth = multiplyAdd(smallGrowth(reduced(doubled, n)), scale, f32x4.sub(scale, f32x4.splat(1)));
  return f32x4.div(growth, f32x4.add(growth, f32x4.splat(2)));
}

export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))));
}

/** e^(-x^2) */
export function gaussian4(x: v128): v128 {
  return exp4(f32x4.neg(f32x4.mul(x, x)));
}

/** Natural logarithm of a positive finite number; infinite and not a number come back as they are. */
export function log(x: f64): f64 {
  if (!(x < Infinity)) return x;
  const bits = reinterpret<u64>(x);
  let exponent = <i32>((bits >> 52) & 0x7ff) - 1023;
  let m = reinterpret<f64>((bits & 0xfffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    exponent++;
  }
  const f = (m - 1) / (m + 1);
  const s = f * f;
  let p: f64 = 1.0 / 17;
  p = p * s + 1.0 / 15;
  p = p * s + 1.0 / 13;
  p = p * s + 1.0 / 11;
  p = p * s + 1.0 / 9;
  p = p * s + 1.0 / 7;
  p = p * s + 1.0 / 5;
  p = p * s + 1.0 / 3;
  return 2 * f * (p * s + 1) + <f64>exponent * 0.6931471805599453;
}
