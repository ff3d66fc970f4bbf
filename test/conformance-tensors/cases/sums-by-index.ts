/** Einstein's sums: products written by the names of their sides. */
import * as tf from '@tensorflow/tfjs';
import { group, values } from '../case.ts';

const einsum = (name: string, equation: string, ...shapes: number[][]) =>
  values(
    `einsum ${name} (${equation})`,
    (draw) => shapes.map((shape) => draw.normal(shape)),
    (...inputs) => tf.einsum(equation, ...inputs),
  );

export const sumsByIndex = group('einsum', [
  einsum('multiplies matrices', 'ij,jk->ik', [3, 4], [4, 5]),
  einsum('multiplies batches of heads', 'bqhd,bkhd->bhqk', [2, 3, 2, 4], [2, 5, 2, 4]),
  einsum('sums a side away', 'ij->j', [6, 4]),
  einsum('transposes', 'ijk->kij', [2, 3, 4]),
  einsum('takes an outer product', 'i,j->ij', [4], [5]),
]);
