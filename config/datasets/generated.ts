/** The tasks that need no files. */
import type { TaskConfig } from '../../contracts/index.ts';
import { moons, parity, teacherStudent, twoSpirals } from '../../nn/data/index.ts';
import type { Rows } from '../../nn/types.ts';
import type { Dataset, DatasetEnv } from './dataset.ts';
import { DATASET_OPTIONS, readOptions } from './options.ts';
import { splitTraining } from './splits.ts';

export function loadTwoSpirals(task: TaskConfig): Dataset {
  readOptions(DATASET_OPTIONS['two-spirals'], task);
  const { train, dense } = twoSpirals();
  return dataset(task, train, dense, 'two spirals, tested on the whole curves');
}

export function loadParity(task: TaskConfig, env: DatasetEnv): Dataset {
  const { bits, fraction, seed = env.seed } = readOptions(DATASET_OPTIONS.parity, task);
  const { train, test } = parity(bits, fraction, seed);
  return dataset(
    task,
    train,
    test,
    `${bits}-bit parity, tested on ${fraction === 1 ? 'all cases' : 'the rest'}`,
  );
}

export function loadMoons(task: TaskConfig, env: DatasetEnv): Dataset {
  const { rows, testRows, noise, seed = env.seed } = readOptions(DATASET_OPTIONS.moons, task);
  // The test is another draw, not a part of the first: its noise was never seen.
  const test = moons(testRows, noise, (seed ^ 0x7e57) >>> 0);
  return dataset(task, moons(rows, noise, seed), test, `two moons with noise ${noise}`);
}

export function loadTeacherStudent(task: TaskConfig, env: DatasetEnv): Dataset {
  const { seed = env.seed, ...order } = readOptions(DATASET_OPTIONS['teacher-student'], task);
  const { train, test } = teacherStudent({ ...order, seed });
  const sizes = `${order.inputs}-${order.hidden}-${order.outputs}`;
  return dataset(task, train, test, `outputs of a random ${sizes} teacher`);
}

function dataset(task: TaskConfig, rows: Rows, test: Rows, about: string): Dataset {
  const { train, validation } = splitTraining(rows, task);
  return {
    train,
    validation,
    test,
    description: `${about}: ${train.count} rows to train on, ${test.count} to test`,
  };
}
