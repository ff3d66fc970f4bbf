/** What new units own of the host's layers that they pass, and how they pass them. */
import type { RandomStream } from '../contracts/random-stream.ts';
import { startFor } from './blueprints/parts.ts';
import type { HostLayer } from './host-layer.ts';
import { drawBlocks } from './layer-birth.ts';
import { activationOf, type BlockSpec, blocksOf, runLayerOp } from './layer-ops.ts';
import type { Ops, Value } from './ops.ts';
import type { Parameter } from './parameter.ts';
import type { Place } from './slots.ts';
import type { LayerSpec } from './types.ts';

/** A block of a layer on the way, only as wide as the new units are there. */
interface WayBlock extends BlockSpec {
  readonly layer: number;
  /** Features that a unit has where the layer reads. */
  readonly each: number;
}

/** `<node>.h<layer>.<block>` */
export const wayKey = (node: string, layer: number, block: string) => `${node}.h${layer}.${block}`;

/**
 * In a batch norm each new unit has its own gain, offset and running figures, in a depthwise convolution its own window.
 * @param node id of the `follow` node that owns them @param units that pass
 */
export function wayBlocks(
  node: string,
  { follow }: Pick<Place, 'follow'>,
  specs: readonly LayerSpec[],
  units: number,
): readonly WayBlock[] {
  return follow.flatMap(({ layer }, i) => {
    const each = follow[i - 1]?.each ?? 1;
    const blocks = blocksOf(specs[layer - 1]!, [[units * each]]);
    return blocks.map((block) => ({ ...block, key: wayKey(node, layer, block.key), layer, each }));
  });
}

/** Their numbers at birth, in the same order: norms that change nothing yet, windows drawn as any other. */
export function drawWay(
  blocks: readonly WayBlock[],
  specs: readonly LayerSpec[],
  random: RandomStream,
): readonly Float32Array[] {
  const drawn = new Map<string, Float32Array>();
  for (const layer of new Set(blocks.map((block) => block.layer))) {
    const own = blocks.filter((block) => block.layer === layer);
    const start = startFor(activationOf(specs[layer - 1]!));
    for (const [key, data] of drawBlocks(own, start, random.split(`h${layer}`))) drawn.set(key, data);
  }
  return blocks.map(({ key }) => drawn.get(key)!);
}

interface WaySite {
  readonly place: Place;
  readonly layers: readonly HostLayer[];
  weight(key: string): { readonly parameter: Parameter; readonly learns: boolean } | null;
}

/** Takes the units `x` through the layers of the way as the host takes its own, with weights of their own. */
export function runWay<V extends Value>(ops: Ops<V>, node: string, site: WaySite, x: V): V {
  return site.place.follow.reduce((value, { layer }) => {
    const { spec, parameters, activation } = site.layers[layer - 1]!;
    const found = [...parameters.keys()].map((key) => [key, site.weight(wayKey(node, layer, key))!] as const);
    const learning = new Set(found.flatMap(([, { parameter, learns }]) => (learns ? [parameter] : [])));
    const own = new Map(found.map(([key, { parameter }]) => [key, parameter]));
    // Running figures that still move are marked as weights that learn are.
    const frozen = own.get('mean')?.trainable === false;
    // The key is the layer's own: a dropped pixel of the host is dropped for its new units by the same draw.
    const op = runLayerOp(ops, spec.op === 'norm' ? { ...spec, frozen } : spec, own, [value], {
      key: `h${layer}`,
      weight: (parameter) => ops.weight(parameter, learning.has(parameter)),
    });
    return ops.activate(op, activation);
  }, x);
}
