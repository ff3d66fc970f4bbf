/** What the outputs are worth: loss, its gradient, and the counts a person reads. Plain numbers, no tensors. */
import type { Evaluation, HostSpec } from './types.ts';

export type LossName = HostSpec['loss'];

/**
 * Mean loss of a batch and its gradient with respect to the outputs, `[rows, width]`.
 *
 * `mse`: mean over rows and outputs. `softmax_cross_entropy`: outputs are logits, mean over rows, computed relative
 * to the largest logit so that no finite logit overflows.
 */
export function lossAndGradient(
  loss: LossName,
  outputs: Float32Array,
  targets: Float32Array,
  rows: number,
): { readonly loss: number; readonly gradient: Float32Array } {
  const gradient = new Float32Array(outputs.length);
  return { loss: lossOf(loss, outputs, targets, rows, gradient), gradient };
}

/** The mean loss alone, to the last bit; and the gradient too where there is a place for it. */
function lossOf(
  loss: LossName,
  outputs: Float32Array,
  targets: Float32Array,
  rows: number,
  gradient: Float32Array | null,
): number {
  let sum = 0;
  if (loss === 'mse') {
    for (let i = 0; i < outputs.length; i++) {
      const off = outputs[i]! - targets[i]!;
      sum += off * off;
      if (gradient !== null) gradient[i] = (2 * off) / outputs.length;
    }
    return sum / outputs.length;
  }
  const width = outputs.length / rows;
  for (let row = 0; row < rows; row++)
    sum += softmaxRow(outputs, targets, gradient, row * width, width, rows);
  return sum / rows;
}

function softmaxRow(
  outputs: Float32Array,
  targets: Float32Array,
  gradient: Float32Array | null,
  at: number,
  width: number,
  rows: number,
): number {
  let largest = -Infinity;
  for (let i = at; i < at + width; i++) largest = Math.max(largest, outputs[i]!);
  let total = 0;
  for (let i = at; i < at + width; i++) total += Math.exp(outputs[i]! - largest);
  const logTotal = Math.log(total);
  let loss = 0;
  for (let i = at; i < at + width; i++) {
    const logShare = outputs[i]! - largest - logTotal;
    // A target of 0 must not turn an infinite logit into 0 * infinity.
    if (targets[i] !== 0) loss -= targets[i]! * logShare;
    if (gradient !== null) gradient[i] = (Math.exp(logShare) - targets[i]!) / rows;
  }
  return Number.isNaN(total) ? Number.NaN : loss;
}

/** Adds up batches into one evaluation. */
export class Tally {
  readonly #loss: LossName;
  readonly #classes: boolean;
  #sum = 0;
  #rows = 0;
  #right = 0;
  #within = 0;
  #outputs = 0;
  #signs = true;

  constructor(loss: LossName, kind: 'classes' | 'values') {
    this.#loss = loss;
    this.#classes = kind === 'classes';
  }

  add(outputs: Float32Array, targets: Float32Array, rows: number): void {
    const width = outputs.length / rows;
    this.#sum += lossOf(this.#loss, outputs, targets, rows, null) * rows;
    this.#rows += rows;
    this.#outputs += outputs.length;
    this.#signs &&= targets.every((target) => target === 1 || target === -1);
    // A margin is of signs: where a target is none, nobody asks for it.
    if (this.#signs)
      this.#within += countOf(outputs, targets, (output, target) => Math.abs(output - target) < 0.8);
    if (!this.#classes) {
      this.#right += countOf(outputs, targets, (output, target) => output * target > 0);
      return;
    }
    for (let row = 0; row < rows; row++) {
      const at = row * width;
      if (argMax(outputs, at, width) === argMax(targets, at, width)) this.#right++;
    }
  }

  result(): Evaluation {
    const share = this.#right / (this.#classes ? this.#rows : this.#outputs);
    return {
      loss: this.#sum / this.#rows,
      accuracy: this.#classes || this.#signs ? share : null,
      margin: this.#signs ? this.#within / this.#outputs : null,
      rows: this.#rows,
    };
  }
}

function countOf(
  outputs: Float32Array,
  targets: Float32Array,
  counts: (output: number, target: number) => boolean,
): number {
  let count = 0;
  for (let i = 0; i < outputs.length; i++) if (counts(outputs[i]!, targets[i]!)) count++;
  return count;
}

function argMax(values: Float32Array, at: number, width: number): number {
  let best = at;
  for (let i = at + 1; i < at + width; i++) if (values[i]! > values[best]!) best = i;
  return best - at;
}
