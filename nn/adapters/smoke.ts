/** A few sums with known answers: a backend that gets one wrong is not used. */
import * as tf from '@tensorflow/tfjs';
import type { TensorRuntime } from '../runtime.ts';
import { scoped } from '../scoped.ts';

/** @returns what went wrong, or null. Only operations that training uses are asked. */
export function smokeCheck(runtime: TensorRuntime): string | null {
  return scoped(() => {
    for (const [name, expected, tensor] of questions(runtime)) {
      const found = runtime.peek(tensor);
      const wrong = expected.findIndex((value, i) => !(Math.abs(value - (found[i] ?? Number.NaN)) < 1e-5));
      if (wrong >= 0) return `${name}: expected ${expected[wrong]}, got ${found[wrong]}`;
    }
    return null;
  });
}

function questions(runtime: TensorRuntime): ReadonlyArray<readonly [string, readonly number[], tf.Tensor]> {
  const upload = (values: readonly number[], shape: readonly number[]) =>
    runtime.upload(Float32Array.from(values), shape);
  const long = upload(
    Array.from({ length: 200 }, (_, i) => (i % 7) - 3),
    [100, 2],
  );
  const gram = [0, 0, 0, 0];
  for (let row = 0; row < 100; row++) {
    const pair = [((2 * row) % 7) - 3, ((2 * row + 1) % 7) - 3];
    for (let i = 0; i < 4; i++) gram[i]! += pair[i >> 1]! * pair[i & 1]!;
  }
  const signs = upload([-1, 0, 2, -3], [2, 2]);
  return [
    ['transposed product of 100 rows', gram, tf.matMul(tf.transpose(long), long)],
    ['bias by broadcast', [0, 2, 3, -1], tf.add(signs, upload([1, 2], [2]))],
    ['relu', [0, 0, 2, 0], tf.relu(signs)],
    ['step', [0, 0, 1, 0], tf.step(signs)],
    ['tanh', [Math.tanh(-1), 0, Math.tanh(2), Math.tanh(-3)], tf.tanh(signs)],
    ['sigmoid', [1 / (1 + Math.E), 0.5], tf.sigmoid(signs)],
    ['concat of columns', [-1, 0, -1, 0, 2, -3, 2, -3], tf.concat([signs, signs], 1)],
    ['shared clone', [-1, 0, 2, -3], tf.clone(signs)],
  ];
}
