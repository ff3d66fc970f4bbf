/** How new weights begin, drawn from a seeded stream so that the same seed gives the same network. */
import type { RandomStream } from '../contracts/random-stream.ts';

export type StartRule = 'he' | 'glorot' | 'wide' | 'zero';

/**
 * Draws the weights `[fanIn, units]`, row-major, and biases `[units]` of one dense map.
 *
 * `he`: normal, variance 2 / fanIn, for relu. `glorot`: uniform, variance 2 / (fanIn + units).
 * `wide`: normal, deviation 1.5 / sqrt(fanIn + 1), biases too; small tanh networks learn faster with it.
 * `zero`: exactly zero, so that what it feeds does not change at birth.
 */
export function drawDense(
  rule: StartRule,
  fanIn: number,
  units: number,
  random: RandomStream,
): { readonly weights: Float32Array; readonly bias: Float32Array } {
  const weights = new Float32Array(fanIn * units);
  const bias = new Float32Array(units);
  switch (rule) {
    case 'zero':
      break;
    case 'he':
      fill(weights, () => random.normal() * Math.sqrt(2 / fanIn));
      break;
    case 'glorot':
      fill(weights, () => (2 * random.next() - 1) * Math.sqrt(6 / (fanIn + units)));
      break;
    case 'wide':
      fill(weights, () => (random.normal() * 1.5) / Math.sqrt(fanIn + 1));
      fill(bias, () => (random.normal() * 1.5) / Math.sqrt(fanIn + 1));
      break;
  }
  return { weights, bias };
}

function fill(array: Float32Array, draw: () => number): void {
  for (let i = 0; i < array.length; i++) array[i] = draw();
}
