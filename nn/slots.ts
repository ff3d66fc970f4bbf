/** Where seeds can grow: derived from the shape of the host, never written down by hand. */
import type { SlotId, Span } from '../contracts/index.ts';
import type { HostSpec, Slot } from './types.ts';

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
}

/** Name of the axis that a layer's units lie on; layer 0 is the input. */
export const dimOf = (layer: number) => (layer === 0 ? 'x' : `h${layer}`);

/** All places of a host, input side first. */
export function placesOf(spec: HostSpec, spans: readonly Span[]): ReadonlyMap<SlotId, Place> {
  const last = spec.layers.length;
  const places: Place[] = [];
  for (let layer = 1; layer < last; layer++) {
    if (spans.includes('layer')) places.push(layerPlace(layer));
    if (spans.includes('residual')) places.push(residualPlace(layer));
  }
  if (spans.includes('cascade')) places.push(cascadePlace(last));
  return new Map(places.map((place) => [place.slotId, place]));
}

/** Past one hidden layer: k hidden units of a seed here are k new units of that layer. */
const layerPlace = (layer: number): Place => ({
  slotId: `h${layer}/layer`,
  span: 'layer',
  from: dimOf(layer - 1),
  to: `z${layer + 1}`,
  source: layer - 1,
  target: layer + 1,
  at: 'z',
  fromDim: dimOf(layer - 1),
  toDim: dimOf(layer + 1),
});

const residualPlace = (layer: number): Place => ({
  slotId: `h${layer}/residual`,
  span: 'residual',
  from: dimOf(layer),
  to: dimOf(layer),
  source: layer,
  target: layer,
  at: 'h',
  fromDim: dimOf(layer),
  toDim: dimOf(layer),
});

const cascadePlace = (last: number): Place => ({
  slotId: 'out/cascade',
  span: 'cascade',
  from: 'x',
  to: `z${last}`,
  source: 0,
  target: last,
  at: 'z',
  fromDim: null,
  toDim: dimOf(last),
});
