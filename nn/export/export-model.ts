/** The grown network in forms that outlive this program. Seeds that are not permanent stay behind. */
import { EsperError } from '../../contracts/failure.ts';
import { HostNetwork } from '../network.ts';
import type { Parameter } from '../parameter.ts';
import type { GrowingNetwork } from '../types.ts';
import { graphOf, type ModelGraph } from './graph.ts';
import { type LayersExport, toLayersModel } from './layers-model.ts';

export interface ModelExport {
  /** Every permanent weight by name, copied; what a safetensors file holds. */
  readonly tensors: ReadonlyArray<{
    readonly name: string;
    readonly shape: readonly number[];
    readonly data: Float32Array;
  }>;
  /** How the tensors are wired, for a reader without this program. */
  readonly graph: ModelGraph;
  readonly layersModel: LayersExport | null;
  /** Why there is no `layersModel`; null when there is one. */
  readonly reason: string | null;
}

/** The network must rest meanwhile. @throws NN_NETWORK_FOREIGN */
export async function exportModel(network: GrowingNetwork): Promise<ModelExport> {
  if (!(network instanceof HostNetwork)) {
    throw new EsperError(
      'NN_NETWORK_FOREIGN',
      'only networks made by createNetwork, loadNetwork or wrap can be exported',
    );
  }
  const { runtime, spec, state } = network;
  const fossils = [...state.seeds.values()].filter(({ fossil }) => fossil);
  const parameters: Parameter[] = [
    ...state.layers.flatMap(({ parameters }) => [...parameters.values()]),
    ...fossils.flatMap(({ body }) => [...body.parameters.values()]),
  ];
  const packed = await runtime.readPacked(parameters.map(({ value }) => value));
  let at = 0;
  const tensors = parameters.map(({ name, shape }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    at += size;
    return { name, shape: [...shape], data: packed.slice(at - size, at) };
  });
  const layers = await toLayersModel(network);
  const told = typeof layers === 'string';
  return {
    tensors,
    graph: graphOf(spec, state, network.shapes()),
    reason: told ? layers : null,
    layersModel: told ? null : layers,
  };
}
