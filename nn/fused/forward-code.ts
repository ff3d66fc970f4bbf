/** Writes the instructions of a pass, from the input to an output. */
import type { Activation } from '../../contracts/blueprint.ts';
import { dropoutKey } from '../dropout-mask.ts';
import type { Parameter } from '../parameter.ts';
import type { Operand } from './draft.ts';
import type { Fusion } from './fusion.ts';
import { type Does, type Node, placesOfShape, present, sizeOfShape, widthOfShape } from './graph.ts';
import { activationCodes, address, nowhere } from './opcodes.ts';
import { pictureOf } from './picture.ts';
import type { Places } from './places.ts';

export interface ForwardSite {
  readonly places: Places;
  readonly fusion: Fusion;
  /** Address of the step's number, for dropouts. */
  readonly stepCell: number;
  /** Do the running figures of this batch norm move by what the pass sees? */
  readonly follows: (figures: Parameter) => boolean;
}

/** Writes one node. Weights, inputs and mere views need nothing. */
export function writeForward(site: ForwardSite, node: Node): void {
  const { work } = node;
  if (work.op === 'dense' || work.op === 'conv' || work.op === 'depthwise') map(site, node);
  else if (work.op === 'activate') bend(site, node, work.activation);
  else if (work.op === 'norm') norm(site, node, work);
  else if (work.op === 'pool' || work.op === 'squeeze' || work.op === 'upsample') resample(site, node, work);
  else if (work.op === 'attend') attend(site, node, work.heads);
  else if (work.op === 'concat' || work.op === 'slice' || work.op === 'addTo') columns(site, node, work);
  else if (work.op !== 'input' && work.op !== 'weight' && work.op !== 'view') join(site, node, work);
}

const codeOf = (bendNode: Node | null): number =>
  bendNode?.work.op === 'activate' ? activationCodes[bendNode.work.activation] : activationCodes.linear;

function map({ places, fusion }: ForwardSite, node: Node): void {
  const [x, w, b] = node.inputs as [Node, Node, Node | null];
  const later = fusion.leavesToPool(node);
  const { work } = node;
  const list = work.op === 'dense' ? places.listFor(x) : null;
  const common = {
    x: list === null ? places.of(x) : address('inputs', 0),
    w: places.of(w),
    b: later ? nowhere : places.of(b),
    out: places.make(node),
    activation: later ? activationCodes.linear : codeOf(fusion.bendOf(node)),
  };
  if (work.op === 'dense') {
    const sizes = { ins: widthOfShape(x.shape), units: widthOfShape(node.shape) };
    if (list === null) places.draft.emit('dense', { ...common, ...sizes, places: placesOfShape(x.shape) });
    else places.draft.emit('denseListed', { ...common, ...sizes, list });
  } else if (work.op === 'conv') {
    const picture = pictureOf(x.shape, node.shape, work.window);
    places.draft.emit('conv', { ...common, ...picture, filters: widthOfShape(node.shape) });
  } else if (work.op === 'depthwise') {
    places.draft.emit('depthwise', { ...common, ...pictureOf(x.shape, node.shape, work.window) });
  }
}

function bend({ places, fusion }: ForwardSite, node: Node, activation: Activation): void {
  const z = node.inputs[0]!;
  if (fusion.isMerged(node)) {
    places.share(node, z);
    return;
  }
  const inPlace = activation !== 'gaussian' || !node.needs;
  const from = places.of(z);
  const out = inPlace && fusion.mayOverwrite(z, node) ? places.share(node, z) : places.make(node);
  places.draft.emit('activate', {
    z: from,
    out,
    size: sizeOfShape(node.shape),
    activation: activationCodes[activation],
  });
}

function norm({ places, follows }: ForwardSite, node: Node, { how, resting, running }: Does<'norm'>): void {
  const [x, gamma, beta] = node.inputs as [Node, Node | null, Node | null];
  const { draft } = places;
  const channels = widthOfShape(x.shape);
  const shape = { places: placesOfShape(x.shape), channels };
  const common = { x: places.of(x), gamma: places.of(gamma), beta: places.of(beta), out: places.make(node) };
  const layer = how.kind === 'layer';
  const parameterOf = ({ work }: Node) => (work as Does<'weight'>).parameter;
  const followed = running !== null && !resting && follows(parameterOf(running.mean));
  const stats = layer ? draft.buffer(2 * shape.places) : draft.buffer(0, 3 * channels, { pinned: followed });
  places.extras.set(node, stats);
  if (layer) {
    draft.emit('layerNorm', { ...common, ...shape, stats, epsilon: how.epsilon });
  } else if (resting) {
    const [mean, variance] = [places.of(running!.mean), places.of(running!.variance)];
    draft.emit('restingStats', { mean, variance, stats, channels, epsilon: how.epsilon });
    draft.emit('affine', { ...common, ...shape, stats });
  } else {
    draft.emit('batchNorm', { ...common, ...shape, stats, epsilon: how.epsilon });
    places.wholeBatch = true;
    if (followed) {
      const [mean, variance] = [parameterOf(running.mean), parameterOf(running.variance)];
      places.followers.push({ mean, variance, stats, channels, momentum: how.momentum });
    }
  }
}

