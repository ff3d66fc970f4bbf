/** How the tensors of a grown network are wired, for a reader without this program. */
import type { HostState, Seed } from '../host-state.ts';
import { hasUnits } from '../layer-ops.ts';
import type { Parameter } from '../parameter.ts';
import { inputShapeOf } from '../slots.ts';
import type { HostSpec } from '../types.ts';

/** Blocks of weights: by key within their layer or branch, the name of the tensor. */
type Weights = Readonly<Record<string, string>>;

export interface ModelGraph {
  readonly format: 'esper-graph';
  readonly version: 2;
  /** Numbers in a row, and what a row is: images are `[height, width, channels]`. */
  readonly inputs: number;
  readonly inputShape: readonly number[];
  readonly loss: string;
  /** What is done to the outputs for whoever asks; null for nothing. */
  readonly head: 'softmax' | null;
  readonly outputShape: readonly number[] | null;
  /** In the order in which they are computed, each reading earlier ones; `x` is the input. The last one is the output. */
  readonly layers: readonly GraphLayer[];
  readonly branches: readonly GraphBranch[];
}

/** `op` and what belongs to it, as in the specification of a host; `units` and a reshape's `shape` are the present ones. */
export interface GraphLayer {
  readonly name: string;
  readonly op: string;
  readonly from: readonly string[];
  readonly weights: Weights;
  readonly [detail: string]: unknown;
}

/**
 * Added to `to`, in this order. `columns` are those of `from` and `to` that it reads and changes; null for all. A
 * cascade branch reads `from` beside the units of all branches named in `besides`.
 */
export interface GraphBranch {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly columns: { readonly start: number; readonly size: number } | null;
  readonly besides: readonly string[];
  /** Sources before readers; `in` is what the branch reads. */
  readonly nodes: readonly unknown[];
  readonly output: string;
  readonly weights: Weights;
  /** The layer that a node `map` like the source resembles, and the one that a node like the target does. */
  readonly source: string | null;
  readonly target: string;
  /** The layers that a node `follow` runs through, with `<node>.<layer>.<block>` in the place of their own blocks. */
  readonly follow: readonly string[];
}

/** @param shapes of one row now, from the input on */
export function graphOf(
  spec: HostSpec,
  state: HostState,
  shapes: ReadonlyArray<readonly number[]>,
): ModelGraph {
  return {
    format: 'esper-graph',
    version: 2,
    inputs: spec.inputs,
    inputShape: inputShapeOf(spec),
    loss: spec.loss,
    head: spec.head ?? null,
    outputShape: spec.outputShape ?? null,
    layers: state.layers.map(({ spec: layer, from, parameters }, i) => {
      const { from: _, frozen: __, ...details } = { from: [], frozen: false, ...layer };
      const units = hasUnits(layer) ? { units: parameters.get('w')!.shape.at(-1)! } : {};
      const now = layer.op === 'reshape' ? { shape: shapes[i + 1]! } : units;
      return {
        ...details,
        ...now,
        name: `h${i + 1}`,
        op: layer.op ?? 'dense',
        from: from.map(tensorName),
        weights: namesOf(parameters),
      };
    }),
    branches: [...state.seeds.values()].filter(({ fossil }) => fossil).map((seed) => branchOf(seed, state)),
  };
}

function branchOf({ seedId, place, sources, body }: Seed, { cascade }: HostState): GraphBranch {
  return {
    name: seedId,
    from: place.from,
    to: place.to,
    columns: place.columns,
    besides: cascade.slice(0, sources),
    nodes: body.order,
    output: body.output,
    weights: namesOf(body.parameters),
    source: place.hidden === null ? null : tensorName(place.hidden),
    target: tensorName(place.target),
    follow: place.follow.map(({ layer }) => tensorName(layer)),
  };
}

const namesOf = (parameters: ReadonlyMap<string, Parameter>): Weights =>
  Object.fromEntries([...parameters].map(([key, { name }]) => [key, name]));

const tensorName = (layer: number) => (layer === 0 ? 'x' : `h${layer}`);
