/** Layers of other people's models, rebuilt from their class name and configuration. */
import { EsperError } from '../contracts/failure.ts';
import type { ForeignLayer } from './ops.ts';
import type { ForeignSpec } from './types.ts';

const known = new Map<string, (spec: ForeignSpec) => ForeignLayer>();
const built = new WeakMap<ForeignSpec, ForeignLayer>();

/** Teaches the network how layers of a class are rebuilt. */
export function registerForeign(className: string, build: (spec: ForeignSpec) => ForeignLayer): void {
  known.set(className, build);
}

/**
 * The layer that a specification stands for, built once.
 * @throws NN_LAYER_UNKNOWN when nobody registered its class
 */
export function foreignLayer(spec: ForeignSpec): ForeignLayer {
  const found = built.get(spec);
  if (found !== undefined) return found;
  const build = known.get(spec.className);
  if (build === undefined) {
    throw new EsperError(
      'NN_LAYER_UNKNOWN',
      `no layer class ${spec.className} is known here`,
      { className: spec.className },
      { hint: 'import the module that defines the layer and wrap the model again, or register its class' },
    );
  }
  const layer = build(spec);
  built.set(spec, layer);
  return layer;
}
