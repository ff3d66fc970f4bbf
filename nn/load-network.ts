/** A network back from its image: weights, moments, ages, seeds and their modes, bit for bit. */

import type { OptimizerConfig } from '../contracts/run-config.ts';
import * as tf from './adapters/tensorflow.ts';
import type { HostLayer } from './host-layer.ts';
import type { HostState, Seed } from './host-state.ts';
import { type ImageStructure, invalidImage, readStructure } from './image-structure.ts';
import { activationOf, blocksOf, sourcesOfLayer } from './layer-ops.ts';
import { HostNetwork } from './network.ts';
import { momentCountOf } from './optimizer.ts';
import type { Parameter } from './parameter.ts';
import type { TensorRuntime } from './runtime.ts';
import { blueprintKeys, endsOf, sortedNodes } from './seed-body.ts';
import { placesOf, shapesOf } from './slots.ts';
import type { GrowingNetwork, HostSpec, NetworkImage } from './types.ts';

/**
 * Builds the network an image was taken of. The caller disposes it; the image can be used again.
 * @throws NN_IMAGE_INVALID when tensors are missing, misshapen, or of another optimiser
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
  checkTensors(structure, image, momentCountOf(optimizer));
  const take = parameterReader(runtime, structure, image);
  const layers = structure.spec.layers.map(
    (spec, i): HostLayer => ({
      spec,
      from: sourcesOfLayer(spec, i + 1),
      activation: activationOf(spec),
      parameters: new Map(hostKeys(structure.spec, i + 1).map((key) => [key, take(`host/${i + 1}.${key}`)])),
    }),
  );
  const seeds = new Map(structure.seeds.map((seed) => [seed.seedId, reviveSeed(structure, seed, take)]));
  const state: HostState = { layers, seeds, cascade: structure.cascade };
  return new HostNetwork({
    runtime,
    spec: structure.spec,
    spans: structure.spans,
    optimizer,
    runSeed,
    state,
  });
}

function reviveSeed(
  structure: ImageStructure,
  { slotId, ...seed }: ImageStructure['seeds'][number],
  take: (name: string) => Parameter,
): Seed {
  const place = placesOf(structure.spec, structure.spans).get(slotId);
  if (place === undefined) throw invalidImage(`seed ${seed.seedId} sits in an unknown slot ${slotId}`);
  const { blueprint } = seed.kernel;
  const parameters = new Map(blueprintKeys(blueprint).map((key) => [key, take(`${seed.seedId}/${key}`)]));
  return {
    ...seed,
    place,
    gradientGain: 1,
    body: { place, order: sortedNodes(blueprint), parameters, ...endsOf(blueprint) },
  };
}

function parameterReader(runtime: TensorRuntime, structure: ImageStructure, image: NetworkImage) {
  const tensors = new Map(image.tensors.map(({ name, data }) => [name, data]));
  const entries = new Map(structure.parameters.map((entry) => [entry.name, entry]));
  return (name: string): Parameter => {
    const { dims, shape, updates, births, trainable, moments } = entries.get(name)!;
    const copy = (key: string) => tf.keep(runtime.upload(tensors.get(key)!.slice(), shape));
    return {
      name,
      dims,
      shape,
      value: copy(name),
      moments: Array.from({ length: moments }, (_, i) => copy(`${name}#${i + 1}`)),
      updates,
      births: typeof births === 'number' ? births : Int32Array.from(births),
      trainable,
    };
  };
}

/** Everything is looked at before the first tensor is made, so that a bad image leaks nothing. */
function checkTensors(structure: ImageStructure, image: NetworkImage, momentCount: number): void {
  const sizes = new Map(image.tensors.map(({ name, data }) => [name, data.length]));
  const known = new Set(structure.parameters.map(({ name }) => name));
  for (const { name, shape, moments } of structure.parameters) {
    const size = shape.reduce((a, b) => a * b, 1);
    if (moments !== momentCount) throw invalidImage(`${name} has ${moments} moments, not ${momentCount}`);
    const names = [name, ...Array.from({ length: moments }, (_, i) => `${name}#${i + 1}`)];
    const wrong = names.find((each) => sizes.get(each) !== size);
    if (wrong !== undefined)
      throw invalidImage(`tensor ${wrong} is missing or not of shape [${shape.join(', ')}]`);
  }
  structure.spec.layers.forEach((_, i) => {
    for (const key of hostKeys(structure.spec, i + 1)) {
      if (!known.has(`host/${i + 1}.${key}`)) throw invalidImage(`layer ${i + 1} has no ${key}`);
    }
  });
  for (const { seedId, kernel } of structure.seeds) {
    const missing = blueprintKeys(kernel.blueprint).find((key) => !known.has(`${seedId}/${key}`));
    if (missing !== undefined) throw invalidImage(`seed ${seedId} has no ${missing}`);
  }
}

/** Keys of the blocks of weights that a layer of this host owns. */
function hostKeys(spec: HostSpec, layer: number): readonly string[] {
  const shapes = shapesOf(spec);
  const own = spec.layers[layer - 1]!;
  const inputs = sourcesOfLayer(own, layer).map((from) => shapes[from]!);
  return blocksOf(own, inputs).map(({ key }) => key);
}
