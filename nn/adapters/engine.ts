/** What every tensorflow.js runtime does alike: uploads, packed reads, counts. The adapters add how to look at memory. */
import * as tf from '@tensorflow/tfjs';
import type { TensorRuntime } from '../runtime.ts';

interface Backend {
  readonly name: 'wasm' | 'cpu';
  readonly reason: string;
  peek(tensor: tf.Tensor): Float32Array;
}

/** Wraps a backend that tensorflow.js runs already. */
export function engineRuntime({ name, reason, peek }: Backend): TensorRuntime {
  return {
    name,
    reason,
    capabilities: { syncRead: true, deterministic: true },
    upload(data, shape) {
      const tensor = tf.tensor(data, [...shape], 'float32');
      peek(tensor);
      return tensor;
    },
    peek,
    async readPacked(tensors) {
      const packed = new Float32Array(tensors.reduce((total, { size }) => total + size, 0));
      let at = 0;
      for (const tensor of tensors) {
        packed.set(peek(tensor), at);
        at += tensor.size;
      }
      return packed;
    },
    memory() {
      const { numTensors, numBytes } = tf.memory();
      return { tensors: numTensors, bytes: numBytes };
    },
    dispose: () => {},
  };
}