function resample(
  { places, fusion }: ForwardSite,
  node: Node,
  work: Does<'pool' | 'squeeze' | 'upsample'>,
): void {
  const x = node.inputs[0]!;
  const channels = widthOfShape(x.shape);
  const common = { x: places.of(x), out: places.make(node) };
  const { draft } = places;
  if (work.op === 'upsample') {
    const [height, width] = x.shape as [number, number];
    draft.emit('upsample', { ...common, height, width, channels, by: work.by });
  } else if (work.op === 'squeeze') {
    const name = work.kind === 'mean' ? 'squeezeMean' : 'squeezeMax';
    draft.emit(name, { ...common, places: placesOfShape(x.shape), channels });
  } else if (work.kind === 'mean') {
    draft.emit('meanPool', { ...common, ...pictureOf(x.shape, node.shape, work.window) });
  } else {
    const taken = fusion.pooledInto(node);
    const b = taken === null ? nowhere : places.of(taken.map.inputs[2] ?? null);
    const activation = codeOf(taken?.bend ?? null);
    draft.emit('maxPool', { ...common, ...pictureOf(x.shape, node.shape, work.window), b, activation });
  }
}

function attend({ places }: ForwardSite, node: Node, heads: number): void {
  const [q, k, v] = node.inputs as [Node, Node, Node];
  const [count, width] = [placesOfShape(q.shape), widthOfShape(q.shape)];
  const shares = places.draft.buffer(heads * count * count);
  places.extras.set(node, shares);
  const sources = { q: places.of(q), k: places.of(k), v: places.of(v) };
  places.draft.emit('attend', { ...sources, out: places.make(node), shares, places: count, width, heads });
}

type Joins = Does<'add' | 'multiply' | 'gate' | 'embed' | 'scale' | 'dropout'>;

function join(site: ForwardSite, node: Node, work: Joins): void {
  const { places, stepCell } = site;
  const { draft } = places;
  const [first, second] = node.inputs as [Node, Node];
  const size = sizeOfShape(node.shape);
  const [a, b] = [places.of(first), places.of(second ?? null)];
  if (work.op === 'add') draft.emit('sum', { a, b, size, out: over(site, node) });
  else if (work.op === 'multiply') draft.emit('product', { a, b, size, out: places.make(node), add: 0 });
  else if (work.op === 'gate') {
    const shape = { places: placesOfShape(node.shape), channels: widthOfShape(node.shape) };
    draft.emit('gate', { x: a, gate: b, out: places.make(node), ...shape, add: 0 });
  } else if (work.op === 'embed') {
    const table = { table: b, words: second.shape[0]!, width: widthOfShape(node.shape) };
    draft.emit('embed', { ids: a, ...table, out: places.make(node), places: sizeOfShape(first.shape) });
  } else if (work.op === 'scale') {
    const factorCell = places.alphaOf(work.seedId);
    draft.emit('scale', { a, size, factorCell, add: 0, out: over(site, node) });
  } else {
    const draw = { rate: work.rate, key: dropoutKey(work.key), stepCell };
    draft.emit('dropout', { a, size, ...draw, add: 0, out: over(site, node) });
  }
}

function columns(site: ForwardSite, node: Node, work: Does<'concat' | 'slice' | 'addTo'>): void {
  const { places } = site;
  const { draft } = places;
  const x = node.inputs[0]!;
  const rows = { places: placesOfShape(node.shape) };
  const outWidth = widthOfShape(node.shape);
  if (work.op === 'slice') {
    const from = { a: places.of(x), aWidth: widthOfShape(x.shape), aStart: work.start };
    const to = { out: places.make(node), outWidth, outStart: 0, count: outWidth };
    draft.emit('columns', { ...from, ...to, ...rows, add: 0 });
    return;
  }
  const put = (part: Node, out: Operand, outStart: number, add: 0 | 1) => {
    const count = widthOfShape(part.shape);
    const from = { a: places.of(part), aWidth: count, aStart: 0 };
    draft.emit('columns', { ...from, ...rows, out, outWidth, outStart, count, add });
  };
  if (work.op === 'addTo') {
    const from = places.of(x);
    const out = over(site, node);
    if (out !== from) draft.emit('copy', { a: from, out, size: sizeOfShape(node.shape), add: 0 });
    put(node.inputs[1]!, out, work.start, 1);
    return;
  }
  const out = places.make(node);
  let start = 0;
  for (const part of present(node.inputs)) {
    put(part, out, start, 0);
    start += widthOfShape(part.shape);
  }
}

/** In place of the first input where nobody misses it, else a new place. */
function over({ places, fusion }: ForwardSite, node: Node): Operand {
  const a = node.inputs[0]!;
  return fusion.mayOverwrite(a, node) ? places.share(node, a) : places.make(node);
}
