/** What every tensorflow.js runtime does alike: uploads, packed reads, counts. The adapters add how to look at memory. */

import type { BackendName } from '../../contracts/run-config.ts';
import type { BlockUpdater, TensorRuntime } from '../runtime.ts';
import { scoped } from '../scoped.ts';
import { noSyncRead } from './refusals.ts';
import * as tf from './tensorflow.ts';

interface Backend {
  readonly name: BackendName;
  readonly reason: string;
  /** The name unless said. */
  readonly device?: string;
  readonly gpu?: boolean;
  /** True unless said. */
  readonly deterministic?: boolean;
  /** False unless said. */
  readonly copies?: boolean;
  readonly maxBytes?: number | null;
  /** Looks where the numbers lie; null where only asynchronous reads exist. */
  readonly peek: ((tensor: tf.Tensor) => Float32Array) | null;
  /** A look is a journey to another memory: many tensors are packed there and fetched at once. */
  readonly distant?: boolean;
  readonly updater?: BlockUpdater;
  dispose?(): void;
}

/** Wraps a backend that tensorflow.js runs already. */
export function engineRuntime(backend: Backend): TensorRuntime {
  const { name, reason, peek, distant = peek === null } = backend;
  return {
    name,
    reason,
    device: backend.device ?? name,
    tried: [{ name, stepMs: null, whyNot: null }],
    capabilities: {
      gpu: backend.gpu ?? false,
      syncRead: peek !== null,
      deterministic: backend.deterministic ?? true,
      copies: backend.copies ?? false,
      maxBytes: backend.maxBytes ?? null,
    },
    ...(backend.updater === undefined ? {} : { updater: backend.updater }),
    upload(data, shape) {
      const tensor = tf.tensor(data, [...shape], 'float32');
      // A heap that is full says so only when it is looked at.
      if (!distant) peek?.(tensor);
      return tensor;
    },
    peek(tensor) {
      if (peek === null) throw noSyncRead(name);
      return peek(tensor);
    },
    readPacked: (tensors) => (distant || peek === null ? fetchPacked(tensors) : copyPacked(tensors, peek)),
    memory() {
      const { numTensors, numBytes } = tf.memory();
      return { tensors: numTensors, bytes: numBytes };
    },
    dispose: () => backend.dispose?.(),
  };
}

async function copyPacked(
  tensors: readonly tf.Tensor[],
  peek: (tensor: tf.Tensor) => Float32Array,
): Promise<Float32Array> {
  const packed = new Float32Array(tensors.reduce((total, { size }) => total + size, 0));
  let at = 0;
  for (const tensor of tensors) {
    packed.set(peek(tensor), at);
    at += tensor.size;
  }
  return packed;
}

/** Laid side by side where they live, then read once. */
async function fetchPacked(tensors: readonly tf.Tensor[]): Promise<Float32Array> {
  const filled = tensors.filter(({ size }) => size > 0);
  if (filled.length === 0) return new Float32Array(0);
  const packed = scoped(() => tf.keep(tf.concat(filled.map((tensor) => tf.reshape(tensor, [-1])))));
  try {
    return (await packed.data<'float32'>()).slice();
  } finally {
    packed.dispose();
  }
}
