/** Optimiser steps inside the engine's memory: one pass over value, moments and gradient, new tensors out. */

import type { BlockUpdater } from '../runtime.ts';
import type { PackHeap } from './pack-heap.ts';
import * as tf from './tensorflow.ts';

/** Birth of each weight as an index into the distinct births of its block. */
interface Ages {
  readonly classes: Int32Array;
  readonly births: readonly number[];
}

const RULE_BYTES = 48;

/** @see nn/kernels/assembly/shared/update.ts */
export function packUpdater(heap: PackHeap): BlockUpdater {
  const known = new WeakMap<Int32Array, Ages>();
  return {
    sumOfSquares: (tensor) => heap.kernels.sumOfSquares(heap.pointer(tensor), tensor.size),
    update(rule, { value, moments, gradient, births }, correctionAt) {
      const ages = typeof births === 'number' ? null : agesOf(births, known);
      const extra = ages === null ? 0 : 8 * ages.births.length + 4 * ages.classes.length;
      const at = heap.scratch(RULE_BYTES + extra);
      const results = [value, ...moments].map(({ shape }) => heap.output(shape));
      heap
        .numbers(at, RULE_BYTES / 4)
        .set([
          ...[rule.scale, rule.rate, rule.decay, rule.shrink],
          ...[rule.beta1, 1 - rule.beta1, rule.beta2, 1 - rule.beta2, rule.epsilon],
        ]);
      const olds = [value, ...moments, gradient].map((tensor) => heap.pointer(tensor));
      const news = results.map((tensor) => heap.pointer(tensor));
      const { kernels } = heap;
      let finite: number;
      if (rule.name !== 'adam') finite = kernels[rule.name](at, value.size, ...olds, ...news);
      else if (ages === null) {
        const { first, second } = correctionAt(births as number);
        finite = kernels.adam(at, first, second, value.size, ...olds, ...news);
      } else {
        const table = at + RULE_BYTES;
        const classes = table + 8 * ages.births.length;
        const pairs = ages.births.flatMap((birth) => [correctionAt(birth).first, correctionAt(birth).second]);
        heap.numbers(table, pairs.length).set(pairs);
        heap.words(classes, ages.classes.length).set(ages.classes);
        finite = kernels.adamByAge(at, classes, table, value.size, ...olds, ...news);
      }
      const [first, ...rest] = results.map((info) => tf.engine().makeTensorFromTensorInfo(info));
      return { value: first!, moments: rest, finite: finite !== 0 };
    },
  };
}

/** Worked out once for each array of births: they change only when a block grows. */
function agesOf(births: Int32Array, known: WeakMap<Int32Array, Ages>): Ages {
  const held = known.get(births);
  if (held !== undefined) return held;
  const distinct = new Map<number, number>();
  const classes = births.map((birth) => {
    if (!distinct.has(birth)) distinct.set(birth, distinct.size);
    return distinct.get(birth)!;
  });
  const ages = { classes, births: [...distinct.keys()] };
  known.set(births, ages);
  return ages;
}
