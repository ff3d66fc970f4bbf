/** Adam's bias corrections on a device: scalars for a block of one age, a small table and an index for one of many. */

import type { OptimizerConfig } from '../../contracts/run-config.ts';
import * as tf from '../adapters/tensorflow.ts';
import type { Parameter } from '../parameter.ts';

export interface Corrections {
  readonly first: tf.Tensor | number;
  readonly second: tf.Tensor | number;
}

/** Which weights of a block are of one age, kept on the device until the block's ages change. */
interface Cohorts {
  readonly source: Int32Array;
  readonly births: readonly number[];
  /** Of the block's shape: position in `births`. */
  readonly index: tf.Tensor;
}

/** Keeps an index tensor for each block with weights of several ages; `dispose` frees them. */
export class AgeTables {
  readonly #cohorts = new Map<string, Cohorts>();

  /** For the update that comes next. Tensors belong to the caller's scope. */
  corrections({ beta1, beta2 }: OptimizerConfig, parameter: Parameter): Corrections {
    const { births, updates } = parameter;
    const of = (beta: number, birth: number) => 1 / (1 - beta ** (updates + 1 - birth));
    if (typeof births === 'number') return { first: of(beta1, births), second: of(beta2, births) };
    const { births: distinct, index } = this.#cohortsOf(parameter, births);
    const spread = (beta: number) =>
      tf.gather(tf.tensor1d(distinct.map((birth) => of(beta, birth))), index as tf.Tensor1D);
    return { first: spread(beta1), second: spread(beta2) };
  }

  dispose(): void {
    for (const { index } of this.#cohorts.values()) index.dispose();
    this.#cohorts.clear();
  }

  #cohortsOf({ name, shape }: Parameter, source: Int32Array): Cohorts {
    const held = this.#cohorts.get(name);
    if (held?.source === source) return held;
    held?.index.dispose();
    const births = [...new Set(source)];
    const ranks = new Map(births.map((birth, rank) => [birth, rank]));
    const ranked = Int32Array.from(source, (birth) => ranks.get(birth)!);
    const fresh = { source, births, index: tf.keep(tf.tensor(ranked, [...shape], 'int32')) };
    this.#cohorts.set(name, fresh);
    return fresh;
  }
}
