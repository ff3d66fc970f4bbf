/** A network as bytes: its structure as JSON, its tensors by name. */
import type { Span } from '../contracts/index.ts';
import type { HostState } from './host-state.ts';
import { parametersOf } from './host-state.ts';
import type { ImageStructure } from './image-structure.ts';
import type { TensorRuntime } from './runtime.ts';
import type { HostSpec, NetworkImage } from './types.ts';

/** Copies a state out of the runtime in one packed read. The state must not be disposed before the promise settles. */
export async function writeImage(
  runtime: TensorRuntime,
  { spec, spans }: { readonly spec: HostSpec; readonly spans: readonly Span[] },
  state: HostState,
): Promise<NetworkImage> {
  // Copied records: a step taken meanwhile replaces what is in the originals, not what is here.
  const parameters = [...parametersOf(state)].map(({ parameter }) => ({ ...parameter }));
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
  const packed = await runtime.readPacked(parameters.flatMap(({ value, moments }) => [value, ...moments]));
  let at = 0;
  const take = (name: string, shape: readonly number[]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    at += size;
    return { name, shape: [...shape], data: packed.slice(at - size, at) };
  };
  const tensors = parameters.flatMap(({ name, shape, moments }) => [
    take(name, shape),
    ...moments.map((_, i) => take(`${name}#${i + 1}`, shape)),
  ]);
  return { structure, tensors };
}
