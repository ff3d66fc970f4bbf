/** Weights and moments on their way into the arena and out of it: one copy, onto a page that snapshots share. */
import { Numbers } from '../numbers.ts';
import { sizeOf } from '../parameter.ts';
import type { TensorRuntime } from '../runtime.ts';
import type { StepProgram } from './compile-step.ts';
import type { Engine } from './engine.ts';

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

/** Copies what `steps` steps changed in the arena onto a page, and gives the parameters their stretches of it. */
export function storeWeights(
  engine: Engine,
  runtime: TensorRuntime,
  { block, values, moments, followed }: StepProgram,
  steps: number,
): void {
  const { learning, offsets } = block;
  const following = followed.reduce((size, parameter) => size + sizeOf(parameter), 0);
  const page = engine.pages.take(runtime, learning * (1 + moments.length) + following);
  const copy = (from: number, size: number, at: number) =>
    page.numbers.set(engine.f32.subarray(from, from + size), at);
  [values, ...moments].forEach((address, i) => {
    copy(address / 4, learning, learning * i);
  });
  for (const parameter of block.learned) {
    const offset = offsets.get(parameter)!;
    const at = (part: number) => Numbers.on(page, offset + learning * part, parameter.shape);
    parameter.setValue(at(0));
    parameter.setMoments(moments.map((_, i) => at(i + 1)));
    parameter.updates += steps;
  }
  let end = learning * (1 + moments.length);
  for (const parameter of followed) {
    copy(values / 4 + offsets.get(parameter)!, sizeOf(parameter), end);
    parameter.setValue(Numbers.on(page, end, parameter.shape));
    end += sizeOf(parameter);
  }
}
