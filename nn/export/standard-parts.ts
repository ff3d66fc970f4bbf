/** What tensorflow.js has no layer for, put together from layers that it has. */
import * as tf from '../adapters/tensorflow.ts';
import type { Value } from '../ops.ts';

/** Weights `[rows, columns]` of a dense layer that only moves numbers. */
export interface Fixed {
  readonly rows: number;
  readonly columns: number;
  readonly weights: Float32Array;
}

interface Columns {
  /** Features on the wide side. */
  readonly width: number;
  readonly start: number;
  readonly size: number;
  /** From the narrow side to the wide one, with zeros elsewhere, instead of the other way. */
  readonly back?: boolean;
  readonly factor?: number;
}

/** `size` of `width` columns as a product: one 1 in each row, so nothing is rounded. */
export function columnsOf({ width, start, size, back = false, factor = 1 }: Columns): Fixed {
  const [rows, columns] = back ? [size, width] : [width, size];
  const weights = new Float32Array(rows * columns);
  for (let i = 0; i < size; i++) {
    const [row, column] = back ? [i, start + i] : [start + i, i];
    weights[row * columns + column] = factor;
  }
  return { rows, columns, weights };
}

interface Parts<V> {
  fixed(x: V, fixed: Fixed): V;
  apply(layer: tf.Layer, inputs: readonly V[]): V;
  concat(values: readonly V[]): V;
  name(kind: string): string;
}

interface Attention<V> {
  /** Each `[places, width]`. */
  readonly q: V;
  readonly k: V;
  readonly v: V;
  readonly heads: number;
}

/** Attention head by head: batched products, a softmax, and fixed maps that cut the heads out and scale the queries. */
export function attentionLayers<V extends Value>(parts: Parts<V>, { q, k, v, heads }: Attention<V>): V {
  const width = q.shape.at(-1)!;
  const size = width / heads;
  const found = Array.from({ length: heads }, (_, head) => {
    const share = { width, start: head * size, size };
    const queries = parts.fixed(q, columnsOf({ ...share, factor: 1 / Math.sqrt(size) }));
    const [keys, values] = [parts.fixed(k, columnsOf(share)), parts.fixed(v, columnsOf(share))];
    const scores = parts.apply(tf.layers().dot({ name: parts.name('scores'), axes: [2, 2] }), [
      queries,
      keys,
    ]);
    const shares = parts.apply(tf.layers().softmax({ name: parts.name('shares'), axis: -1 }), [scores]);
    return parts.apply(tf.layers().dot({ name: parts.name('mixed'), axes: [2, 1] }), [shares, values]);
  });
  return heads === 1 ? found[0]! : parts.concat(found);
}
