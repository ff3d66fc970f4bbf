/** Looks at everything in a network image before the first tensor is made, so that a bad one leaks nothing. */
import { SPANS } from '../contracts/blueprint.ts';
import { EsperError } from '../contracts/failure.ts';
import { areBirths } from './births.ts';
import { checkBlueprint } from './blueprint-check.ts';
import { groundAt } from './ground.ts';
import { hostComplaint } from './host-check.ts';
import { mostUpdates } from './host-state.ts';
import { type ImageStructure, invalidImage } from './image-structure.ts';
import { hasUnits } from './layer-ops.ts';
import { bodyBlocks, endsAt, endsOf, sortedNodes } from './seed-body.ts';
import { hostBlocks, type Place, placesOf, shapesOf } from './slots.ts';
import type { LayerSpec, NetworkImage, SeedMode } from './types.ts';

type Entry = ImageStructure['parameters'][number];
type SeedEntry = ImageStructure['seeds'][number];
type Shapes = ReadonlyArray<readonly number[]>;

/** The host as the image has it: layers as wide as they have grown. */
interface Grown {
  readonly structure: ImageStructure;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly layers: readonly LayerSpec[];
  readonly shapes: Shapes;
  readonly places: ReadonlyMap<string, Place>;
}

const MODES: readonly unknown[] = [
  'absent',
  'isolated',
  'live',
  'held',
  'shadow',
] satisfies readonly SeedMode[];

/** @throws NN_IMAGE_INVALID, NN_LAYER_UNKNOWN, NN_LAYER_CHANGED */
export function checkImage(structure: ImageStructure, image: NetworkImage, momentCount: number): void {
  const complaint = judged(() => {
    const { spec, spans, parameters, steps } = structure;
    const early = entriesComplaint(structure, image, momentCount) ?? hostComplaint(spec);
    if (early !== null) return early;
    const young = steps !== undefined && (!count(steps) || steps < mostUpdates(parameters));
    if (young) return 'it has fewer steps behind it than its weights';
    if (!spans.every((span) => SPANS.includes(span))) return 'it has slots of an unknown span';
    const entries = new Map(parameters.map((entry) => [entry.name, entry]));
    const layers = spec.layers.map((layer, i): LayerSpec => {
      const units = entries.get(`host/${i + 1}.w`)?.shape.at(-1) ?? 0;
      return hasUnits(layer) ? { ...layer, units } : layer;
    });
    const places = placesOf(spec, spans);
    const grown = { structure, entries, layers, shapes: shapesOf(spec, layers), places };
    return layersComplaint(grown) ?? seedsComplaint(grown);
  });
  if (complaint !== null) throw invalidImage(complaint);
}

/** What nobody can read is no image. */
function judged(look: () => string | null): string | null {
  try {
    return look();
  } catch (error) {
    throw error instanceof EsperError ? error : invalidImage('its structure makes no sense', error);
  }
}

const count = (n: unknown) => Number.isSafeInteger(n) && (n as number) >= 0;
const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

function entriesComplaint(
  { parameters }: ImageStructure,
  { tensors }: NetworkImage,
  momentCount: number,
): string | null {
  const sizes = new Map(
    tensors.map(({ name, data }) => [name, data instanceof Float32Array ? data.length : -1]),
  );
  for (const { name, dims, shape, updates, births, trainable, moments } of parameters) {
    const whole = Array.isArray(shape) && shape.every((n) => count(n) && n > 0);
    if (!whole || !Array.isArray(dims) || dims.length !== shape.length) return `${name} has no shape`;
    if (moments !== momentCount) return `${name} has ${moments} moments, not ${momentCount}`;
    const names = [name, ...Array.from({ length: moments }, (_, i) => `${name}#${i + 1}`)];
    const wrong = names.find((each) => sizes.get(each) !== size(shape));
    if (wrong !== undefined) return `tensor ${wrong} is missing or not of shape [${shape.join(', ')}]`;
    if (!count(updates) || !areBirths(births, size(shape), updates) || typeof trainable !== 'boolean')
      return `${name} is of no possible age`;
  }
  return new Set(parameters.map(({ name }) => name)).size === parameters.length ? null : 'names appear twice';
}

