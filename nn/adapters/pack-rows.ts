/** Everyday arithmetic on the wasm backend where the stock kernels take a detour: rows, sums over axes, casts to the same. */

import type { PackHeap } from './pack-heap.ts';
import type { Kernels } from './pack-kernels.ts';
import { sizeOf } from './pack-products.ts';
import * as tf from './tensorflow.ts';

interface Pair {
  readonly a: tf.TensorInfo;
  readonly b: tf.TensorInfo;
}
interface Reduction {
  readonly axis: number | number[];
  readonly keepDims: boolean;
}

/** @see nn/kernels/assembly/pack/rowwise.ts */
export function rowKernels(heap: PackHeap): Kernels {
  const { addRow, subtractRow, multiplyRow } = heap.kernels;
  return {
    Add: rowwise(heap, 'Add', addRow, true),
    Sub: rowwise(heap, 'Sub', subtractRow, false),
    Multiply: rowwise(heap, 'Multiply', multiplyRow, true),
    Sum: reduction(heap, 'Sum', false),
    Mean: reduction(heap, 'Mean', true),
    Cast: cast(heap),
  };
}

/** Where `b` repeats along the leading axes of `a` - a bias, a factor, an equal shape - one pass without index sums. */
function rowwise(
  heap: PackHeap,
  name: string,
  kernel: (...numbers: number[]) => void,
  commutes: boolean,
): tf.KernelFunc {
  const stock = tf.getKernel(name, 'wasm').kernelFunc;
  return (call) => {
    const { a, b } = call.inputs as unknown as Pair;
    if (a.dtype !== 'float32' || b.dtype !== 'float32') return stock(call);
    const turned = commutes && b.shape.length > a.shape.length;
    const [matrix, row] = turned ? [b, a] : [a, b];
    if (!repeats(row.shape, matrix.shape)) return stock(call);
    const out = heap.output(matrix.shape);
    const columns = sizeOf(row.shape);
    const rows = columns === 0 ? 0 : sizeOf(matrix.shape) / columns;
    kernel(rows, columns, heap.pointer(matrix), heap.pointer(row), heap.pointer(out));
    return out;
  };
}

/** `row` is how the axes of `matrix` end, or a single number. */
function repeats(row: readonly number[], matrix: readonly number[]): boolean {
  const offset = matrix.length - row.length;
  return offset >= 0 && row.every((length, axis) => length === matrix[offset + axis]);
}

/** Sums over the first axes or over the last ones, in blocks; anything else is left to the stock kernel. */
function reduction(heap: PackHeap, name: string, mean: boolean): tf.KernelFunc {
  const stock = tf.getKernel(name, 'wasm').kernelFunc;
  return (call) => {
    const { x } = call.inputs as { x: tf.TensorInfo };
    const { axis, keepDims } = call.attrs as unknown as Reduction;
    if (x.dtype !== 'float32') return stock(call);
    const rank = x.shape.length;
    const axes = tf.util.parseAxisParam(axis, x.shape).sort((a, b) => a - b);
    const gone = new Set(axes);
    const [first, last] = [axes[0], axes.at(-1)];
    const solid = gone.size === axes.length && last! - first! === axes.length - 1;
    if (axes.length === 0 || !solid || (first !== 0 && last !== rank - 1)) return stock(call);
    const kept = keepDims
      ? x.shape.map((length, i) => (gone.has(i) ? 1 : length))
      : x.shape.filter((_, i) => !gone.has(i));
    const out = heap.output(kept);
    const count = sizeOf(axes.map((i) => x.shape[i]!));
    const results = sizeOf(kept);
    const [from, to] = [heap.pointer(x), heap.pointer(out)];
    if (last === rank - 1) heap.kernels.sumEach(results, count, from, to);
    else heap.kernels.sumRows(count, results, from, to);
    if (mean) heap.kernels.scale(to, results, 1 / count);
    return out;
  };
}

/** A cast to the type that the numbers have already shares them. */
function cast(heap: PackHeap): tf.KernelFunc {
  const stock = tf.getKernel('Cast', 'wasm').kernelFunc;
  return (call) => {
    const { dataId, shape, dtype } = (call.inputs as { x: tf.TensorInfo }).x;
    if ((call.attrs as { dtype: string }).dtype !== dtype) return stock(call);
    heap.backend.incRef(dataId);
    return { dataId, shape, dtype };
  };
}
