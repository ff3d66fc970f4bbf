/** The words of tensorflow.js that the library uses, with all of its types; loaded the cheap way. */
import { createRequire, Module } from 'node:module';
import type * as tfjs from '@tensorflow/tfjs';

export type * from '@tensorflow/tfjs';
export type Layer = tfjs.layers.Layer;
export type LayersModel = tfjs.LayersModel;

/**
 * The very modules that an `import` gives. Node reads all of their megabytes once more to find the names that a CommonJS
 * module exports before it imports one: three times the cost of loading it, in every thread that has tensors.
 */
const load = createRequire(import.meta.url);
const UNION = load.resolve('@tensorflow/tfjs');
/** Its parts, found from where it stands. */
const part = createRequire(UNION);
/** Half of the time it takes: a converter, a reader of data, a backend for browsers; and layers, see below. */
const SPARE = ['tfjs-converter', 'tfjs-data', 'tfjs-backend-webgl', 'tfjs-layers'];
const union = loadUnion();

/** What models of layers are read and written with: only then is it loaded, and the layers' classes are registered. */
export const layersPart = () =>
  part('@tensorflow/tfjs-layers') as Pick<typeof tfjs, 'input' | 'layers' | 'model' | 'LayersModel'>;
export const layers = () => layersPart().layers;

export const { add, div, equal, exp, log, max, maximum, mean, mul, neg, notEqual, sub, sum, abs } = union;
export const { relu, rsqrt, sigmoid, softmax, logSoftmax, sqrt, square, step, tanh, moments } = union;
export const { cast, clone, concat, gather, pad, reshape, slice, stack, tile, transpose, where } = union;
export const { argMax, matMul, fused, conv2d, depthwiseConv2d, avgPool, maxPool, batchNorm } = union;
export const { image, unsortedSegmentSum, ones, onesLike, scalar, tensor, tensor1d, tensor2d } = union;
export const { zerosLike, grad, dispose, keep, memory, tidy, engine, backend, setBackend } = union;
export const { findBackendFactory, registerBackend, removeBackend } = union;
export const { getGradient, getKernel, registerKernel, unregisterKernel } = union;
export const { backend_util, broadcast_util, util, io, serialization } = union;

/**
 * The core, its gradients, which come with nothing less, and plain tensors. Whoever else asks for the union gets it whole:
 * this one is known to nobody, and its parts are the same.
 */
function loadUnion(): typeof tfjs {
  const { cache } = load;
  if (cache[UNION] !== undefined) return load(UNION) as typeof tfjs;
  const files = SPARE.map((name) => part.resolve(`@tensorflow/${name}`)).filter((file) => !(file in cache));
  for (const file of files) cache[file] = Object.assign(new Module(file), { exports: {}, loaded: true });
  try {
    return load(UNION) as typeof tfjs;
  } finally {
    for (const file of [...files, UNION]) delete cache[file];
  }
}
