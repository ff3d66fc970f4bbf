/** Matrix products for the wasm backend: right and fast in all transpositions, with or without bias and activation. */

import type { PackHeap } from './pack-heap.ts';
import { type Kernels, runKernel } from './pack-kernels.ts';
import * as tf from './tensorflow.ts';

interface Factors {
  readonly a: tf.TensorInfo;
  readonly b: tf.TensorInfo;
}
interface Transposed {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}
interface Fused extends Transposed {
  readonly activation: 'linear' | 'relu' | 'relu6' | 'elu' | 'sigmoid' | 'prelu' | 'leakyrelu';
  readonly leakyreluAlpha?: number;
}
interface FusedInputs extends Factors {
  readonly bias?: tf.TensorInfo;
  readonly preluActivationWeights?: tf.TensorInfo;
}

/** @see nn/kernels/assembly/shared/gemm.ts */
export const productKernels = (heap: PackHeap): Kernels => ({
  BatchMatMul: ({ inputs, attrs }) =>
    product(heap, inputs as unknown as Factors, attrs as unknown as Transposed, null),
  _FusedMatMul: ({ inputs, attrs }) =>
    fusedProduct(heap, inputs as unknown as FusedInputs, attrs as unknown as Fused),
});

function fusedProduct(heap: PackHeap, inputs: FusedInputs, how: Fused): tf.TensorInfo {
  const { bias, preluActivationWeights } = inputs;
  const columns = inputs.b.shape.at(how.transposeB ? -2 : -1)!;
  const row = bias !== undefined && bias.shape.length === 1 && bias.shape[0] === columns ? bias : null;
  let out = product(heap, inputs, how, row);
  const replace = (name: string, more: Record<string, tf.TensorInfo>, attrs: tf.NamedAttrMap = {}) => {
    const next = runKernel(heap.backend, name, { x: out, ...more }, attrs);
    heap.backend.disposeData(out.dataId);
    out = next;
  };
  if (bias !== undefined && row === null) replace('Add', { a: out, b: bias });
  switch (how.activation) {
    case 'linear':
      return out;
    case 'relu':
    case 'relu6':
      heap.kernels.rectify(heap.pointer(out), sizeOf(out.shape), how.activation === 'relu6' ? 6 : Infinity);
      return out;
    case 'elu':
      replace('Elu', {});
      return out;
    case 'sigmoid':
      replace('Sigmoid', {});
      return out;
    case 'leakyrelu':
      replace('LeakyRelu', {}, { alpha: how.leakyreluAlpha ?? 0 });
      return out;
    case 'prelu':
      replace('Prelu', { alpha: preluActivationWeights! });
      return out;
  }
}

/** `a . b` over the last two axes, the axes before them broadcast. @param bias `[columns]` or null */
function product(
  heap: PackHeap,
  { a, b }: Factors,
  { transposeA, transposeB }: Transposed,
  bias: tf.TensorInfo | null,
): tf.TensorInfo {
  tf.util.assert(
    a.dtype === 'float32' && b.dtype === 'float32',
    () => 'matMul on wasm needs float32 tensors',
  );
  const m = a.shape.at(transposeA ? -1 : -2)!;
  const k = a.shape.at(transposeA ? -2 : -1)!;
  const n = b.shape.at(transposeB ? -2 : -1)!;
  tf.util.assert(
    b.shape.at(transposeB ? -1 : -2) === k,
    () => `matMul of [${a.shape}] and [${b.shape}]: inner sizes differ`,
  );
  const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  const batch = tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
  const count = sizeOf(batch);
  const { kernels } = heap;
  // Scratch first: whatever allocates may grow the heap, but never moves what lies in it.
  const turned = transposeB ? heap.scratch(4 * k * n + 16) : 0;
  const out = heap.output([...batch, m, n]);
  const [from, by, to] = [heap.pointer(a), heap.pointer(b), heap.pointer(out)];
  if (bias !== null) kernels.fillRows(count * m, n, heap.pointer(bias), to);
  const onto = bias === null ? 0 : 1;
  const [row, step] = transposeA ? [4, 4 * m] : [4 * k, 4];
  // One B for all and A as it lies: the whole batch is one tall matrix.
  const tall = sizeOf(batchB) === 1 && !transposeA && sizeOf(batchA) === count;
  const rounds = tall ? 1 : count;
  const [placesA, placesB] = [places(batchA, batch), places(batchB, batch)];
  let last = -1;
  for (let i = 0; i < rounds; i++) {
    const right = placesB(i);
    if (transposeB && right !== last) kernels.transpose(n, k, by + 4 * k * n * right, turned);
    last = right;
    const at = transposeB ? turned : by + 4 * k * n * right;
    kernels.multiply(
      ...[tall ? count * m : m, n, k],
      ...[from + 4 * m * k * placesA(i), row, step],
      ...[at, 4 * n],
      ...[to + 4 * m * n * i, 4 * n, onto],
    );
  }
  return out;
}

/** Which matrix of a batch of shape `own` belongs to the i-th of the broadcast shape `all`. */
function places(own: readonly number[], all: readonly number[]): (i: number) => number {
  const size = sizeOf(own);
  if (size === 1) return () => 0;
  if (size === sizeOf(all)) return (i) => i;
  return (i) => {
    let rest = i;
    let place = 0;
    let stride = 1;
    for (let axis = 1; axis <= all.length; axis++) {
      const length = all.at(-axis)!;
      const mine = own.at(-axis) ?? 1;
      if (mine > 1) place += (rest % length) * stride;
      rest = Math.floor(rest / length);
      stride *= mine;
    }
    return place;
  };
}

export const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
