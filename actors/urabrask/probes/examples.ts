/** Rows of every temper to try kernels on, and a teacher that makes targets of them. */
import { type RandomStream, type RowKind, randomStream } from '../../../contracts/index.ts';
import type { Rows } from '../../../nn/index.ts';
import { SCRATCH_HOSTS, SCRATCH_OUTPUTS } from './scratch-hosts.ts';

const ROWS = 64;

/** Inputs, and targets that a small teacher made of them. */
export interface Examples extends Rows {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

export type Temper = 'normal' | 'large' | 'zero' | 'adversarial';

/** Rows with deviation 1 and targets that depend on them; always the same. */
export const normalExamples = (rows: RowKind): Examples =>
  madeOnce(`taught ${rows}`, () => {
    const random = randomStream('normal rows');
    return examples(SCRATCH_HOSTS[rows].inputs, () => random.normal(), teacher(random));
  });

/** Rows whose targets are zero, so that the loss is the mean square of the output; always the same. */
export const examplesOf = (rows: RowKind, temper: Temper): Examples =>
  madeOnce(`${temper} ${rows}`, () => {
    const random = randomStream(`${temper} rows`);
    const draw: Readonly<Record<Temper, (i: number) => number>> = {
      normal: () => random.normal(),
      large: () => 1e3 * random.normal(),
      zero: () => 0,
      // Spikes among silence, opposite extremes side by side, and numbers at the edge of float32.
      adversarial: (i) => [1e4, -1e4, 1e-38, 0, i % 2 === 0 ? 1e3 : -1e3][random.below(5)] ?? 0,
    };
    return examples(SCRATCH_HOSTS[rows].inputs, draw[temper], () => 0);
  });

/** Every kernel is tried on the same few: nobody writes into them. */
const made = new Map<string, Examples>();

function madeOnce(name: string, make: () => Examples): Examples {
  const found = made.get(name) ?? make();
  made.set(name, found);
  return found;
}

function examples(
  inputs: number,
  draw: (i: number) => number,
  target: (row: Float32Array, output: number) => number,
): Examples {
  const outputs = SCRATCH_OUTPUTS;
  const x = Float32Array.from({ length: ROWS * inputs }, (_, i) => draw(i));
  const rowOf = (row: number) => x.subarray(row * inputs, (row + 1) * inputs);
  const y = Float32Array.from({ length: ROWS * outputs }, (_, i) =>
    target(rowOf(Math.floor(i / outputs)), i % outputs),
  );
  const fill = (source: Float32Array, width: number) => (indices: ArrayLike<number>, out: Float32Array) => {
    for (let i = 0; i < indices.length; i++) {
      const row = indices[i] ?? 0;
      out.set(source.subarray(row * width, (row + 1) * width), i * width);
    }
  };
  const shape = { count: ROWS, inputs, outputs, kind: 'values' as const };
  return { ...shape, x, y, fillInputs: fill(x, inputs), fillTargets: fill(y, outputs) };
}

/** A function that no host of ours knows yet: sums and products of the inputs. */
function teacher(random: RandomStream) {
  const weights = Float32Array.from({ length: 64 }, () => random.normal());
  return (row: Float32Array, output: number): number => {
    const calm = 3 * Math.sqrt(row.length / 8);
    const [a, b] = [0, 1].map((half) =>
      row.reduce((sum, value, i) => sum + value * (weights[(output * 16 + half * 8 + i) % 64] ?? 0), 0),
    );
    return Math.tanh((a ?? 0) / calm) + Math.tanh(((a ?? 0) * (b ?? 0)) / calm ** 2);
  };
}
