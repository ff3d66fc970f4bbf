/** A network as bytes: its structure as JSON, its tensors by name. */
import type { Span } from '../contracts/index.ts';
import { birthsToKeep } from './births.ts';
import { type HostState, mostUpdates, parametersOf, type Seed } from './host-state.ts';
import type { ImageStructure } from './image-structure.ts';
import { Numbers } from './numbers.ts';
import type { TensorRuntime } from './runtime.ts';
import type { HostSpec, NetworkImage } from './types.ts';

/** Copies a state out of the runtime in one packed read. The state must not be disposed before the promise settles. */
export async function writeImage(
  runtime: TensorRuntime,
  { spec, spans }: { readonly spec: HostSpec; readonly spans: readonly Span[] },
  state: HostState,
): Promise<NetworkImage> {
  // Copied records: a step taken meanwhile replaces what is in the originals, not what is here.
  const parameters = [...parametersOf(state)].map(({ parameter }) => {
    const { name, dims, shape, updates, births, trainable, numbers } = parameter;
    return { name, dims, shape, updates, births, trainable, numbers };
  });
  const structure: ImageStructure = {
    version: 1,
    spec,
    spans,
    seeds: [...state.seeds.values()].map(seedEntry),
    cascade: state.cascade,
    // What is as ever is not written: digests of runs that began before these fields hold.
    ...(state.steps === mostUpdates(parameters) ? {} : { steps: state.steps }),
    parameters: parameters.map(({ name, dims, shape, updates, births, trainable, numbers }) => ({
      name,
      dims,
      shape,
      updates,
      births: birthsToKeep(births),
      trainable,
      moments: numbers.length - 1,
    })),
  };
  const read = await Numbers.read(
    runtime,
    parameters.flatMap(({ numbers }) => numbers),
  );
  let at = 0;
  const tensors = parameters.flatMap(({ name, shape, numbers }) =>
    numbers.map((_, i) => ({ name: i === 0 ? name : `${name}#${i}`, shape: [...shape], data: read[at++]! })),
  );
  return { structure, tensors };
}

function seedEntry(seed: Seed): ImageStructure['seeds'][number] {
  const { seedId, kernel, draw, place, sources, mode, alpha, fossil, gradientGain } = seed;
  const stage = { seedId, kernel, draw, slotId: place.slotId, sources, mode, alpha, fossil };
  return gradientGain === 1 ? stage : { ...stage, gradientGain };
}
