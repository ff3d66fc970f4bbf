/** N-bit parity: is the number of ones odd? Every bit matters, so no small part of the inputs helps alone. */
import { randomStream } from '../../contracts/index.ts';
import type { Rows } from '../types.ts';
import { floatRows } from './memory-rows.ts';
import { shuffled } from './shuffle.ts';
import { pickRows } from './views.ts';

const BITS_MAX = 16;

/**
 * Inputs are -1 and 1; the target is 1 when the number of ones is odd, else -1. Case c has bit b of c as input b.
 *
 * @param bits 1..16
 * @param fraction share of all cases to train on, drawn by `seed`; the rest is the test. 1 trains and tests on all
 */
export function parity(bits: number, fraction = 1, seed = 0): { readonly train: Rows; readonly test: Rows } {
  if (!Number.isInteger(bits) || bits < 1 || bits > BITS_MAX)
    throw new RangeError(`${bits} bits: 1..${BITS_MAX}`);
  const all = everyCase(bits);
  if (fraction >= 1) return { train: all, test: all };
  const order = shuffled(all.count, randomStream(seed).split('parity'));
  const trained = Math.min(all.count - 1, Math.max(1, Math.round(all.count * fraction)));
  return { train: pickRows(all, order.subarray(0, trained)), test: pickRows(all, order.subarray(trained)) };
}

function everyCase(bits: number): Rows {
  const cases = 2 ** bits;
  const inputs = new Float32Array(cases * bits);
  const values = new Float32Array(cases);
  for (let number = 0; number < cases; number++) {
    let sign = -1;
    for (let bit = 0; bit < bits; bit++) {
      const one = (number >> bit) & 1;
      inputs[number * bits + bit] = one ? 1 : -1;
      if (one) sign = -sign;
    }
    values[number] = sign;
  }
  return floatRows(inputs, bits, { kind: 'values', values, width: 1 });
}
