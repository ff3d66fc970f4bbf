/** Everything a network is at one moment: layers, seeds, and the tensors in them. */
import type { Activation, Kernel } from '../contracts/blueprint.ts';
import { cloneParameter, disposeParameter, type Parameter, sizeOf } from './parameter.ts';
import type { SeedBody } from './seed-body.ts';
import type { Place } from './slots.ts';
import type { SeedMode } from './types.ts';

/** `h = activation(input . weights [in, units] + bias [units])`. */
export interface DenseLayer {
  readonly weights: Parameter;
  readonly bias: Parameter;
  readonly activation: Activation;
}

export interface Seed {
  readonly seedId: string;
  readonly kernel: Kernel;
  readonly draw: number;
  readonly place: Place;
  readonly body: SeedBody;
  /** Of a cascade seed: how many earlier cascade fossils it reads. */
  readonly sources: number;
  mode: SeedMode;
  alpha: number;
  fossil: boolean;
  /** What this seed's gradients are multiplied by: 1, unless a fault plan made them explode. */
  gradientGain: number;
}

export interface HostState {
  readonly layers: readonly DenseLayer[];
  /** In the order they were planted. */
  readonly seeds: Map<string, Seed>;
  /** Seed ids of cascade fossils, oldest first: the order in which later units read them. */
  readonly cascade: readonly string[];
}

/** Shares every tensor with the original; both must be disposed. */
export function cloneState({ layers, seeds, cascade }: HostState): HostState {
  return {
    layers: layers.map(({ weights, bias, activation }) => ({
      weights: cloneParameter(weights),
      bias: cloneParameter(bias),
      activation,
    })),
    seeds: new Map([...seeds].map(([seedId, seed]) => [seedId, { ...seed, body: cloneBody(seed.body) }])),
    cascade,
  };
}

export function disposeState(state: HostState): void {
  for (const { parameter } of parametersOf(state)) disposeParameter(parameter);
}

export function disposeBody(body: SeedBody): void {
  for (const parameter of body.parameters.values()) disposeParameter(parameter);
}

/** Every block of weights with the group that its rate and norm belong to: `host` or a seed id. */
export function* parametersOf(
  state: HostState,
): Iterable<{ readonly group: string; readonly parameter: Parameter }> {
  for (const { weights, bias } of state.layers) {
    yield { group: 'host', parameter: weights };
    yield { group: 'host', parameter: bias };
  }
  for (const { seedId, body } of state.seeds.values()) {
    for (const parameter of body.parameters.values()) yield { group: seedId, parameter };
  }
}

/** Units of a layer; 0 is the input. */
export function widthOf({ layers }: HostState, layer: number): number {
  return layer === 0 ? layers[0]!.weights.shape[0]! : layers[layer - 1]!.weights.shape[1]!;
}

export const bodySize = ({ parameters }: SeedBody) =>
  [...parameters.values()].reduce((total, parameter) => total + sizeOf(parameter), 0);

const cloneBody = (body: SeedBody): SeedBody => ({
  ...body,
  parameters: new Map([...body.parameters].map(([key, parameter]) => [key, cloneParameter(parameter)])),
});
