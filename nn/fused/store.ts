/** Weights and moments on their way between tensors and the arena: one copy each, and none when nothing changed. */
import { type Parameter, replaceMoments, replaceValue, sizeOf } from '../parameter.ts';
import type { TensorRuntime } from '../runtime.ts';
import type { StepProgram } from './compile-step.ts';
import type { Engine } from './engine.ts';

/** Fills the arena from the tensors. The engine has room for it already. */
export function loadWeights(engine: Engine, runtime: TensorRuntime, program: StepProgram): void {
  const { block, values, moments, classTables, ages } = program;
  for (const [parameter, offset] of block.offsets) {
    engine.f32.set(runtime.peek(parameter.value), values / 4 + offset);
  }
  for (const parameter of block.learned) {
    const offset = block.offsets.get(parameter)!;
    moments.forEach((moment, i) => {
      engine.f32.set(runtime.peek(parameter.moments[i]!), moment / 4 + offset);
    });
  }
  for (const [range, at] of classTables) engine.u8.set(ages.classesOf(range) as Uint8Array, at);
}

/** Makes new tensors of what `steps` steps changed in the arena. */
export function storeWeights(
  engine: Engine,
  runtime: TensorRuntime,
  { block, values, moments, followed }: StepProgram,
  steps: number,
): void {
  const tensorAt = (address: number, parameter: Parameter) => {
    const from = address / 4 + block.offsets.get(parameter)!;
    const numbers = engine.f32.subarray(from, from + sizeOf(parameter));
    return runtime.upload(runtime.capabilities.copies ? numbers : numbers.slice(), parameter.shape);
  };
  for (const parameter of block.learned) {
    replaceValue(parameter, tensorAt(values, parameter));
    replaceMoments(
      parameter,
      moments.map((moment) => tensorAt(moment, parameter)),
    );
    parameter.updates += steps;
  }
  for (const parameter of followed) replaceValue(parameter, tensorAt(values, parameter));
}
