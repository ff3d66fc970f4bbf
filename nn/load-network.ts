/** A network back from its image: weights, moments, ages, seeds and their modes, bit for bit. */
import * as tf from '@tensorflow/tfjs';
import type { OptimizerConfig } from '../contracts/run-config.ts';
import type { DenseLayer, HostState, Seed } from './host-state.ts';
import { type ImageStructure, invalidImage, readStructure } from './image-structure.ts';
import { HostNetwork } from './network.ts';
import { momentCountOf } from './optimizer.ts';
import type { Parameter } from './parameter.ts';
import type { TensorRuntime } from './runtime.ts';
import { endsOf, sortedNodes } from './seed-body.ts';
import { placesOf } from './slots.ts';
import type { GrowingNetwork, NetworkImage } from './types.ts';

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
    ({ activation }, i): DenseLayer => ({
      weights: take(`host/${i + 1}.w`),
      bias: take(`host/${i + 1}.b`),
      activation,
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
  const keys = blueprint.nodes.flatMap((node) =>
    node.op !== 'dense' ? [] : node.bias ? [`${node.id}.w`, `${node.id}.b`] : [`${node.id}.w`],
  );
  const parameters = new Map(keys.map((key) => [key, take(`${seed.seedId}/${key}`)]));
  return {
    ...seed,
    place,
    gradientGain: 1,
    body: { order: sortedNodes(blueprint), parameters, ...endsOf(blueprint) },
  };
}

function parameterReader(runtime: TensorRuntime, structure: ImageStructure, image: NetworkImage) {
  const tensors = new Map(image.tensors.map(({ name, data }) => [name, data]));
  const entries = new Map(structure.parameters.map((entry) => [entry.name, entry]));
  return (name: string): Parameter => {
    const { dims, shape, updates, births, trainable, moments } = entries.get(name)!;
    const copy = (key: string) => tensors.get(key)!.slice();
    return {
      name,
      dims,
      shape,
      value: tf.keep(runtime.upload(copy(name), shape)),
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
    for (const part of ['w', 'b']) {
      if (!known.has(`host/${i + 1}.${part}`)) throw invalidImage(`layer ${i + 1} has no ${part}`);
    }
  });
  for (const { seedId, kernel } of structure.seeds) {
    for (const node of kernel.blueprint.nodes) {
      const complete = node.op !== 'dense' || known.has(`${seedId}/${node.id}.w`);
      if (!complete) throw invalidImage(`seed ${seedId} has no weights for ${node.id}`);
    }
  }
}
