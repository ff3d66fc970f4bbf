/** Sums done on the reference backend, on wasm with our kernels, and on wasm as it comes. */
import * as tf from '@tensorflow/tfjs';
import { openCpu } from '../../../nn/adapters/cpu.ts';
import { openWasm } from '../../../nn/adapters/wasm.ts';
import type { TensorRuntime } from '../../../nn/index.ts';

export type Engine = 'cpu' | 'pack' | 'stock';

export const openEngine = (engine: Engine): Promise<TensorRuntime> =>
  engine === 'cpu' ? openCpu('test') : openWasm('test', { pack: engine === 'pack' });

/** Makes `engine` the active one, runs `sum` and gives its numbers; everything made is freed. */
export async function numbersOn(engine: Engine, sum: () => tf.Tensor | tf.Tensor[]): Promise<number[][]> {
  const runtime = await openEngine(engine);
  const tensors = tf.tidy(sum);
  const all = Array.isArray(tensors) ? tensors : [tensors];
  const numbers = all.map((tensor) => Array.from(runtime.peek(tensor)));
  tf.dispose(all);
  return numbers;
}

/** The largest difference between two answers, relative where numbers are large; infinite where one has gaps. */
export function difference(found: readonly number[][], expected: readonly number[][]): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  for (const [i, numbers] of expected.entries()) {
    if (found[i]!.length !== numbers.length) return Number.POSITIVE_INFINITY;
    for (const [j, number] of numbers.entries()) {
      const gap = Math.abs(found[i]![j]! - number) / (1 + Math.abs(number));
      worst = Number.isNaN(gap) ? Number.POSITIVE_INFINITY : Math.max(worst, gap);
    }
  }
  return worst;
}

/** Numbers between -1 and 1 that depend on nothing but `seed`. */
export function draw(shape: readonly number[], seed: number): tf.Tensor {
  let state = (seed * 2654435761 + 12345) >>> 0;
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) as number;
  });
  return tf.tensor(data, [...shape], 'float32');
}
