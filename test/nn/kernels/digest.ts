/** One number for all that the kernels compute on fixed input: two machines that agree on it agree on every bit. */
import { createHash } from 'node:crypto';
import { bytes } from '../../../nn/kernels/pack.wasm.ts';
import { createMemory, instantiate } from '../../../nn/kernels/web-assembly.ts';

type Kernel = (...numbers: number[]) => number;

/** @returns sha256 over the results of products, gradients and optimiser steps */
export function digest(): string {
  const memory = createMemory({ initial: 32 });
  const kernels = instantiate<Record<string, Kernel>>(bytes, memory);
  let end = 64;
  const room = (length: number) => {
    const at = end;
    end += (4 * length + 31) & ~15;
    return at;
  };
  let state = 7;
  const numbers = (length: number) => {
    const at = room(length);
    new Float32Array(memory.buffer, at, length).forEach((_, i, view) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      view[i] = state / 2 ** 31 - 1;
    });
    return at;
  };
  const results: (readonly [at: number, length: number])[] = [];
  /** Room for numbers that count; what kernels leave in scratch is their own affair. */
  const result = (length: number) => {
    const at = room(length);
    results.push([at, length]);
    return at;
  };
  const [a, b] = [numbers(37 * 300), numbers(300 * 19)];
  kernels.multiply!(37, 19, 300, a, 1200, 4, b, 76, result(37 * 19), 76, 0);
  kernels.multiply!(300, 19, 37, a, 4, 1200, b, 76, result(300 * 19), 76, 0);
  // 2 images of 9 x 7 with 5 channels, windows of 3 x 2 by steps of 2 x 1, 6 x 7 places, 4 channels out.
  const window = room(16);
  const geometry = [2, 9, 7, 5, 5, 7, 4, 3, 2, 2, 1, 1, 1, 1, 0];
  new Int32Array(memory.buffer, window, geometry.length).set(geometry);
  const [x, slopes, filter] = [numbers(2 * 63 * 5), numbers(2 * 35 * 5), numbers(30 * 5)];
  kernels.filterGradient!(window, x, slopes, result(30 * 4), room(3 * 7 * 30), 3);
  kernels.inputGradient!(window, slopes, filter, result(2 * 63 * 5), room(3 * 7 * 30), 3);
  new Int32Array(memory.buffer, window, geometry.length)[6] = 5;
  kernels.depthwiseFilterGradient!(window, x, slopes, result(30));
  kernels.depthwiseInputGradient!(window, slopes, filter, result(2 * 63 * 5));
  const rule = room(12);
  new Float32Array(memory.buffer, rule, 9).set([0.7, 0.01, 0.1, 0.99, 0.9, 0.1, 0.999, 0.001, 1e-8]);
  const triple = () => [result(630), result(630), result(630)] as const;
  kernels.adam!(rule, 1.5, 2.5, 630, x, x, a, x, ...triple());
  kernels.momentum!(rule, 630, x, x, a, ...triple().slice(1));
  kernels.sumRows!(300, 37, a, result(37));
  kernels.sumEach!(37, 300, a, result(37));
  kernels.addRow!(37, 300, a, b, result(37 * 300));
  kernels.rectify!(x, 630, 0.5);
  results.push([x, 630]);
  const square = result(2);
  new Float64Array(memory.buffer, square, 1)[0] = kernels.sumOfSquares!(a, 37 * 300);
  const hash = createHash('sha256');
  for (const [at, length] of results) hash.update(new Uint8Array(memory.buffer, at, 4 * length));
  return hash.digest('hex');
}
