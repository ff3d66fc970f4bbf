/** One pass through the host and whatever grows in it. A seed that does not take part costs nothing at all. */
import type { HostState, Seed } from './host-state.ts';
import { runLayerOp } from './layer-ops.ts';
import type { Ops, Value } from './ops.ts';
import type { Parameter } from './parameter.ts';
import { runBody } from './seed-body.ts';
import { downstreamOf } from './slots.ts';
import type { HostSpec } from './types.ts';

/** Who takes part in a pass, and whose weights get a gradient. */
export interface View {
  /** The seed's share of the output; 0 means that it is not computed. */
  share(seed: Seed): number;
  hostLearns: boolean;
  seedLearns(seed: Seed, parameter: Parameter): boolean;
  /** Tensors whose gradient is wanted though no weight before them learns. */
  watch?: ReadonlySet<string>;
}

/** What a pass left behind, by layer; index 0 is the input. `base` is a layer's output before residual seeds. */
export interface Pass<V> {
  readonly z: (V | null)[];
  readonly base: V[];
  readonly h: V[];
  readonly contributions: Map<string, V>;
  /** `x` beside the units of the first n cascade fossils, by n. */
  readonly cascade: V[];
  /** Outputs of cascade fossils before their share. */
  readonly fossils: Map<string, V>;
}

/** The network, as far as a pass needs it. */
export interface Walk {
  readonly spec: HostSpec;
  readonly state: HostState;
}

type Contribute<V> = (seed: Seed) => V;

/** Runs rows `x`, shaped as the first layer wants them, through the network. */
export function runLive<V extends Value>(walk: Walk, ops: Ops<V>, view: View, x: V): Pass<V> {
  const pass: Pass<V> = {
    z: [null],
    base: [x],
    h: [x],
    contributions: new Map(),
    cascade: [x],
    fossils: new Map(),
  };
  growCascade(walk, ops, pass, view);
  const contribute = (seed: Seed) => {
    const output = seedOutput(walk, ops, pass, view, seed);
    pass.contributions.set(seed.seedId, output);
    return output;
  };
  for (let layer = 1; layer <= walk.state.layers.length; layer++) {
    runLayer(walk, ops, view, pass, layer, contribute);
  }
  return pass;
}

/**
 * The output as it would be with `seed` added at full strength: everything else is a constant taken from `live`,
 * so that a gradient can reach this seed and nothing else.
 */
export function runIsolated<V extends Value>(
  walk: Walk,
  ops: Ops<V>,
  view: View,
  live: Pass<V>,
  seed: Seed,
): V {
  const { target, at } = seed.place;
  const still = (value: V) => ops.still(value);
  const pass: Pass<V> = {
    z: live.z.map((value) => value && still(value)),
    base: live.base.map(still),
    h: live.h.map(still),
    contributions: live.contributions,
    cascade: live.cascade.map(still),
    fossils: new Map(),
  };
  const output = seedOutput(walk, ops, pass, view, seed);
  const changed = downstreamOf(walk.spec, target);
  // A tensor that the change does not reach is as it was, and so is whatever a seed makes of it.
  const contribute = (other: Seed) => {
    const reached = other.place.span !== 'cascade' && changed.has(other.place.source);
    return reached ? seedOutput(walk, ops, pass, view, other) : still(live.contributions.get(other.seedId)!);
  };
  if (at === 'h') pass.h[target] = ops.addTo(pass.h[target]!, output, seed.place.columns?.start ?? 0);
  else {
    pass.z[target] = ops.add(pass.z[target]!, output);
    finishLayer(walk, ops, view, pass, target, contribute);
  }
  for (let layer = target + 1; layer <= walk.state.layers.length; layer++) {
    if (changed.has(layer)) runLayer(walk, ops, view, pass, layer, contribute);
  }
  return outputOf(pass);
}

/** The last layer's output, `[rows, outputs]`. */
export const outputOf = <V>(pass: Pass<V>): V => pass.h.at(-1)!;

/** What a seed planted at this place reads. */
export function inputOf<V extends Value>(
  ops: Ops<V>,
  pass: Pass<V>,
  { place, sources }: Pick<Seed, 'place' | 'sources'>,
): V {
  if (place.span === 'cascade') return pass.cascade[sources]!;
  if (place.span !== 'residual') return pass.h[place.source]!;
  const whole = pass.base[place.source]!;
  return place.columns === null ? whole : ops.slice(whole, place.columns.start, place.columns.size);
}

function runLayer<V extends Value>(
  walk: Walk,
  ops: Ops<V>,
  view: View,
  pass: Pass<V>,
  layer: number,
  contribute: Contribute<V>,
): void {
  const { spec, from, parameters } = walk.state.layers[layer - 1]!;
  const inputs = from.map((source) => pass.h[source]!);
  const weight = (parameter: Parameter) => ops.weight(parameter, view.hostLearns && parameter.trainable);
  let z = runLayerOp(ops, spec, parameters, inputs, { key: `h${layer}`, weight });
  for (const seed of partners(walk, view, layer, 'z')) z = ops.add(z, contribute(seed));
  if (view.watch?.has(`z${layer}`)) z = ops.watch(z);
  pass.z[layer] = z;
  finishLayer(walk, ops, view, pass, layer, contribute);
}

function finishLayer<V extends Value>(
  walk: Walk,
  ops: Ops<V>,
  view: View,
  pass: Pass<V>,
  layer: number,
  contribute: Contribute<V>,
): void {
  let h = ops.activate(pass.z[layer]!, walk.state.layers[layer - 1]!.activation);
  pass.base[layer] = h;
  for (const seed of partners(walk, view, layer, 'h')) {
    h = ops.addTo(h, contribute(seed), seed.place.columns?.start ?? 0);
  }
  if (view.watch?.has(`h${layer}`)) h = ops.watch(h);
  pass.h[layer] = h;
}

function* partners({ state }: Walk, view: View, layer: number, at: 'z' | 'h'): Iterable<Seed> {
  for (const seed of state.seeds.values()) {
    if (seed.place.target === layer && seed.place.at === at && view.share(seed) !== 0) yield seed;
  }
}

function seedOutput<V extends Value>(walk: Walk, ops: Ops<V>, pass: Pass<V>, view: View, seed: Seed): V {
  const output = pass.fossils.get(seed.seedId) ?? runSeed(walk, ops, pass, view, seed).output;
  return ops.scale(output, view.share(seed), seed.seedId);
}

function runSeed<V extends Value>(walk: Walk, ops: Ops<V>, pass: Pass<V>, view: View, seed: Seed) {
  const learns = (parameter: Parameter) => parameter.trainable && view.seedLearns(seed, parameter);
  return runBody(ops, seed.body, inputOf(ops, pass, seed), { learns, layers: walk.state.layers });
}

/**
 * Cascade fossils, oldest first, each reading the units of all before it. Their units are frozen, so they are
 * computed once a pass and shared by all readers; only their output maps still learn.
 */
function growCascade<V extends Value>(walk: Walk, ops: Ops<V>, pass: Pass<V>, view: View): void {
  for (const seedId of walk.state.cascade) {
    const seed = walk.state.seeds.get(seedId)!;
    const { output, units } = runSeed(walk, ops, pass, view, seed);
    pass.fossils.set(seedId, output);
    pass.cascade.push(ops.still(ops.concat([pass.cascade.at(-1)!, units])));
  }
}
