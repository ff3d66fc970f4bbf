/** Plain JavaScript tensors: slow, everywhere, and the reference the others are held against. */
import * as tf from '@tensorflow/tfjs';
import type { TensorRuntime } from '../runtime.ts';
import { engineRuntime } from './engine.ts';

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
