/** Where seeds can grow: derived from the shape of the host, never written down by hand. */
import type { SlotId, Span } from '../contracts/index.ts';
import { type BlockSpec, blocksOf, hasUnits, isDense, outputShape, sourcesOfLayer } from './layer-ops.ts';
import type { HostSpec, LayerSpec, Slot } from './types.ts';

/**
 * A slot, resolved. `target` is the layer whose pre-activation `z` or output `h` receives the seed;
 * `source` the layer whose output feeds it (0 is the input). Dims name the axes, as in `Parameter`.
 */
export interface Place extends Slot {
  readonly source: number;
  readonly target: number;
  readonly at: 'z' | 'h';
  /** Null for a cascade: its input is `x` beside the units of earlier fossils, a width of its own. */
  readonly fromDim: string | null;
  readonly toDim: string;
  /** Of a `layer` slot: the layer whose units a seed's units would be. */
  readonly hidden: number | null;
  /** Of a `layer` slot: what lies between the hidden layer and the target, in order. */
  readonly follow: readonly Passage[];
  /** Of a slot over a share of the features: its columns, as they were at birth. */
  readonly columns: { readonly start: number; readonly size: number } | null;
}

/** A layer that new units pass, each by itself, on their way to the target. */
interface Passage {
  readonly layer: number;
  /** The axis that its features lie on behind it, and how many of them each new unit has there. */
  readonly dim: string;
  readonly each: number;
  /** Numbers that each new unit brings into the layer's own blocks. */
  readonly weights: number;
}

/** Shapes of one row: index 0 is the input, then a layer each. @param layers as at birth, unless given as they are now */
export function shapesOf(spec: HostSpec, layers = spec.layers): ReadonlyArray<readonly number[]> {
  const shapes: (readonly number[])[] = [inputShapeOf(spec)];
  layers.forEach((layer, i) => {
    shapes.push(
      outputShape(
        layer,
        sourcesOfLayer(layer, i + 1).map((from) => shapes[from]!),
      ),
    );
  });
  return shapes;
}

export const inputShapeOf = ({ inputs, inputShape }: HostSpec): readonly number[] => inputShape ?? [inputs];

/** Layers that change neither the number nor the order of the features. */
const KEEPS_FEATURES = new Set<LayerSpec['op']>([
  'pool',
  'squeeze',
  'norm',
  'activate',
  'dropout',
  'upsample',
  'depthwise',
]);

/**
 * Does a layer make of each feature what it does whatever the others are? A layer norm does not: one more feature moves
 * the mean and the deviation that all are measured by. A reshape does as long as the features stay innermost.
 */
function keepsApart(layer: LayerSpec, from: readonly number[], to: readonly number[]): boolean {
  if (layer.op === 'reshape') return to.at(-1)! % from.at(-1)! === 0;
  return KEEPS_FEATURES.has(layer.op) && (layer.op !== 'norm' || layer.how.kind === 'batch');
}

/** Name of the axis that a layer's features lie on; layers that keep their input's features share its axis. */
export function dimOf(spec: HostSpec, layer: number): string {
  if (layer === 0) return 'x';
  const op = spec.layers[layer - 1]!;
  return KEEPS_FEATURES.has(op.op) ? dimOf(spec, sourcesOfLayer(op, layer)[0]!) : `h${layer}`;
}

/** A host's block of weights, by its name and with the names of its axes. */
export interface HostBlock extends BlockSpec {
  readonly name: string;
  readonly dims: readonly string[];
}

/** The blocks of weights that a layer (1-based) owns. @param layers as at birth, unless given as they are now, like `shapes` */
export function hostBlocks(
  spec: HostSpec,
  layer: number,
  shapes: ReadonlyArray<readonly number[]>,
  layers = spec.layers,
): readonly HostBlock[] {
  const own = layers[layer - 1]!;
  const from = sourcesOfLayer(own, layer);
  const dims = { in: dimOf(spec, from[0]!), units: `h${layer}` };
  const inputs = from.map((source) => shapes[source]!);
  return blocksOf(own, inputs).map((block) => {
    const name = `host/${layer}.${block.key}`;
    const named = block.axes.map((axis, at) => (axis === null ? `${name}.${at}` : dims[axis]));
    return { ...block, name, dims: named };
  });
}

