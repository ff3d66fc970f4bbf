/** Gradients without a gradient: how much an output moves when one input moves a little. */
import * as tf from '@tensorflow/tfjs';
import { randomStream } from '../../contracts/random-stream.ts';
import type { TensorRuntime } from '../../nn/index.ts';
import { scoped } from '../../nn/scoped.ts';
import { inputsOf, pullsOn } from './answer.ts';
import type { Case } from './case.ts';

/** What the number at `place` of input `input` does to the pulled sum of all outputs. */
export interface Slope {
  readonly input: number;
  readonly place: number;
  readonly slope: number;
}

const PLACES = 6;
/** A long step hides rounding, a short one stays clear of kinks: the first that agrees counts, else the nearest. */
const STEPS = [2e-2, 4e-3, 1e-3];
const AGREED = 1e-3;

/** @param found the gradients that the same backend gave */
export async function slopesOf(
  runtime: TensorRuntime,
  subject: Case,
  found: readonly Float32Array[],
): Promise<Slope[]> {
  const inputs = scoped(() => inputsOf(subject).map((tensor) => tf.keep(tensor)));
  const numbers = await Promise.all(inputs.map((tensor) => runtime.readPacked([tensor])));
  const shapes = inputs.map(({ shape }) => shape);
  tf.dispose(inputs);
  const pulled = (input: number, place: number, by: number) =>
    pulledSum(runtime, subject, () =>
      numbers.map((values, i) => {
        const moved = values.slice();
        if (i === input) moved[place]! += by;
        return tf.tensor(moved, shapes[i]!);
      }),
    );
  const slopes: Slope[] = [];
  const stream = randomStream(subject.name);
  for (const [input, values] of numbers.entries()) {
    for (let i = 0; i < Math.min(PLACES, values.length); i++) {
      const place = values.length <= PLACES ? i : stream.below(values.length);
      const wanted = found[input]?.[place] ?? Number.NaN;
      slopes.push({
        input,
        place,
        slope: await nearest(wanted, (by) => pulled(input, place, by), values[place]!),
      });
    }
  }
  return slopes;
}

async function nearest(wanted: number, pulled: (by: number) => Promise<number>, at: number): Promise<number> {
  let best = Number.NaN;
  for (const step of STEPS) {
    // the step that float32 really takes
    const up = Math.fround(Math.fround(at) + step) - at;
    const down = at - Math.fround(Math.fround(at) - step);
    const slope = ((await pulled(up)) - (await pulled(-down))) / (up + down);
    if (!(Math.abs(slope - wanted) >= Math.abs(best - wanted))) best = slope;
    if (Math.abs(best - wanted) <= AGREED * (1 + Math.abs(wanted))) break;
  }
  return best;
}

/** Summed in double precision: only the outputs themselves are rounded. */
async function pulledSum(runtime: TensorRuntime, subject: Case, inputs: () => tf.Tensor[]): Promise<number> {
  const [outputs, pulls] = scoped(() => {
    const made = subject.work(...inputs());
    const kept = (tensors: readonly tf.Tensor[]) => tensors.map((tensor) => tf.keep(tensor));
    return [kept(made), kept(pullsOn(subject, made))] as const;
  });
  const [y, pull] = [await runtime.readPacked(outputs), await runtime.readPacked(pulls)];
  tf.dispose([...outputs, ...pulls]);
  return y.reduce((sum, value, i) => sum + value * pull[i]!, 0);
}
