/** What each kind of blueprint node owns and how it runs, inside a seed. */
import type { BlueprintNode } from '../contracts/blueprint.ts';
import type { HostLayer } from './host-layer.ts';
import type { Ops, Pair, Value, Window } from './ops.ts';
import type { Parameter } from './parameter.ts';
import type { Place } from './slots.ts';
import type { LayerSpec } from './types.ts';
import { runWay } from './way.ts';

type Of<O extends BlueprintNode['op']> = Extract<BlueprintNode, { op: O }>;
/** A node with a matrix of weights in it. */
export type WeightedNode = Of<'dense' | 'conv' | 'map' | 'depthwise'>;

/** Every norm inside a seed. */
export const LAYER_NORM = { kind: 'layer', epsilon: 1e-5, momentum: 0 } as const;

export const hasWeights = (node: BlueprintNode): node is WeightedNode =>
  node.op === 'dense' || node.op === 'conv' || node.op === 'map' || node.op === 'depthwise';

/** Does the node make features of its own number, instead of keeping those of its source? */
export const hasOwnWidth = (node: BlueprintNode): node is Of<'dense' | 'conv' | 'map'> =>
  node.op === 'dense' || node.op === 'conv' || node.op === 'map';

/** Keys of the blocks a node owns: `<node>.w` and `<node>.b`, or `<node>.gamma` and `<node>.beta`. */
export function blockKeys(node: BlueprintNode): readonly string[] {
  if (node.op === 'norm') return [`${node.id}.gamma`, `${node.id}.beta`];
  if (!hasWeights(node)) return [];
  return node.bias ? [`${node.id}.w`, `${node.id}.b`] : [`${node.id}.w`];
}

const square = (side: number): Window => ({ size: [side, side], stride: [1, 1], padding: 'same' });

/** The window of a node's map at this place of the host; null for a plain dense map. */
export function windowOf(node: WeightedNode, place: Place, specs: readonly LayerSpec[]): Window | null {
  if (node.op === 'dense') return null;
  if (node.op !== 'map') return square(node.size);
  const like = node.like === 'source' ? place.hidden : place.target;
  const spec = like === null ? undefined : specs[like - 1];
  return spec?.op === 'conv' ? spec.window : null;
}

/** Leading axes of a node's weights: the sides of its window. */
export const sidesOf = (window: Window | null): Pair | readonly [] => window?.size ?? [];

export interface BodySite {
  readonly place: Place;
  readonly layers: readonly HostLayer[];
  weight(key: string): { readonly parameter: Parameter; readonly learns: boolean } | null;
}

/** Runs one node on the values of its sources. */
export function runNode<V extends Value>(
  ops: Ops<V>,
  node: BlueprintNode,
  sources: readonly V[],
  site: BodySite,
): V {
  const [a, b, c] = sources as [V, V, V];
  const block = (key: string) => {
    const found = site.weight(`${node.id}.${key}`);
    return found === null ? null : ops.weight(found.parameter, found.learns);
  };
  switch (node.op) {
    case 'dense':
    case 'conv':
    case 'map':
    case 'depthwise': {
      const window = windowOf(
        node,
        site.place,
        site.layers.map(({ spec }) => spec),
      );
      const [w, bias] = [block('w')!, block('b')];
      if (window === null) return ops.activate(ops.dense(a, w, bias), node.activation);
      const map = node.op === 'depthwise' ? ops.depthwise(a, w, bias, window) : ops.conv(a, w, bias, window);
      return ops.activate(map, node.activation);
    }
    case 'norm': {
      const weights = {
        gamma: block('gamma'),
        beta: block('beta'),
        mean: null,
        variance: null,
        frozen: false,
      };
      return ops.norm(a, weights, LAYER_NORM);
    }
    case 'activate':
      return ops.activate(a, node.activation);
    case 'squeeze':
      return ops.squeeze(a, 'mean');
    case 'follow':
      return runWay(ops, node.id, site, a);
    case 'add':
    case 'multiply':
    case 'gate':
      return ops[node.op](a, b);
    case 'attend':
      return attend(ops, [a, b, c], node.heads);
  }
}

/** The pixels of an image are its places. */
function attend<V extends Value>(ops: Ops<V>, qkv: readonly [V, V, V], heads: number): V {
  const { shape } = qkv[0];
  const width = shape.at(-1)!;
  const places = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  if (shape.length === 2) return ops.attend(...qkv, heads);
  const [q, k, v] = qkv.map((value) => ops.reshape(value, [places, width])) as [V, V, V];
  return ops.reshape(ops.attend(q, k, v, heads), shape);
}
