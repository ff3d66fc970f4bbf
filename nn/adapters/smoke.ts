/** A few sums with known answers: a backend that gets one wrong is not used. */

import type { TensorRuntime } from '../runtime.ts';
import { scoped } from '../scoped.ts';
import { QUESTIONS } from './questions.ts';
import * as tf from './tensorflow.ts';

/** Of what is expected, or of 1 where that is less. */
const TOLERANCE = 1e-5;

/**
 * Asks the operations that training is made of, those above all that a backend is known to get wrong without a word.
 * One read for all answers, so it works where reads are asynchronous; nothing stays behind.
 * @returns what went wrong, or null
 */
export async function smokeCheck(runtime: TensorRuntime): Promise<string | null> {
  const answers: tf.Tensor[] = [];
  try {
    for (const { name, ask } of QUESTIONS) {
      try {
        answers.push(scoped(() => tf.keep(ask(runtime))));
      } catch (cause) {
        return `${name}: ${cause instanceof Error ? cause.message : String(cause)}`;
      }
    }
    return firstWrong(await runtime.readPacked(answers), answers);
  } finally {
    tf.dispose(answers);
  }
}

function firstWrong(packed: Float32Array, answers: readonly tf.Tensor[]): string | null {
  let at = 0;
  for (const [i, { name, expected }] of QUESTIONS.entries()) {
    const { size } = answers[i]!;
    if (size !== expected.length) return `${name}: expected ${expected.length} numbers, got ${size}`;
    for (const [j, wanted] of expected.entries()) {
      const found = packed[at + j]!;
      if (!(Math.abs(wanted - found) <= TOLERANCE * Math.max(1, Math.abs(wanted)))) {
        return `${name}: expected ${wanted}, got ${found}`;
      }
    }
    at += size;
  }
  return null;
}
