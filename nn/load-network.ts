/** A network back from its image: weights, moments, ages, seeds and their modes, bit for bit. */

import type { OptimizerConfig } from '../contracts/run-config.ts';
import { birthsKept } from './births.ts';
import type { HostLayer } from './host-layer.ts';
import { type HostState, mostUpdates, type Seed } from './host-state.ts';
import { checkImage } from './image-check.ts';
import { type ImageStructure, readStructure } from './image-structure.ts';
import { activationOf, sourcesOfLayer } from './layer-ops.ts';
import { HostNetwork } from './network.ts';
import { Numbers } from './numbers.ts';
import { momentCountOf } from './optimizer.ts';
import { allOrNone, Parameter } from './parameter.ts';
import type { TensorRuntime } from './runtime.ts';
import { bodyKeys, endsOf, sortedNodes } from './seed-body.ts';
import { hostBlocks, placesOf, shapesOf } from './slots.ts';
import type { GrowingNetwork, NetworkImage } from './types.ts';

/**
 * Builds the network an image was taken of. The caller disposes it; the image can be used again.
 * @throws NN_IMAGE_INVALID when anything in it does not fit together, or is of another optimiser
 * @throws NN_LAYER_UNKNOWN, NN_LAYER_CHANGED when the classes of foreign layers are not those it was taken with
 */
export function loadNetwork(
  {
    runtime,
    optimizer,
    runSeed,
  }: {
    readonly runtime: TensorRuntime;
    readonly optimizer: OptimizerConfig;
    readonly runSeed: number;
  },
  image: NetworkImage,
): GrowingNetwork {
  const structure = readStructure(image.structure);
  checkImage(structure, image, momentCountOf(optimizer));
  const state = allOrNone((note) => reviveState(structure, parameterReader(runtime, structure, image, note)));
  const { spec, spans } = structure;
  return new HostNetwork({ runtime, spec, spans, optimizer, runSeed, state });
}

function reviveState(structure: ImageStructure, take: (name: string) => Parameter): HostState {
  const shapes = shapesOf(structure.spec);
  const layers = structure.spec.layers.map(
    (spec, i): HostLayer => ({
      spec,
      from: sourcesOfLayer(spec, i + 1),
      activation: activationOf(spec),
      parameters: new Map(
        hostBlocks(structure.spec, i + 1, shapes).map(({ key, name }) => [key, take(name)]),
      ),
    }),
  );
  const seeds = new Map(structure.seeds.map((seed) => [seed.seedId, reviveSeed(structure, seed, take)]));
  const { cascade, parameters, steps = mostUpdates(parameters) } = structure;
  return { layers, seeds, cascade, steps };
}

function reviveSeed(
  structure: ImageStructure,
  { slotId, gradientGain = 1, ...seed }: ImageStructure['seeds'][number],
  take: (name: string) => Parameter,
): Seed {
  const place = placesOf(structure.spec, structure.spans).get(slotId)!;
  const { blueprint } = seed.kernel;
  const parameters = new Map(
    bodyKeys(blueprint, place, structure.spec.layers).map((key) => [key, take(`${seed.seedId}/${key}`)]),
  );
  return {
    ...seed,
    place,
    gradientGain,
    body: { place, order: sortedNodes(blueprint), parameters, ...endsOf(blueprint) },
  };
}

function parameterReader(
  runtime: TensorRuntime,
  structure: ImageStructure,
  image: NetworkImage,
  note: (parameter: Parameter) => Parameter,
) {
  const tensors = new Map(image.tensors.map(({ name, data }) => [name, data]));
  const entries = new Map(structure.parameters.map((entry) => [entry.name, entry]));
  return (name: string): Parameter => {
    const { dims, shape, updates, births, trainable, moments } = entries.get(name)!;
    const copy = (key: string) => Numbers.of(runtime.upload(tensors.get(key)!.slice(), shape));
    const parameter = new Parameter({
      name,
      dims,
      shape,
      value: copy(name),
      moments: Array.from({ length: moments }, (_, i) => copy(`${name}#${i + 1}`)),
      updates,
      births: birthsKept(births),
      trainable,
    });
    return note(parameter);
  };
}
