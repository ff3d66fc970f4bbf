/** Writes the instructions that carry the gradient of a loss back to the weights. */
import type { Activation } from '../../contracts/blueprint.ts';
import { dropoutKey } from '../dropout-mask.ts';
import type { Fusion } from './fusion.ts';
import { type Does, type Node, placesOfShape, present, sizeOfShape, widthOfShape } from './graph.ts';
import { activationCodes, address, nowhere } from './opcodes.ts';
import { pictureOf } from './picture.ts';
import type { Places } from './places.ts';
import type { Slopes } from './slopes.ts';

export interface BackwardSite {
  readonly places: Places;
  readonly fusion: Fusion;
  readonly slopes: Slopes;
  readonly stepCell: number;
}

/** Goes through one node, last one first. Nodes that no gradient reached need nothing. */
export function writeBackward(site: BackwardSite, node: Node): void {
  const { slopes } = site;
  if (node.work.op === 'view' || !node.needs || !slopes.has(node)) return;
  const { work } = node;
  if (work.op === 'dense' || work.op === 'conv' || work.op === 'depthwise') mapBack(site, node);
  else if (work.op === 'activate') bendBack(site, node, work.activation);
  else if (work.op === 'norm') normBack(site, node, work);
  else if (work.op === 'pool' || work.op === 'squeeze' || work.op === 'upsample')
    resampleBack(site, node, work);
  else if (work.op === 'attend') attendBack(site, node, work.heads);
  else if (work.op !== 'input' && work.op !== 'weight') joinBack(site, node, work);
  slopes.finish(node);
}

function mapBack({ places, fusion, slopes }: BackwardSite, node: Node): void {
  const [x, w, b] = node.inputs as [Node, Node, Node | null];
  const { draft } = places;
  const { work } = node;
  const g = slopes.bufferOf(node);
  const units = widthOfShape(node.shape);
  const dense = { places: placesOfShape(x.shape), ins: widthOfShape(x.shape), units };
  const picture = 'window' in work ? pictureOf(x.shape, node.shape, work.window) : null;
  if (w.needs) {
    const { to: dw, addSlope } = slopes.weight(w);
    const list = picture === null ? places.listFor(x) : null;
    const common = { x: list === null ? places.of(x) : address('inputs', 0), g, dw, addSlope };
    if (list !== null) draft.emit('denseListedSlope', { ...common, list, ins: dense.ins, units });
    else if (picture === null) draft.emit('denseSlope', { ...common, ...dense });
    else if (work.op === 'conv') draft.emit('convSlope', { ...common, ...picture, filters: units });
    else draft.emit('depthwiseSlope', { ...common, ...picture });
  }
  if (b?.needs && !fusion.leavesToPool(node)) {
    const { to: db, addSlope } = slopes.weight(b);
    draft.emit('columnSums', { g, db, places: placesOfShape(node.shape), width: units, addSlope });
  }
  if (!x.needs) return;
  const { to: dx, add } = slopes.sink(x);
  const common = { g, w: places.of(w), dx, add };
  if (work.op === 'depthwise') {
    draft.emit('depthwiseBack', { ...common, ...picture! });
    return;
  }
  const bare = { ...common, y: nowhere, activation: activationCodes.linear };
  const line =
    picture === null
      ? draft.emit('denseBack', { ...bare, ...dense })
      : draft.emit('convBack', { ...bare, ...picture, filters: units });
  if (add === 0) slopes.writtenBy(x, line);
}

function bendBack({ places, slopes }: BackwardSite, node: Node, activation: Activation): void {
  const z = node.inputs[0]!;
  const y = places.of(node);
  const code = activationCodes[activation];
  const writer = activation === 'gaussian' || slopes.has(z) ? null : slopes.bendingWriter(node);
  if (writer !== null) {
    writer.operands.y = y;
    writer.operands.activation = code;
    slopes.handOn(node, [z]);
    return;
  }
  const g = slopes.bufferOf(node);
  const inPlace = slopes.mayBecome(node, z);
  if (inPlace) slopes.handOn(node, [z]);
  const { to: dz, add } = inPlace ? { to: g, add: 0 } : slopes.sink(z);
  const size = sizeOfShape(node.shape);
  places.draft.emit('activateBack', { z: places.of(z), y, g, dz, size, activation: code, add });
}

