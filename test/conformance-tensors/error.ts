/** How far an answer is from the right one, in parts of what was to be expected. */
import type { Slope } from './difference.ts';

/** Against the reference backend. */
export const TOLERANCE = 2e-4;
/** Against difference quotients, which are rough themselves. */
export const SLOPE_TOLERANCE = 1e-2;
/** Below this size an expected tensor counts as this large: what should be 0 is only ever nearly so. */
const FLOOR = 1e-2;

const sizeOf = (tensor: Float32Array) => {
  const finite = tensor.filter(Number.isFinite);
  const squares = finite.reduce((sum, value) => sum + value * value, 0);
  return Math.max(FLOOR, Math.sqrt(squares / Math.max(1, finite.length)));
};

const apart = (expected: number, found: number, size: number): number => {
  if (Object.is(expected, found) || expected === found) return 0;
  const error = Math.abs(expected - found) / Math.max(Math.abs(expected), size);
  return Number.isFinite(error) ? error : Number.POSITIVE_INFINITY;
};

/** The largest error of any element, relative to that element or to the usual size of its tensor, whichever is larger. */
export function worstError(expected: readonly Float32Array[], found: readonly Float32Array[]): number {
  if (expected.length !== found.length) return Number.POSITIVE_INFINITY;
  return expected.reduce((worst, tensor, i) => {
    const other = found[i]!;
    if (other.length !== tensor.length) return Number.POSITIVE_INFINITY;
    const size = sizeOf(tensor);
    return tensor.reduce((most, value, j) => Math.max(most, apart(value, other[j]!, size)), worst);
  }, 0);
}

/** The same for gradients against difference quotients. */
export function worstSlope(slopes: readonly Slope[], found: readonly Float32Array[]): number {
  const sizes = found.map(sizeOf);
  return slopes.reduce(
    (worst, { input, place, slope }) =>
      Math.max(worst, apart(slope, found[input]?.[place] ?? Number.NaN, sizes[input] ?? FLOOR)),
    0,
  );
}
