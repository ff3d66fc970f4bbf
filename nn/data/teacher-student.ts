/** A small fixed network, the teacher, makes up a regression task; students try to become it. */
import { type RandomStream, randomStream } from '../../contracts/index.ts';
import type { Rows } from '../types.ts';
import { floatRows } from './memory-rows.ts';

export interface TeacherOrder {
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
  /** Rows to train on; as many again are made for the test. */
  readonly rows: number;
  readonly seed: number;
}

/** Two weight matrices without biases, `[inputs, hidden]` and `[hidden, outputs]`, row-major float32. */
export interface Teacher {
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/**
 * Targets are `relu(x first) second`; weights uniform in [-1, 1), inputs standard normal.
 *
 * @see Evci et al., "GradMax: growing neural networks using gradient information", 2022
 */
export function teacherStudent(order: TeacherOrder): {
  readonly train: Rows;
  readonly test: Rows;
  readonly teacher: Teacher;
} {
  const random = randomStream(order.seed).split('teacher-student');
  const weights = random.split('weights');
  const teacher = {
    first: uniform(order.inputs * order.hidden, weights),
    second: uniform(order.hidden * order.outputs, weights),
  };
  return {
    train: lesson(order, teacher, random.split('train')),
    test: lesson(order, teacher, random.split('test')),
    teacher,
  };
}

const uniform = (count: number, random: RandomStream) =>
  Float32Array.from({ length: count }, () => 2 * random.next() - 1);

function lesson(order: TeacherOrder, teacher: Teacher, random: RandomStream): Rows {
  const inputs = Float32Array.from({ length: order.rows * order.inputs }, () => random.normal());
  const values = new Float32Array(order.rows * order.outputs);
  for (let row = 0; row < order.rows; row++) {
    const x = inputs.subarray(row * order.inputs, (row + 1) * order.inputs);
    const hidden = times(x, teacher.first, order.hidden).map((z) => Math.max(0, z));
    values.set(times(hidden, teacher.second, order.outputs), row * order.outputs);
  }
  return floatRows(inputs, order.inputs, { kind: 'values', values, width: order.outputs });
}

/** Row vector times matrix, summed in float64. */
function times(vector: ArrayLike<number>, matrix: Float32Array, width: number): Float64Array {
  const out = new Float64Array(width);
  for (let i = 0; i < vector.length; i++) {
    for (let j = 0; j < width; j++) {
      out[j] = (out[j] as number) + (vector[i] as number) * (matrix[i * width + j] as number);
    }
  }
  return out;
}
