/** The grown network in forms that outlive this program. Seeds that are not permanent stay behind. */
import { EsperError } from '../contracts/failure.ts';
import { type LayersExport, layersObstacle, toLayersModel } from './export-layers.ts';
import { HostNetwork } from './network.ts';
import type { Parameter } from './parameter.ts';
import type { GrowingNetwork } from './types.ts';

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

export interface ModelGraph {
  readonly format: 'esper-graph';
  readonly version: 1;
  readonly inputs: number;
  readonly loss: string;
  readonly layers: ReadonlyArray<{
    readonly weights: string;
    readonly bias: string;
    readonly units: number;
    readonly activation: string;
  }>;
  /** Added to `to`, in this order; a cascade branch reads `from` beside the units of all branches named in `besides`. */
  readonly branches: ReadonlyArray<{
    readonly name: string;
    readonly from: string;
    readonly to: string;
    readonly besides: readonly string[];
    readonly nodes: readonly unknown[];
    readonly output: string;
  }>;
}

/** @throws NN_NETWORK_FOREIGN */
export async function exportModel(network: GrowingNetwork): Promise<ModelExport> {
  if (!(network instanceof HostNetwork)) {
    throw new EsperError(
      'NN_NETWORK_FOREIGN',
      'only networks made by createNetwork or loadNetwork can be exported',
    );
  }
  const { runtime, spec, state } = network;
  const fossils = [...state.seeds.values()].filter(({ fossil }) => fossil);
  const parameters: Parameter[] = [
    ...state.layers.flatMap(({ parameters }) => [...parameters.values()]),
    ...fossils.flatMap(({ body }) => [...body.parameters.values()]),
  ];
  const tensors = parameters.map(({ name, shape, value }) => ({
    name,
    shape: [...shape],
    data: runtime.peek(value).slice(),
  }));
  const graph: ModelGraph = {
    format: 'esper-graph',
    version: 1,
    inputs: spec.inputs,
    loss: spec.loss,
    layers: state.layers.map(({ parameters, activation }) => ({
      weights: parameters.get('w')!.name,
      bias: parameters.get('b')!.name,
      units: parameters.get('b')!.shape[0]!,
      activation,
    })),
    branches: fossils.map(({ seedId, place, sources, body }) => ({
      name: seedId,
      from: place.from,
      to: place.to,
      besides: state.cascade.slice(0, sources),
      nodes: body.order,
      output: body.output,
    })),
  };
  const reason = layersObstacle(fossils);
  return { tensors, graph, reason, layersModel: reason === null ? await toLayersModel(spec, state) : null };
}
