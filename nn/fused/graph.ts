/** A pass as a list of operations on shapes: what a trace leaves behind and a program is compiled from. */
import type { Activation } from '../../contracts/blueprint.ts';
import type { NormKind, Value, Window } from '../ops.ts';
import type { Parameter } from '../parameter.ts';

/** Works that need no more said than their inputs. */
type Bare<O extends string> = O extends string ? { readonly op: O } : never;

/** What a node does with its inputs, in the order in which `Ops` names them. */
export type Work =
  | Bare<'input' | 'view' | 'dense' | 'add' | 'multiply' | 'gate' | 'concat' | 'embed'>
  | { readonly op: 'weight'; readonly parameter: Parameter }
  | { readonly op: 'conv'; readonly window: Window }
  | { readonly op: 'depthwise'; readonly window: Window }
  | { readonly op: 'pool'; readonly kind: 'max' | 'mean'; readonly window: Window }
  | { readonly op: 'squeeze'; readonly kind: 'max' | 'mean' }
  | {
      readonly op: 'norm';
      readonly how: NormKind;
      /** With the batch's own figures, or at rest with the running ones. */
      readonly resting: boolean;
      readonly running: { readonly mean: Node; readonly variance: Node } | null;
    }
  | { readonly op: 'activate'; readonly activation: Activation }
  | { readonly op: 'scale'; readonly seedId: string }
  | { readonly op: 'slice'; readonly start: number }
  | { readonly op: 'addTo'; readonly start: number }
  | { readonly op: 'upsample'; readonly by: number }
  | { readonly op: 'attend'; readonly heads: number }
  | { readonly op: 'dropout'; readonly rate: number; readonly key: string };

/** One kind of work. */
export type Does<O extends Work['op']> = Extract<Work, { readonly op: O }>;

export interface Node extends Value {
  readonly work: Work;
  /** Null where the operation has none there: a missing bias or gain. */
  readonly inputs: ReadonlyArray<Node | null>;
  /** Whose numbers these are: the node itself, unless it is only another look at those of an earlier one. */
  readonly root: Node;
}

export const sizeOfShape = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
/** Places of a row: all axes but the last. */
export const placesOfShape = (shape: readonly number[]): number => sizeOfShape(shape.slice(0, -1));
export const widthOfShape = (shape: readonly number[]): number => shape.at(-1)!;

/** Inputs that are there. */
export const present = (inputs: ReadonlyArray<Node | null>): readonly Node[] =>
  inputs.filter((input) => input !== null);
