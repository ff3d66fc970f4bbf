/** Which layers of somebody else's model are worth a seed, when nobody said. */
import { hasUnits, sourcesOfLayer } from '../layer-ops.ts';
import { downstreamOf } from '../slots.ts';
import type { HostSpec, LayerSpec } from '../types.ts';

/**
 * Dense and convolutional layers, sums (the stream of a residual network) and other people's layers with weights, such
 * as attention: each after the norm and activation that follow it. Nothing behind which no weights come any more: a
 * seed there would only correct the answer itself.
 */
export function defaultSites(spec: HostSpec): readonly number[] {
  const { layers } = spec;
  const sites = new Set<number>();
  layers.forEach((layer, i) => {
    if (!isTarget(layer)) return;
    const site = finished(layers, i + 1);
    const behind = [...downstreamOf(spec, site)].filter((each) => each !== site);
    if (behind.some((each) => isWeighted(layers[each - 1]!))) sites.add(site);
  });
  return [...sites].sort((a, b) => a - b);
}

const isTarget = (layer: LayerSpec) => hasUnits(layer) || layer.op === 'add' || isWeightedGuest(layer);
const isWeighted = (layer: LayerSpec) => hasUnits(layer) || isWeightedGuest(layer);
const isWeightedGuest = (layer: LayerSpec) => layer.op === 'foreign' && layer.shapes.length > 0;

/** The last of the norms and activations that alone read `layer`, one after the other. */
function finished(layers: readonly LayerSpec[], layer: number): number {
  const readers = layers.flatMap((each, i) => (sourcesOfLayer(each, i + 1).includes(layer) ? [i + 1] : []));
  const [reader] = readers;
  if (readers.length !== 1 || reader === undefined) return layer;
  const { op } = layers[reader - 1]!;
  return op === 'norm' || op === 'activate' ? finished(layers, reader) : layer;
}