/** All places of a host, input side first. */
export function placesOf(spec: HostSpec, spans: readonly Span[]): ReadonlyMap<SlotId, Place> {
  const last = spec.layers.length;
  const shapes = shapesOf(spec);
  const places: Place[] = [];
  for (let layer = 1; layer < last; layer++) {
    if (spans.includes('layer')) places.push(...layerPlace(spec, layer, shapes));
    if (spans.includes('residual') && isSite(spec, layer)) {
      places.push(...residualPlaces(spec, layer, shapes[layer]!.at(-1)!));
    }
  }
  const plain = spec.layers[last - 1]!;
  if (spans.includes('cascade') && shapes[0]!.length === 1 && isDense(plain)) places.push(cascadePlace(last));
  return new Map(places.map((place) => [place.slotId, place]));
}

/** Every layer that depends on `layer`, itself included. */
export function downstreamOf(spec: HostSpec, layer: number): ReadonlySet<number> {
  const reached = new Set([layer]);
  for (let next = layer + 1; next <= spec.layers.length; next++) {
    if (sourcesOfLayer(spec.layers[next - 1]!, next).some((from) => reached.has(from))) reached.add(next);
  }
  return reached;
}

const isSite = ({ sites, layers }: HostSpec, layer: number) =>
  sites === undefined ? hasUnits(layers[layer - 1]!) : sites.includes(layer);

/** Past one hidden layer: k hidden units of a seed here are k new units of that layer. */
function layerPlace(spec: HostSpec, layer: number, shapes: ReadonlyArray<readonly number[]>): Place[] {
  const hidden = spec.layers[layer - 1]!;
  if (!hasUnits(hidden)) return [];
  const follow: Passage[] = [];
  let at = layer;
  let target: number | undefined;
  while (target === undefined) {
    const reader = onlyReader(spec, at);
    if (reader === null) return [];
    const op = spec.layers[reader - 1]!;
    if (hasUnits(op)) target = reader;
    else if (keepsApart(op, shapes[at]!, shapes[reader]!)) follow.push(passage(spec, reader, shapes, follow));
    else return [];
    at = reader;
  }
  const source = sourcesOfLayer(hidden, layer)[0]!;
  return [
    {
      slotId: `h${layer}/layer`,
      span: 'layer',
      from: tensorName(source),
      to: `z${target}`,
      source,
      target,
      at: 'z',
      fromDim: dimOf(spec, source),
      toDim: dimOf(spec, target),
      hidden: layer,
      follow,
      columns: null,
    },
  ];
}

/** @param before what was passed already */
function passage(
  spec: HostSpec,
  layer: number,
  shapes: ReadonlyArray<readonly number[]>,
  before: readonly Passage[],
): Passage {
  const own = spec.layers[layer - 1]!;
  const from = sourcesOfLayer(own, layer)[0]!;
  const features = before.at(-1)?.each ?? 1;
  const blocks = blocksOf(own, [[features]]);
  return {
    layer,
    dim: dimOf(spec, layer),
    each: (features * shapes[layer]!.at(-1)!) / shapes[from]!.at(-1)!,
    weights: blocks.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0),
  };
}

/** The one layer that reads this one, or null when there are none or several: then new units have no single way on. */
function onlyReader(spec: HostSpec, layer: number): number | null {
  const readers = spec.layers.flatMap((each, i) =>
    sourcesOfLayer(each, i + 1).includes(layer) ? [i + 1] : [],
  );
  const [reader] = readers;
  const alone = readers.length === 1 && reader !== undefined;
  return alone && sourcesOfLayer(spec.layers[reader - 1]!, reader).length === 1 ? reader : null;
}

function residualPlaces(spec: HostSpec, layer: number, features: number): Place[] {
  const shares = spec.chunks ?? 1;
  return Array.from({ length: shares }, (_, i): Place => {
    const start = Math.floor((i * features) / shares);
    const columns = { start, size: Math.floor(((i + 1) * features) / shares) - start };
    const whole = shares === 1;
    const dim = whole ? dimOf(spec, layer) : `h${layer}#${i + 1}`;
    return {
      slotId: whole ? `h${layer}/residual` : `h${layer}/residual#${i + 1}`,
      span: 'residual',
      from: tensorName(layer),
      to: tensorName(layer),
      source: layer,
      target: layer,
      at: 'h',
      fromDim: dim,
      toDim: dim,
      hidden: null,
      follow: [],
      columns: whole ? null : columns,
    };
  });
}

const cascadePlace = (last: number): Place => ({
  slotId: 'out/cascade',
  span: 'cascade',
  from: 'x',
  to: `z${last}`,
  source: 0,
  target: last,
  at: 'z',
  fromDim: null,
  toDim: `h${last}`,
  hidden: null,
  follow: [],
  columns: null,
});

const tensorName = (layer: number) => (layer === 0 ? 'x' : `h${layer}`);
