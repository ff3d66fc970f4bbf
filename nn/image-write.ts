/** A network as bytes: its structure as JSON, its tensors by name. */
import type { HostState } from './host-state.ts';
import { parametersOf } from './host-state.ts';
import type { ImageStructure } from './image-structure.ts';
import type { HostNetwork } from './network.ts';
import type { TensorRuntime } from './runtime.ts';
import type { NetworkImage } from './types.ts';

/** Copies a state out of the runtime in one packed read. The state must not be disposed before the promise settles. */
export async function writeImage(
  runtime: TensorRuntime,
  { spec, spans }: Pick<HostNetwork, 'spec' | 'spans'>,
  state: HostState,
): Promise<NetworkImage> {
  const parameters = [...parametersOf(state)].map(({ parameter }) => parameter);
  const structure: ImageStructure = {
    version: 1,
    spec,
    spans,
    seeds: [...state.seeds.values()].map(({ seedId, kernel, draw, place, sources, mode, alpha, fossil }) => ({
      seedId,
      kernel,
      draw,
      slotId: place.slotId,
      sources,
      mode,
      alpha,
      fossil,
    })),
    cascade: state.cascade,
    parameters: parameters.map(({ name, dims, shape, updates, births, trainable, moments }) => ({
      name,
      dims,
      shape,
      updates,
      births: typeof births === 'number' ? births : [...births],
      trainable,
      moments: moments.length,
    })),
  };
  const shelf = parameters.flatMap(({ name, shape, value, moments }) => [
    { name, shape, tensor: value },
    ...moments.map((tensor, i) => ({ name: `${name}#${i + 1}`, shape, tensor })),
  ]);
  const packed = await runtime.readPacked(shelf.map(({ tensor }) => tensor));
  let at = 0;
  const tensors = shelf.map(({ name, shape, tensor }) => {
    const data = packed.slice(at, at + tensor.size);
    at += tensor.size;
    return { name, shape: [...shape], data };
  });
  return { structure, tensors };
}