/** Are these blocks there, with these shapes and axes? */
function blocksComplaint(
  { entries }: Grown,
  owner: string,
  blocks: readonly Pick<Entry, 'name' | 'dims' | 'shape'>[],
): string | null {
  for (const { name, dims, shape } of blocks) {
    const found = entries.get(name);
    if (found === undefined) return `${owner} has no ${name}`;
    const same = String(found.shape) === String(shape) && String(found.dims) === String(dims);
    if (!same) return `${name} does not fit ${owner}`;
  }
  return null;
}

function layersComplaint(grown: Grown): string | null {
  const { structure, layers, shapes } = grown;
  for (let layer = 1; layer <= layers.length; layer++) {
    const blocks = hostBlocks(structure.spec, layer, shapes, layers);
    const complaint = blocksComplaint(grown, `layer ${layer}`, blocks);
    if (complaint !== null) return complaint;
  }
  return null;
}

function seedsComplaint(grown: Grown): string | null {
  const { seeds, cascade } = grown.structure;
  const byId = new Map(seeds.map((seed) => [seed.seedId, seed]));
  if (byId.size < seeds.length || new Set(cascade).size < cascade.length) return 'seeds appear twice';
  for (const [rank, seedId] of cascade.entries()) {
    const seed = byId.get(seedId);
    const place = grown.places.get(seed?.slotId ?? '');
    if (seed?.fossil !== true || place?.span !== 'cascade' || seed.sources > rank) {
      return `${seedId} is no fossil of the cascade`;
    }
  }
  for (const seed of seeds) {
    const complaint = seedComplaint(grown, seed, byId);
    if (complaint !== null) return complaint;
  }
  return null;
}

function seedComplaint(grown: Grown, seed: SeedEntry, byId: ReadonlyMap<string, SeedEntry>): string | null {
  const { seedId, slotId, kernel, draw, sources, mode, alpha, fossil, gradientGain = 1 } = seed;
  const { structure, entries, layers, shapes } = grown;
  const place = grown.places.get(slotId);
  const owner = `seed ${seedId}`;
  if (typeof seedId !== 'string' || place === undefined) return `${owner} sits in an unknown slot ${slotId}`;
  const share = typeof alpha === 'number' && alpha >= 0 && alpha <= 1;
  if (!MODES.includes(mode) || !share || typeof fossil !== 'boolean')
    return `${owner} is in no possible stage`;
  if (!Number.isFinite(gradientGain) || gradientGain <= 0) return `${owner} has impossible gradients`;
  const most = place.span === 'cascade' ? structure.cascade.length : 0;
  if (!count(draw) || !count(sources) || sources > most) return `${owner} reads seeds that are not there`;
  const units = (id: string) => {
    const { output } = endsOf(byId.get(id)!.kernel.blueprint);
    return entries.get(`${id}/${output}.w`)!.shape[0]!;
  };
  const { from, to } = endsAt(place, seedId, shapes, structure.cascade.slice(0, sources).map(units));
  const sides = (layer: number) => entries.get(`host/${layer}.w`)!.shape.slice(0, -2);
  const { blueprint } = kernel;
  const [misfit] = checkBlueprint(
    { ...blueprint, spans: [place.span] },
    {
      inWidth: from.size,
      outWidth: to.size,
      maxNodes: 1000,
      maxParameters: Number.POSITIVE_INFINITY,
      ground: groundAt(place, shapes, sides),
    },
  );
  if (misfit !== undefined) return `${owner} does not fit its slot: ${misfit}`;
  const bed = { seedId, place, specs: layers, from, to };
  const blocks = bodyBlocks(sortedNodes(blueprint), bed).flatMap((each) => each.blocks);
  return blocksComplaint(
    grown,
    owner,
    blocks.map((block) => ({ ...block, name: `${seedId}/${block.key}` })),
  );
}