function normBack({ places, slopes }: BackwardSite, node: Node, { how, resting }: Does<'norm'>): void {
  const [x, gamma, beta] = node.inputs as [Node, Node | null, Node | null];
  const [gain, offset] = [slopes.weightOrNone(gamma), slopes.weightOrNone(beta)];
  const { to: dx, add } = x.needs ? slopes.sink(x) : { to: nowhere, add: 0 };
  places.draft.emit(how.kind === 'layer' ? 'layerNormBack' : resting ? 'affineBack' : 'batchNormBack', {
    ...{
      x: places.of(x),
      gamma: places.of(gamma),
      stats: places.extras.get(node)!,
      g: slopes.bufferOf(node),
    },
    ...{
      dx,
      dgamma: gain.to,
      dbeta: offset.to,
      places: placesOfShape(x.shape),
      channels: widthOfShape(x.shape),
    },
    ...{ add, addSlope: gain.addSlope },
  });
}

function resampleBack(
  { places, fusion, slopes }: BackwardSite,
  node: Node,
  work: Does<'pool' | 'squeeze' | 'upsample'>,
): void {
  const x = node.inputs[0]!;
  const { draft } = places;
  const g = slopes.bufferOf(node);
  const channels = widthOfShape(x.shape);
  const taken = fusion.pooledInto(node);
  const { to: dx, add } = slopes.sink(taken?.map ?? x);
  if (work.op === 'upsample') {
    const [height, width] = x.shape as [number, number];
    draft.emit('upsampleBack', { g, dx, height, width, channels, by: work.by, add });
  } else if (work.op === 'squeeze') {
    const size = { places: placesOfShape(x.shape), channels };
    if (work.kind === 'mean') draft.emit('squeezeMeanBack', { g, dx, ...size, add });
    else draft.emit('squeezeMaxBack', { x: places.of(x), g, dx, ...size, add });
  } else if (work.kind === 'mean') {
    draft.emit('meanPoolBack', { g, dx, ...pictureOf(x.shape, node.shape, work.window), add });
  } else {
    const bend = taken?.bend?.work;
    const offset = slopes.weightOrNone(taken?.map.inputs[2] ?? null);
    draft.emit('maxPoolBack', {
      ...{ x: places.of(x), out: bend === undefined ? nowhere : places.of(node), g, dx, db: offset.to },
      ...pictureOf(x.shape, node.shape, work.window),
      ...{ activation: bend?.op === 'activate' ? activationCodes[bend.activation] : activationCodes.linear },
      ...{ add, addSlope: offset.addSlope },
    });
  }
}

function attendBack({ places, slopes }: BackwardSite, node: Node, heads: number): void {
  const sources = node.inputs as readonly [Node, Node, Node];
  const [count, width] = [placesOfShape(node.shape), widthOfShape(node.shape)];
  const seen = new Set<Node>();
  const later: (() => void)[] = [];
  const sinks = sources.map((source) => {
    if (!source.needs) return { to: nowhere, add: 0 as const };
    const { root } = source;
    if (!seen.has(root)) {
      seen.add(root);
      return slopes.sink(source);
    }
    // One block may not be written twice by one instruction.
    const own = places.draft.buffer(sizeOfShape(source.shape));
    later.push(() => {
      const { to, add } = slopes.sink(source);
      places.draft.emit('copy', { a: own, out: to, size: sizeOfShape(source.shape), add });
    });
    return { to: own, add: 0 as const };
  });
  const [dq, dk, dv] = sinks as [(typeof sinks)[0], (typeof sinks)[0], (typeof sinks)[0]];
  const [q, k, v] = sources;
  places.draft.emit('attendBack', {
    ...{ q: places.of(q), k: places.of(k), v: places.of(v), shares: places.extras.get(node)! },
    ...{ g: slopes.bufferOf(node), dq: dq.to, dk: dk.to, dv: dv.to, places: count, width, heads },
    ...{ addQ: dq.add, addK: dk.add, addV: dv.add },
  });
  for (const write of later) write();
}

type Joins = Does<'add' | 'multiply' | 'gate' | 'concat' | 'embed' | 'scale' | 'slice' | 'addTo' | 'dropout'>;

