/** Weights and moments on their way into the arena and out of it: one copy, onto a page that snapshots share. */
import { Numbers } from '../numbers.ts';
import { sizeOf } from '../parameter.ts';
import type { TensorRuntime } from '../runtime.ts';
import type { StepProgram } from './compile-step.ts';
import type { Engine, Segment } from './engine.ts';
import type { Stage } from './stage.ts';

/** Fills the arena from wherever the weights are. The engine has room for it already. */
export function loadWeights(engine: Engine, runtime: TensorRuntime, program: StepProgram): void {
  const { block, values, moments, classTables, ages } = program;
  for (const [parameter, offset] of block.offsets) {
    engine.f32.set(parameter.numbers[0].peek(runtime), values / 4 + offset);
  }
  for (const parameter of block.learned) {
    const offset = block.offsets.get(parameter)!;
    const [, ...held] = parameter.numbers;
    moments.forEach((moment, i) => {
      engine.f32.set(held[i]!.peek(runtime), moment / 4 + offset);
    });
  }
  for (const [range, at] of classTables) engine.u8.set(ages.classesOf(range) as Uint8Array, at);
}

/**
 * Copies what `steps` steps changed in the arena onto a page, and gives the parameters their stretches of it.
 * @throws NN_OUT_OF_MEMORY, NN_ENGINE_TOO_LARGE, NN_THREAD_LOST; nothing has changed then
 */
export function storeWeights(
  stage: Stage,
  runtime: TensorRuntime,
  program: StepProgram,
  { store, otherStore }: Readonly<Record<'store' | 'otherStore', Segment>>,
  steps: number,
): void {
  const { block, moments, followed, stored: count } = program;
  if (count === 0) return;
  const { page, at, drop } = stage.pages.take(runtime, count);
  try {
    stage.runStore(store, otherStore, count, at);
  } catch (error) {
    drop();
    throw error;
  }
  for (const parameter of block.learned) {
    const offset = block.offsets.get(parameter)!;
    const on = (part: number) => Numbers.on(page, offset + block.learning * part, parameter.shape);
    parameter.setValue(on(0));
    parameter.setMoments(moments.map((_, i) => on(i + 1)));
    parameter.updates += steps;
  }
  let end = block.learning * (1 + moments.length);
  for (const parameter of followed) {
    parameter.setValue(Numbers.on(page, end, parameter.shape));
    end += sizeOf(parameter);
  }
}
