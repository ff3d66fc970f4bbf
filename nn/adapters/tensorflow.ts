/** The words of tensorflow.js that the library uses, with all of its types; loaded the cheap way. */
import { createRequire } from 'node:module';
import type * as tfjs from '@tensorflow/tfjs';

export type * from '@tensorflow/tfjs';
export type Layer = tfjs.layers.Layer;
export type LayersModel = tfjs.LayersModel;

/**
 * The very modules that an `import` gives. Node reads all of their megabytes once more to find the names that a CommonJS
 * module exports before it imports one: three times the cost of loading it, in every thread that has tensors.
 */
const load = createRequire(import.meta.url);
/** Its parts, found from where it stands. All of it would bring a converter and a backend for browsers: twice the time. */
const part = createRequire(load.resolve('@tensorflow/tfjs'));
const core = part('@tensorflow/tfjs-core') as typeof tfjs;
part('@tensorflow/tfjs-backend-cpu'); // says to the core that it is there

/** What models of layers are read and written with: only then is it loaded, and the layers' classes are registered. */
export const layersPart = () =>
  part('@tensorflow/tfjs-layers') as Pick<typeof tfjs, 'input' | 'layers' | 'model' | 'LayersModel'>;
export const layers = () => layersPart().layers;

export const { add, div, equal, exp, log, max, maximum, mean, mul, neg, notEqual, sub, sum, abs } = core;
export const { relu, rsqrt, sigmoid, softmax, logSoftmax, sqrt, square, step, tanh, moments } = core;
export const { cast, clone, concat, gather, pad, reshape, slice, stack, tile, transpose, where } = core;
export const { argMax, matMul, fused, conv2d, depthwiseConv2d, avgPool, maxPool, batchNorm } = core;
export const { image, unsortedSegmentSum, ones, onesLike, scalar, tensor, tensor1d, tensor2d } = core;
export const { zerosLike, grad, dispose, keep, memory, tidy, engine, backend, setBackend } = core;
export const { findBackendFactory, registerBackend, removeBackend } = core;
export const { getGradient, getKernel, registerKernel, unregisterKernel } = core;
export const { backend_util, broadcast_util, util, io, serialization } = core;
