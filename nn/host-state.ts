/** Everything a network is at one moment: layers, seeds, and the tensors in them. */
import type { Kernel } from '../contracts/blueprint.ts';
import type { HostLayer } from './host-layer.ts';
import { type Parameter, sizeOf } from './parameter.ts';
import type { SeedBody } from './seed-body.ts';
import type { Place } from './slots.ts';
import type { SeedMode } from './types.ts';

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
  readonly layers: readonly HostLayer[];
  /** In the order they were planted. */
  readonly seeds: Map<string, Seed>;
  /** Seed ids of cascade fossils, oldest first: the order in which later units read them. */
  readonly cascade: readonly string[];
  /** Training steps behind it, those in which nothing learned included: with its key it fixes what a dropout drops. */
  steps: number;
}

/** Shares every tensor with the original; both must be disposed. */
export function cloneState({ layers, seeds, cascade, steps }: HostState): HostState {
  return {
    layers: layers.map((layer) => ({ ...layer, parameters: cloneAll(layer.parameters) })),
    seeds: new Map([...seeds].map(([seedId, seed]) => [seedId, { ...seed, body: cloneBody(seed.body) }])),
    cascade,
    steps,
  };
}

export function disposeState(state: HostState): void {
  for (const { parameter } of parametersOf(state)) parameter.dispose();
}

export function disposeBody(body: SeedBody): void {
  for (const parameter of body.parameters.values()) parameter.dispose();
}

/** Every block of weights with the group that its rate and norm belong to: `host` or a seed id. */
export function* parametersOf(
  state: HostState,
): Iterable<{ readonly group: string; readonly parameter: Parameter }> {
  for (const { parameters } of state.layers) {
    for (const parameter of parameters.values()) yield { group: 'host', parameter };
  }
  for (const { seedId, body } of state.seeds.values()) {
    for (const parameter of body.parameters.values()) yield { group: seedId, parameter };
  }
}

/** Updates of what was updated most: the steps of a network of which something always learned. */
export const mostUpdates = (parameters: Iterable<{ readonly updates: number }>): number =>
  [...parameters].reduce((most, { updates }) => Math.max(most, updates), 0);

export const bodySize = ({ parameters }: Pick<SeedBody, 'parameters'>) =>
  [...parameters.values()].reduce((total, parameter) => total + sizeOf(parameter), 0);

/** A snapshot is taken at every boundary, of many small blocks: no pairs are made only to be thrown away. */
function cloneAll(parameters: ReadonlyMap<string, Parameter>): ReadonlyMap<string, Parameter> {
  const copies = new Map<string, Parameter>();
  for (const [key, parameter] of parameters) copies.set(key, parameter.clone());
  return copies;
}

const cloneBody = (body: SeedBody): SeedBody => ({ ...body, parameters: cloneAll(body.parameters) });
