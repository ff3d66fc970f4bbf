/** One thing a tensor backend has to get right: seeded inputs, and what is made of them. */
import * as tf from '@tensorflow/tfjs';
import type { Draw } from './draw.ts';

/** `values`: what comes out. `gradients`: what flows back to every input. `training`: weights after whole steps. */
export type Kind = 'values' | 'gradients' | 'training';

export interface Case {
  readonly group: string;
  /** A sentence; with the group it is unique, and it seeds the inputs. */
  readonly name: string;
  readonly kind: Kind;
  /** What cannot be had on any backend, where this case is the way round it. */
  readonly limit: string | null;
  /** Float32 tensors; gradients are taken by each of them. */
  inputs(draw: Draw): readonly tf.Tensor[];
  /** Any dtype comes out; it is read as float32. */
  work(...inputs: tf.Tensor[]): readonly tf.Tensor[];
}

type Inputs = (draw: Draw) => readonly tf.Tensor[];
type Work = (...inputs: tf.Tensor[]) => tf.Tensor | readonly tf.Tensor[];
type Unplaced = Omit<Case, 'group'>;

const made = (kind: Kind) => (name: string, inputs: Inputs, work: Work) => ({
  name,
  kind,
  limit: null,
  inputs,
  work: (...tensors: tf.Tensor[]) => [work(...tensors)].flat() as tf.Tensor[],
});

export const values = made('values');
export const gradients = made('gradients');
export const training = made('training');

/** Marks cases as ways round a limit that every backend has. */
export const around = (limit: string, ...cases: readonly Unplaced[]): readonly Unplaced[] =>
  cases.map((subject) => ({ ...subject, limit }));

export const group = (name: string, cases: ReadonlyArray<Unplaced | readonly Unplaced[]>): readonly Case[] =>
  cases.flat().map((subject) => ({ ...subject, group: name }));

export const int = (...numbers: number[]): tf.Tensor1D => tf.tensor1d(numbers, 'int32');
