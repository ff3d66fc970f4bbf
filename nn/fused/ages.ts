/** How old weights are, by class: Adam corrects young moments more, and one block may hold many ages. */
import type { OptimizerConfig } from '../../contracts/run-config.ts';
import { type Parameter, sizeOf } from '../parameter.ts';
import type { Range } from './block.ts';

/** A class number is a byte. */
const MOST_CLASSES = 256;

export interface Ages {
  /** Steps behind the weights of each class, when the program was made. */
  readonly classes: readonly number[];
  /** Class of every weight of a range, or the one class of all. */
  classesOf(range: Range): number | Uint8Array;
}

/**
 * @param oldest from which on age makes no difference: all that is older is of this class
 * @returns null when there are more ages than classes
 */
export function agesOf(learned: readonly Parameter[], oldest: number): Ages | null {
  const known = new Map<number, number>();
  const classOf = (years: number) => {
    const age = Math.min(years, oldest);
    const found = known.get(age) ?? known.size;
    known.set(age, found);
    return found;
  };
  for (const { births, updates } of learned) {
    if (typeof births === 'number') classOf(updates - births);
    else for (const birth of new Set(births)) classOf(updates - birth);
  }
  if (known.size > MOST_CLASSES) return null;
  const tables = new Map<Range, number | Uint8Array>();
  return {
    classes: [...known.keys()],
    classesOf(range) {
      const found = tables.get(range) ?? tableOf(range, classOf);
      tables.set(range, found);
      return found;
    },
  };
}

/** The age from which on both corrections are 1 in float32, so that many merges make few classes; 0 without corrections. */
export function oldestAge({ name, beta1, beta2 }: OptimizerConfig): number {
  if (name === 'sgd' || name === 'momentum') return 0;
  const beta = Math.max(beta1, beta2);
  if (beta >= 1) return Number.POSITIVE_INFINITY;
  return beta <= 0 ? 1 : Math.ceil((-25 * Math.LN2) / Math.log(beta));
}

function tableOf({ parameters, count }: Range, classOf: (age: number) => number): number | Uint8Array {
  const [first] = parameters as [Parameter];
  const common = typeof first.births === 'number' ? first.updates - first.births : null;
  const alike = ({ births, updates }: Parameter) => typeof births === 'number' && updates - births === common;
  if (common !== null && parameters.every(alike)) return classOf(common);
  const table = new Uint8Array(count);
  let at = 0;
  for (const parameter of parameters) {
    const { births, updates } = parameter;
    const end = at + sizeOf(parameter);
    if (typeof births === 'number') table.fill(classOf(updates - births), at, end);
    else for (let i = at; i < end; i++) table[i] = classOf(updates - births[i - at]!);
    at = end;
  }
  return table;
}

/**
 * `1 / (1 - beta^age)`. By squaring, because the power of a language's library may differ in its last bit from one
 * version to the next.
 */
export function correction(beta: number, age: number): number {
  let [power, square] = [1, beta];
  for (let left = age; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power *= square;
    square *= square;
  }
  return 1 / (1 - power);
}
