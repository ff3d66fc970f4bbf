/** A blueprint become flesh: its weights between two widths of the host, and how to run them. */
import type { BlueprintIR, BlueprintNode } from '../contracts/blueprint.ts';
import type { RandomStream } from '../contracts/random-stream.ts';
import { resolveWidth, sortNodes, sourcesOf, widthTokens } from './blueprint-check.ts';
import type { HostLayer } from './host-layer.ts';
import {
  blockKeys,
  hasOwnWidth,
  hasWeights,
  runNode,
  sidesOf,
  type WeightedNode,
  windowOf,
} from './node-ops.ts';
import type { Ops, Value } from './ops.ts';
import { createParameter, type Parameter } from './parameter.ts';
import type { TensorRuntime } from './runtime.ts';
import type { Place } from './slots.ts';
import { drawDense } from './start.ts';
import type { LayerSpec } from './types.ts';

/** One end of a slot: the name of its axis and the present width. */
export interface Axis {
  readonly dim: string;
  readonly size: number;
}

export interface SeedBody {
  readonly place: Place;
  /** Sources before readers. */
  readonly order: readonly BlueprintNode[];
  readonly output: string;
  /** The node that the output map reads: the seed's own units. */
  readonly units: string;
  /** Weights by `<node>.<block>`: `w`, `b`, or of a norm `gamma`, `beta`. */
  readonly parameters: ReadonlyMap<string, Parameter>;
}

interface Soil {
  readonly seedId: string;
  readonly place: Place;
  /** The host's layers, for maps that are made like them. */
  readonly specs: readonly LayerSpec[];
  readonly from: Axis;
  readonly to: Axis;
  readonly momentCount: number;
  readonly random: RandomStream;
}

/** Draws a seed's weights. The body owns its tensors until `disposeParameter` is called on each. */
export function growBody(runtime: TensorRuntime, blueprint: BlueprintIR, soil: Soil): SeedBody {
  const { seedId, from, to } = soil;
  const order = sortedNodes(blueprint);
  const widths = widthTokens(order);
  const axes = new Map<string, Axis>([['in', from]]);
  const parameters = new Map<string, Parameter>();
  for (const node of order) {
    const input = axes.get(sourcesOf(node)[0]!)!;
    const axis = hasOwnWidth(node)
      ? {
          dim: node.units === 'in' ? from.dim : node.units === 'out' ? to.dim : `${seedId}.${node.id}`,
          size: resolveWidth(widths.get(node.id)!, from.size, to.size),
        }
      : input;
    axes.set(node.id, axis);
    for (const [key, block] of drawNode(node, input, axis, soil)) {
      const named = { name: `${seedId}/${key}`, ...block };
      parameters.set(key, createParameter(runtime, soil.momentCount, named));
    }
  }
  return { place: soil.place, order, parameters, ...endsOf(blueprint) };
}

interface Block {
  readonly dims: readonly string[];
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

function* drawNode(
  node: BlueprintNode,
  input: Axis,
  axis: Axis,
  soil: Soil,
): Iterable<readonly [string, Block]> {
  if (node.op === 'norm') {
    const gain = new Float32Array(axis.size).fill(node.start === 'zero' ? 0 : 1);
    yield [`${node.id}.gamma`, { dims: [axis.dim], shape: [axis.size], data: gain }];
    yield [`${node.id}.beta`, { dims: [axis.dim], shape: [axis.size], data: new Float32Array(axis.size) }];
  } else if (hasWeights(node)) yield* drawMap(node, input, axis, soil);
}

function* drawMap(
  node: WeightedNode,
  input: Axis,
  axis: Axis,
  { seedId, place, specs, random }: Soil,
): Iterable<readonly [string, Block]> {
  const sides = sidesOf(windowOf(node, place, specs));
  const places = sides.reduce((a, b) => a * b, 1);
  const alone = node.op === 'depthwise';
  const drawn = drawDense(node.start, places * (alone ? 1 : input.size), axis.size, random.split(node.id));
  const window = sides.map((_, i) => `${seedId}.${node.id}.${i}`);
  const dims = alone ? [axis.dim, `${seedId}.${node.id}.one`] : [input.dim, axis.dim];
  const shape = alone ? [axis.size, 1] : [input.size, axis.size];
  yield [`${node.id}.w`, { dims: [...window, ...dims], shape: [...sides, ...shape], data: drawn.weights }];
  if (node.bias) yield [`${node.id}.b`, { dims: [axis.dim], shape: [axis.size], data: drawn.bias }];
}

/** Node ids of a blueprint's output and of the units it reads. */
export function endsOf(blueprint: BlueprintIR): { readonly output: string; readonly units: string } {
  const output = blueprint.nodes.find(({ id }) => id === blueprint.output);
  return { output: blueprint.output, units: output?.op === 'dense' ? output.from : blueprint.output };
}

/** Keys of all blocks of weights of a blueprint. */
export const blueprintKeys = ({ nodes }: BlueprintIR): readonly string[] => nodes.flatMap(blockKeys);

export function sortedNodes(blueprint: BlueprintIR): readonly BlueprintNode[] {
  const order = sortNodes(blueprint.nodes);
  if (order === null) throw new Error(`blueprint ${blueprint.id} was not checked: its nodes form a cycle`);
  return order;
}

/**
 * Runs a body on `input`, shaped as its slot's source.
 * @param learns which of its weights get a gradient
 */
export function runBody<V extends Value>(
  ops: Ops<V>,
  { place, order, output, units, parameters }: SeedBody,
  input: V,
  {
    learns,
    layers,
  }: { readonly learns: (parameter: Parameter) => boolean; readonly layers: readonly HostLayer[] },
): { readonly output: V; readonly units: V; readonly values: ReadonlyMap<string, V> } {
  const values = new Map<string, V>([['in', input]]);
  const weight = (key: string) => {
    const parameter = parameters.get(key);
    return parameter === undefined ? null : { parameter, learns: learns(parameter) };
  };
  for (const node of order) {
    const sources = sourcesOf(node).map((id) => values.get(id)!);
    values.set(node.id, runNode(ops, node, sources, { place, layers, weight }));
  }
  return { output: values.get(output)!, units: values.get(units)!, values };
}
