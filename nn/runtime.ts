/** The engine room: where tensors live and who multiplies them. One runtime is active in a process at a time. */
import type { Tensor } from '@tensorflow/tfjs';
import type { BackendName } from '../contracts/run-config.ts';

/** What became of a backend that was looked at. */
export interface Attempt {
  readonly name: BackendName;
  /** Milliseconds of a step of the real model; null when it was not timed. */
  readonly stepMs: number | null;
  /** Why it was not taken; null for the one that was. */
  readonly whyNot: string | null;
}

export interface Capabilities {
  /** Tensors live in a GPU's memory, and a read is a journey. */
  readonly gpu: boolean;
  /** `peek` works. */
  readonly syncRead: boolean;
  /** Same inputs, same bits, on every machine. */
  readonly deterministic: boolean;
  /** `upload` copies at once: the array stays the caller's. */
  readonly copies: boolean;
  /** Bytes of tensors that may exist at once; null where nobody can say. */
  readonly maxBytes: number | null;
}

/** How a block of weights moves; numbers as an optimiser step needs them, the schedule already applied. */
export interface UpdateRule {
  readonly name: 'sgd' | 'momentum' | 'adam';
  readonly rate: number;
  /** Of the gradient, from clipping. */
  readonly scale: number;
  /** Weight decay that joins the gradient. */
  readonly decay: number;
  /** Factor on the old weight where decay is decoupled, else 1. */
  readonly shrink: number;
  /** Share of the speed or of the first moment that stays; of the second. */
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Optimiser steps where the tensors live. Tensors in, new tensors out: what was there stays, so it stays a snapshot. */
export interface BlockUpdater {
  /**
   * @param block float32 tensors of one shape; `births` as in a parameter
   * @param correctionAt Adam's bias corrections for weights of that birth; asked once for each birth
   * @returns tensors that the caller disposes, and whether every new number is finite
   * @throws NN_OUT_OF_MEMORY
   */
  update(
    rule: UpdateRule,
    block: {
      readonly value: Tensor;
      readonly moments: readonly Tensor[];
      readonly gradient: Tensor;
      readonly births: number | Int32Array;
    },
    correctionAt: (birth: number) => { readonly first: number; readonly second: number },
  ): { readonly value: Tensor; readonly moments: readonly Tensor[]; readonly finite: boolean };
  /** Of all numbers, carried in 64 bits. */
  sumOfSquares(tensor: Tensor): number;
}

export interface TensorRuntime {
  readonly name: BackendName;
  /** Why this backend and no other, for the person who asks. */
  readonly reason: string;
  /** What computes, in words: `NVIDIA ...`, `TensorFlow 2.21.0 on the CPU: no GPU device`. */
  readonly device: string;
  /** Every backend that was looked at, in order, this one included. */
  readonly tried: readonly Attempt[];
  readonly capabilities: Capabilities;
  /** Optimiser steps in one pass, where the backend has them. */
  readonly updater?: BlockUpdater;
  /**
   * Makes a float32 tensor. The array belongs to the runtime afterwards; the caller disposes the tensor.
   * @throws NN_OUT_OF_MEMORY
   */
  upload(data: Float32Array, shape: readonly number[]): Tensor;
  /**
   * Looks at a tensor's numbers where they lie. Read only, and only until the next tensor is made: the heap may move.
   * @throws NN_OUT_OF_MEMORY, NN_NO_SYNC_READ where `capabilities.syncRead` is false
   */
  peek(tensor: Tensor): Float32Array;
  /** One read for many tensors: their numbers one after the other, copied. None of them may be disposed meanwhile. */
  readPacked(tensors: readonly Tensor[]): Promise<Float32Array>;
  memory(): { readonly tensors: number; readonly bytes: number };
  /**
   * Told by a plan with memory of its own, before it takes it; there where somebody set a limit on all of it together.
   * @param bytes all that the plan has then; 0 when it gives it back
   * @throws NN_OUT_OF_MEMORY
   */
  claim?(bytes: number): void;
  /**
   * Told of weights that lie beside the tensors, as they come and go; there where somebody set a limit.
   * @param bytes more of them, or fewer when negative
   * @throws NN_OUT_OF_MEMORY
   */
  rent?(bytes: number): void;
  /** Frees what the runtime itself keeps. Tensors of others stay theirs. */
  dispose(): void;
}
