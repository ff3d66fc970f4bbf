/** Plain JavaScript tensors: slow, everywhere, and the reference the others are held against. */

import type { TensorRuntime } from '../runtime.ts';
import { engineRuntime } from './engine.ts';
import * as tf from './tensorflow.ts';

/** @param reason why nothing faster runs */
export async function openCpu(reason: string): Promise<TensorRuntime> {
  await tf.setBackend('cpu');
  return engineRuntime({
    name: 'cpu',
    reason,
    device: 'JavaScript',
    peek: (tensor) => tensor.dataSync<'float32'>(),
  });
}
