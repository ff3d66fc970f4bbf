/** Loads the package in a process of its own and says what computes: the proof that a setup worked. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import util from 'node:util';

const target = process.argv[2] ?? process.cwd();
process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
process.env.TF_CPP_MIN_LOG_LEVEL ??= '1';
// The package still calls two helpers that Node 23 removed.
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;

const tf = createRequire(join(target, 'package.json'))('@tensorflow/tfjs-node-gpu');
const product = tf.matMul(tf.ones([4, 100]), tf.ones([100, 4])).dataSync();
const { isUsingGpuDevice, binding } = tf.backend();
const right = product.every((value) => value === 100);
const device = isUsingGpuDevice ? 'on the GPU' : 'on the CPU: no GPU device';
console.log(`TensorFlow ${binding.TF_Version} ${device}; its sums are ${right ? 'right' : 'WRONG'}`);
process.exitCode = right ? 0 : 1;
