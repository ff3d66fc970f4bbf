/** A blueprint become flesh: its weights between two widths of the host, and how to run them. */
import type { BlueprintIR, BlueprintNode } from '../contracts/blueprint.ts';
import type { RandomStream } from '../contracts/random-stream.ts';
import { resolveWidth, sortNodes, sourcesOf, widthTokens } from './blueprint-check.ts';
import type { HostLayer } from './host-layer.ts';
import { blockKeys, hasOwnWidth, hasWeights, runNode, sidesOf, windowOf } from './node-ops.ts';
import type { Ops, Value } from './ops.ts';
import { allOrNone, createParameter, type Parameter, sizeOf } from './parameter.ts';
import type { TensorRuntime } from './runtime.ts';
import type { Place } from './slots.ts';
import { drawDense } from './start.ts';
import type { LayerSpec } from './types.ts';
import { drawWay, wayBlocks } from './way.ts';

/** One end of a slot: the name of its axis and the present width. */
export interface Axis {
  readonly dim: string;
  readonly size: number;
}

/** The two ends of a slot. @param units of the cascade fossils that a seed reads beside the input */
export function endsAt(
  { fromDim, toDim, source, target, columns }: Place,
  seedId: string,
  shapes: ReadonlyArray<readonly number[]>,
  units: readonly number[],
): { readonly from: Axis; readonly to: Axis } {
  const features = (layer: number) => columns?.size ?? shapes[layer]!.at(-1)!;
  const to = { dim: toDim, size: features(target) };
  if (fromDim !== null) return { from: { dim: fromDim, size: features(source) }, to };
  return { from: { dim: `${seedId}.in`, size: units.reduce((a, b) => a + b, features(0)) }, to };
}

export interface SeedBody {
  readonly place: Place;
  /** Sources before readers. */
  readonly order: readonly BlueprintNode[];
  readonly output: string;
  /** The node that the output map reads: the seed's own units. */
  readonly units: string;
  /** Weights by `<node>.<block>`: `w`, `b`, or of a norm `gamma`, `beta`; on a way through the host, by `wayKey`. */
  readonly parameters: ReadonlyMap<string, Parameter>;
}

/** Where a body stands. */
export interface Bed {
  readonly seedId: string;
  readonly place: Place;
  /** The host's layers, for maps that are made like them. */
  readonly specs: readonly LayerSpec[];
  readonly from: Axis;
  readonly to: Axis;
}

interface Soil extends Bed {
  readonly momentCount: number;
  readonly random: RandomStream;
}

/** A block of weights that a node owns. */
interface BodyBlock {
  readonly key: string;
  readonly dims: readonly string[];
  readonly shape: readonly number[];
}

/** Draws a seed's weights. The body owns its tensors until each is disposed. */
export function growBody(runtime: TensorRuntime, blueprint: BlueprintIR, soil: Soil): SeedBody {
  const { seedId, place, momentCount, random } = soil;
  const order = sortedNodes(blueprint);
  const parameters = allOrNone((note) => {
    const made = new Map<string, Parameter>();
    for (const { node, input, blocks } of bodyBlocks(order, soil)) {
      const data =
        node.op === 'follow'
          ? drawWay(wayBlocks(node.id, place, soil.specs, input.size), soil.specs, random.split(node.id))
          : drawNode(node, blocks, random);
      blocks.forEach(({ key, dims, shape }, i) => {
        const block = { name: `${seedId}/${key}`, dims, shape, data: data[i]! };
        made.set(key, note(createParameter(runtime, momentCount, block)));
      });
    }
    return made;
  });
  return { place, order, parameters, ...endsOf(blueprint) };
}

/** The blocks of weights of every node, in the order in which they are saved. @param order sorted */
export function bodyBlocks(
  order: readonly BlueprintNode[],
  bed: Bed,
): ReadonlyArray<{
  readonly node: BlueprintNode;
  readonly input: Axis;
  readonly blocks: readonly BodyBlock[];
}> {
  const { seedId, from, to } = bed;
  const widths = widthTokens(order);
  const axes = new Map<string, Axis>([['in', from]]);
  return order.map((node) => {
    const input = axes.get(sourcesOf(node)[0]!)!;
    const axis = hasOwnWidth(node)
      ? {
          dim: node.units === 'in' ? from.dim : node.units === 'out' ? to.dim : `${seedId}.${node.id}`,
          size: resolveWidth(widths.get(node.id)!, from.size, to.size),
        }
      : node.op === 'follow'
        ? alongWay(node.id, input, bed, bed.place.follow.at(-1)?.each ?? 1)
        : input;
    axes.set(node.id, axis);
    return { node, input, blocks: nodeBlocks(node, input, axis, bed) };
  });
}

/** The axis of new units where each has so many features. */
const alongWay = (node: string, units: Axis, { seedId }: Bed, each: number): Axis =>
  each === 1 ? units : { dim: `${seedId}.${node}.x${each}`, size: units.size * each };

function nodeBlocks(node: BlueprintNode, input: Axis, axis: Axis, bed: Bed): readonly BodyBlock[] {
  const { seedId, place, specs } = bed;
  const line = (key: string) => ({ key: `${node.id}.${key}`, dims: [axis.dim], shape: [axis.size] });
  if (node.op === 'norm') return [line('gamma'), line('beta')];
  if (node.op === 'follow') {
    return wayBlocks(node.id, place, specs, input.size).map(({ key, shape, axes, each }) => {
      const { dim } = alongWay(node.id, input, bed, each);
      return { key, shape, dims: axes.map((one, at) => (one === 'in' ? dim : `${seedId}.${key}.${at}`)) };
    });
  }
  if (!hasWeights(node)) return [];
  const sides = sidesOf(windowOf(node, place, specs));
  const alone = node.op === 'depthwise';
  const window = sides.map((_, i) => `${seedId}.${node.id}.${i}`);
  const dims = alone ? [axis.dim, `${seedId}.${node.id}.one`] : [input.dim, axis.dim];
  const shape = alone ? [axis.size, 1] : [input.size, axis.size];
  const map = { key: `${node.id}.w`, dims: [...window, ...dims], shape: [...sides, ...shape] };
  return node.bias ? [map, line('b')] : [map];
}

/** The numbers of a node's blocks at birth. */
function drawNode(
  node: BlueprintNode,
  blocks: readonly BodyBlock[],
  random: RandomStream,
): readonly Float32Array[] {
  if (node.op === 'norm') {
    return blocks.map((block, i) =>
      new Float32Array(sizeOf(block)).fill(i === 0 && node.start === 'one' ? 1 : 0),
    );
  }
  const [map] = blocks;
  if (map === undefined || !hasWeights(node)) return [];
  const units = map.shape.at(node.op === 'depthwise' ? -2 : -1)!;
  const { weights, bias } = drawDense(node.start, sizeOf(map) / units, units, random.split(node.id));
  return [weights, bias];
}

/** Node ids of a blueprint's output and of the units it reads. */
export function endsOf(blueprint: BlueprintIR): { readonly output: string; readonly units: string } {
  const output = blueprint.nodes.find(({ id }) => id === blueprint.output);
  return { output: blueprint.output, units: output?.op === 'dense' ? output.from : blueprint.output };
}

/** Keys of all blocks of weights of a blueprint at a place of a host. */
export const bodyKeys = (
  { nodes }: BlueprintIR,
  place: Pick<Place, 'follow'>,
  specs: readonly LayerSpec[],
): readonly string[] =>
  nodes.flatMap((node) =>
    node.op === 'follow' ? wayBlocks(node.id, place, specs, 1).map(({ key }) => key) : blockKeys(node),
  );

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
