/** Four numbers at a time, and the ends of rows where fewer are left. Reading over the end is allowed, writing is not. */

// @ts-ignore: decorator
@inline
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Writes the first `count` (1..4, more count as 4) lanes. */
// @ts-ignore: decorator
@inline
export function storePart(at: usize, value: v128, count: i32): void {
  if (count >= 4) v128.store(at, value);
  else storeFew(at, value, count);
}

function storeFew(at: usize, value: v128, count: i32): void {
  if (count == 1) v128.store32_lane(at, value, 0);
  else {
    v128.store64_lane(at, value, 0);
    if (count == 3) v128.store32_lane(at + 8, value, 2);
  }
}

/** The larger one; not a number when `value` is not. */
// @ts-ignore: decorator
@inline
export function positive(value: v128): v128 {
  return f32x4.pmax(value, f32x4.splat(0));
}

/** Sum of the four lanes, in a fixed order. */
// @ts-ignore: decorator
@inline
export function laneSum(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/** The first `count` lanes (0..4), zeros after. */
// @ts-ignore: decorator
@inline
export function firstLanes(v: v128, count: i32): v128 {
  return v128.and(v, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(count)));
}