function joinBack(site: BackwardSite, node: Node, work: Joins): void {
  const { places, slopes, stepCell } = site;
  const { draft } = places;
  const a = slopes.bufferOf(node);
  const size = sizeOfShape(node.shape);
  if (work.op === 'add') {
    const learning = present(node.inputs).filter(({ needs }) => needs);
    slopes.handOn(node, learning);
  } else if (work.op === 'multiply') multiplyBack(site, node);
  else if (work.op === 'gate') gateBack(site, node);
  else if (work.op === 'embed') embedBack(site, node);
  else if (work.op === 'scale') {
    draft.emit('scale', { a, ...ontoFirst(site, node), size, factorCell: places.alphaOf(work.seedId) });
  } else if (work.op === 'dropout') {
    const draw = { rate: work.rate, key: dropoutKey(work.key), stepCell };
    draft.emit('dropout', { a, ...ontoFirst(site, node), size, ...draw });
  } else columnsBack(site, node, work);
}

function gateBack({ places, slopes }: BackwardSite, node: Node): void {
  const [x, gate] = node.inputs as [Node, Node];
  const g = slopes.bufferOf(node);
  const shape = { places: placesOfShape(node.shape), channels: widthOfShape(node.shape) };
  if (x.needs) {
    const { to: out, add } = slopes.sink(x);
    places.draft.emit('gate', { x: g, gate: places.of(gate), out, ...shape, add });
  }
  if (gate.needs) {
    const { to: dgate, add } = slopes.sink(gate);
    places.draft.emit('gateBack', { x: places.of(x), g, dgate, ...shape, add });
  }
}

function embedBack({ places, slopes }: BackwardSite, node: Node): void {
  const [ids, table] = node.inputs as [Node, Node];
  const { to: dtable, addSlope } = slopes.weight(table);
  const shape = { places: sizeOfShape(ids.shape), words: table.shape[0]!, width: widthOfShape(table.shape) };
  places.draft.emit('embedSlope', {
    ids: places.of(ids),
    g: slopes.bufferOf(node),
    dtable,
    ...shape,
    addSlope,
  });
}

function multiplyBack({ places, slopes }: BackwardSite, node: Node): void {
  const [a, b] = node.inputs as [Node, Node];
  const g = slopes.bufferOf(node);
  for (const [factor, other] of [
    [a, b],
    [b, a],
  ] as const) {
    if (!factor.needs) continue;
    const { to, add } = slopes.sink(factor);
    places.draft.emit('product', { a: g, b: places.of(other), out: to, size: sizeOfShape(node.shape), add });
  }
}

/** Columns go back to where they came from. */
function columnsBack(
  { places, slopes }: BackwardSite,
  node: Node,
  work: Does<'concat' | 'slice' | 'addTo'>,
): void {
  const { draft } = places;
  const g = slopes.bufferOf(node);
  const rows = { places: placesOfShape(node.shape) };
  const width = widthOfShape(node.shape);
  const give = (part: Node, aStart: number) => {
    const count = widthOfShape(part.shape);
    const { to, add } = slopes.sink(part);
    const place = { aWidth: width, aStart, out: to, outWidth: count, outStart: 0 };
    draft.emit('columns', { a: g, ...place, ...rows, count, add });
  };
  if (work.op === 'slice') {
    const x = node.inputs[0]!;
    const { to, add } = slopes.sink(x);
    const outWidth = widthOfShape(x.shape);
    if (add === 0) draft.emit('clear', { out: to, size: sizeOfShape(x.shape) });
    const place = { aWidth: width, aStart: 0, out: to, outWidth, outStart: work.start };
    draft.emit('columns', { a: g, ...place, ...rows, count: width, add });
  } else if (work.op === 'addTo') {
    const [x, y] = node.inputs as [Node, Node];
    if (y.needs) give(y, work.start);
    if (x.needs) slopes.handOn(node, [x], y.needs);
  } else {
    let start = 0;
    for (const part of present(node.inputs)) {
      if (part.needs) give(part, start);
      start += widthOfShape(part.shape);
    }
  }
}

/** Over the node's own gradient where nobody misses it, else to where its first input's is. */
function ontoFirst({ slopes }: BackwardSite, node: Node) {
  const a = node.inputs[0]!;
  const g = slopes.bufferOf(node);
  if (slopes.mayBecome(node, a)) {
    slopes.handOn(node, [a]);
    return { out: g, add: 0 };
  }
  const { to: out, add } = slopes.sink(a);
  return { out, add };
}
