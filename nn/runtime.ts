/** The engine room: where tensors live and who multiplies them. One runtime is active in a process at a time. */
import type { Tensor } from '@tensorflow/tfjs';

export interface TensorRuntime {
  readonly name: 'wasm' | 'cpu';
  /** Why this backend and no other, for the person who asks. */
  readonly reason: string;
  readonly capabilities: {
    /** `peek` answers at once, without a copy. */
    readonly syncRead: boolean;
    /** Same inputs, same bits, on every machine. */
    readonly deterministic: boolean;
  };
  /**
   * Makes a float32 tensor. The array belongs to the runtime afterwards; the caller disposes the tensor.
   * @throws NN_OUT_OF_MEMORY
   */
  upload(data: Float32Array, shape: readonly number[]): Tensor;
  /**
   * Looks at a tensor's numbers where they lie. Read only, and only until the next tensor is made: the heap may move.
   * @throws NN_OUT_OF_MEMORY
   */
  peek(tensor: Tensor): Float32Array;
  /** One read for many tensors: their numbers one after the other, copied. */
  readPacked(tensors: readonly Tensor[]): Promise<Float32Array>;
  memory(): { readonly tensors: number; readonly bytes: number };
  /** Frees what the runtime itself keeps. Tensors of others stay theirs. */
  dispose(): void;
}
