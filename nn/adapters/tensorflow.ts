/** The words of tensorflow.js that the library uses, with all of its types; loaded the cheap way. */
import { createRequire } from 'node:module';
import type * as tfjs from '@tensorflow/tfjs';

export type * from '@tensorflow/tfjs';
export type Layer = tfjs.layers.Layer;
export type LayersModel = tfjs.LayersModel;

/**
 * The very module that an `import` gives. Node reads all of its megabytes once more to find the names that a CommonJS
 * module exports before it imports one: three times the cost of loading it, in every thread that has tensors.
 */
const load = createRequire(import.meta.url);
const union = load('@tensorflow/tfjs') as typeof tfjs;

export const { add, div, equal, exp, log, max, maximum, mean, mul, neg, notEqual, sub, sum, abs } = union;
export const { relu, rsqrt, sigmoid, softmax, logSoftmax, sqrt, square, step, tanh, moments } = union;
export const { cast, clone, concat, gather, pad, reshape, slice, stack, tile, transpose, where } = union;
export const { argMax, matMul, fused, conv2d, depthwiseConv2d, avgPool, maxPool, batchNorm } = union;
export const { image, unsortedSegmentSum, ones, onesLike, scalar, tensor, tensor1d, tensor2d } = union;
export const { zerosLike, grad, dispose, keep, memory, tidy, engine, backend, setBackend } = union;
export const { findBackendFactory, registerBackend, removeBackend } = union;
export const { getGradient, getKernel, registerKernel, unregisterKernel } = union;
export const { backend_util, broadcast_util, util, io, serialization } = union;
export const { input, layers, model, LayersModel } = union;
