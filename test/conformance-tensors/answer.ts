/** A backend's answer to one case: the tensors, read, and what was left behind. */
import * as tf from '@tensorflow/tfjs';
import type { TensorRuntime } from '../../nn/index.ts';
import { scoped } from '../../nn/scoped.ts';
import type { Case } from './case.ts';
import { Draw } from './draw.ts';

export interface Answer {
  readonly tensors: readonly Float32Array[];
  /** Blocks of memory the backend still holds afterwards; more than 0 is a leak. */
  readonly left: number;
}

const seedOf = ({ group, name }: Case) => `${group}: ${name}`;

/** Random weights of an output: summed with them it is one number, in which every element counts. */
export const pullsOn = (subject: Case, outputs: readonly tf.Tensor[]): tf.Tensor[] => {
  const draw = new Draw(`${seedOf(subject)}: pulls`);
  return outputs.map(({ shape }) => draw.normal(shape));
};

export const inputsOf = (subject: Case) => subject.inputs(new Draw(seedOf(subject)));

/** @throws whatever the backend throws, a kernel it lacks above all */
export async function answerOf(runtime: TensorRuntime, subject: Case): Promise<Answer> {
  const before = blocks();
  const results: tf.Tensor[] = [];
  try {
    scoped(() => {
      for (const tensor of subject.kind === 'gradients' ? gradientsOf(subject) : valuesOf(subject))
        results.push(tf.keep(tensor.dtype === 'float32' ? tensor : tf.cast(tensor, 'float32')));
    });
    const packed = await runtime.readPacked(results);
    tf.dispose(results);
    return { tensors: apart(packed, results), left: blocks() - before };
  } catch (cause) {
    tf.dispose(results);
    throw cause;
  }
}

function apart(packed: Float32Array, tensors: readonly tf.Tensor[]): Float32Array[] {
  let at = 0;
  return tensors.map(({ size }) => {
    at += size;
    return packed.slice(at - size, at);
  });
}

const blocks = () => tf.engine().backend.numDataIds();

const valuesOf = (subject: Case) => subject.work(...inputsOf(subject));

function gradientsOf(subject: Case): tf.Tensor[] {
  const pulled = (...inputs: tf.Tensor[]) => {
    const outputs = subject.work(...inputs);
    const pulls = pullsOn(subject, outputs);
    return tf.addN(outputs.map((output, i) => tf.sum(tf.mul(output, pulls[i]!))));
  };
  return tf.grads(pulled)([...inputsOf(subject)]);
}
