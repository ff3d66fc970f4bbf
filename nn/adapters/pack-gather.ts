/** Kernels of the wasm backend that move or add numbers up: shared copies, sums by segment, sums by index letters. */

import type { PackHeap } from './pack-heap.ts';
import { type Kernels, runKernel } from './pack-kernels.ts';
import { sizeOf } from './pack-products.ts';
import * as tf from './tensorflow.ts';

export const gatherKernels = (heap: PackHeap): Kernels => ({
  // The stock kernel copies. Sharing the bytes makes a snapshot O(1) in the number of weights.
  Identity({ inputs }) {
    const { dataId, shape, dtype } = (inputs as { x: tf.TensorInfo }).x;
    heap.backend.incRef(dataId);
    return { dataId, shape, dtype };
  },
  UnsortedSegmentSum({ inputs, attrs }) {
    const { x, segmentIds } = inputs as { x: tf.TensorInfo; segmentIds: tf.TensorInfo };
    const { numSegments } = attrs as { numSegments: number };
    const inner = x.shape.slice(segmentIds.shape.length);
    const numbers = x.dtype === 'float32' ? x : runKernel(heap.backend, 'Cast', { x }, { dtype: 'float32' });
    const out = heap.output([numSegments, ...inner]);
    const sizes = [sizeOf(segmentIds.shape), sizeOf(inner), numSegments];
    heap.kernels.segmentSum(...sizes, heap.pointer(numbers), heap.pointer(segmentIds), heap.pointer(out));
    if (numbers !== x) heap.backend.disposeData(numbers.dataId);
    return out;
  },
  Einsum: ({ inputs, attrs }) =>
    einsum(heap, Object.values(inputs) as tf.TensorInfo[], (attrs as { equation: string }).equation),
});

/** Every operand is laid along all index letters, all are multiplied, and the letters missing from the result summed. */
function einsum({ backend }: PackHeap, operands: readonly tf.TensorInfo[], equation: string): tf.TensorInfo {
  const { allDims, summedDims, idDims } = tf.backend_util.decodeEinsumEquation(equation, operands.length);
  tf.backend_util.checkEinsumDimSizes(allDims.length, idDims, operands as tf.Tensor[]);
  const made: tf.TensorInfo[] = [];
  const run = (name: string, inputs: Record<string, tf.TensorInfo>, attrs: object = {}) => {
    const tensor = runKernel(backend, name, inputs, attrs);
    made.push(tensor);
    return tensor;
  };
  const laid = operands.map((operand, i) => {
    const { permutationIndices: perm, expandDims } = tf.backend_util.getEinsumPermutation(
      allDims.length,
      idDims[i]!,
    );
    const ordered = run('Transpose', { x: operand }, { perm });
    const shape = [...ordered.shape];
    for (const axis of expandDims) shape.splice(axis, 0, 1);
    return run('Reshape', { x: ordered }, { shape });
  });
  const whole = laid.reduce((a, b) => run('Multiply', { a, b }));
  const out =
    summedDims.length === 0 ? whole : run('Sum', { x: whole }, { axis: summedDims, keepDims: false });
  for (const tensor of made) if (tensor !== out) backend.disposeData(tensor.dataId);
  return out;
}
