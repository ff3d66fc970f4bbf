/** One pass through the host and whatever grows in it. A seed that does not take part costs nothing at all. */
import type { Tensor } from '@tensorflow/tfjs';
import type { HostState, Seed } from './host-state.ts';
import type { Parameter } from './parameter.ts';
import { runBody } from './seed-body.ts';
import type { Tape, Var } from './tape.ts';

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
export interface Pass {
  readonly z: (Var | null)[];
  readonly base: Var[];
  readonly h: Var[];
  readonly contributions: Map<string, Var>;
  /** `x` beside the units of the first n cascade fossils, by n. */
  readonly cascade: Var[];
  /** Outputs of cascade fossils before their share. */
  readonly fossils: Map<string, Var>;
}

/** Runs rows `x [rows, inputs]` through the network. */
export function runLive(state: HostState, tape: Tape, view: View, x: Tensor): Pass {
  const input = tape.constant(x);
  const pass: Pass = {
    z: [null],
    base: [input],
    h: [input],
    contributions: new Map(),
    cascade: [input],
    fossils: new Map(),
  };
  growCascade(state, tape, pass, view);
  const contribute = (seed: Seed) => {
    const output = seedOutput(tape, pass, view, seed);
    pass.contributions.set(seed.seedId, output);
    return output;
  };
  for (let layer = 1; layer <= state.layers.length; layer++)
    runLayer(state, tape, view, pass, layer, contribute);
  return pass;
}

/**
 * The output as it would be with `seed` added at full strength: everything else is a constant taken from `live`,
 * so that a gradient can reach this seed and nothing else.
 */
export function runIsolated(state: HostState, tape: Tape, view: View, live: Pass, seed: Seed): Var {
  const { target, at } = seed.place;
  const still = (value: Var) => tape.constant(value.tensor);
  const pass: Pass = {
    z: live.z.map((value) => value && still(value)),
    base: live.base.map(still),
    h: live.h.map(still),
    contributions: live.contributions,
    cascade: live.cascade.map(still),
    fossils: new Map(),
  };
  const output = seedOutput(tape, pass, view, seed);
  // A tensor before the change is as it was, and so is whatever a seed makes of it.
  const contribute = (other: Seed) => {
    const reads = other.place.span === 'cascade' ? 0 : other.place.source;
    if (reads >= target) return seedOutput(tape, pass, view, other);
    return still(live.contributions.get(other.seedId)!);
  };
  if (at === 'h') pass.h[target] = tape.add(pass.h[target]!, output);
  else {
    pass.z[target] = tape.add(pass.z[target]!, output);
    finishLayer(state, tape, view, pass, target, contribute);
  }
  for (let layer = target + 1; layer <= state.layers.length; layer++) {
    runLayer(state, tape, view, pass, layer, contribute);
  }
  return outputOf(pass);
}

/** The last layer's output, `[rows, outputs]`. */
export const outputOf = (pass: Pass): Var => pass.h.at(-1)!;

/** What a seed planted at this place reads. */
export function inputOf(pass: Pass, { place, sources }: Pick<Seed, 'place' | 'sources'>): Var {
  if (place.span === 'cascade') return pass.cascade[sources]!;
  return place.span === 'residual' ? pass.base[place.source]! : pass.h[place.source]!;
}

function runLayer(
  state: HostState,
  tape: Tape,
  view: View,
  pass: Pass,
  layer: number,
  contribute: (seed: Seed) => Var,
): void {
  const { weights, bias } = state.layers[layer - 1]!;
  const learns = (parameter: Parameter) => tape.weight(parameter, view.hostLearns);
  let z = tape.dense(pass.h[layer - 1]!, learns(weights), learns(bias));
  for (const seed of partners(state, view, layer, 'z')) z = tape.add(z, contribute(seed));
  if (view.watch?.has(`z${layer}`)) z.needs = true;
  pass.z[layer] = z;
  finishLayer(state, tape, view, pass, layer, contribute);
}

function finishLayer(
  state: HostState,
  tape: Tape,
  view: View,
  pass: Pass,
  layer: number,
  contribute: (seed: Seed) => Var,
): void {
  let h = tape.activate(pass.z[layer]!, state.layers[layer - 1]!.activation);
  pass.base[layer] = h;
  for (const seed of partners(state, view, layer, 'h')) h = tape.add(h, contribute(seed));
  if (view.watch?.has(`h${layer}`)) h.needs = true;
  pass.h[layer] = h;
}

function* partners(state: HostState, view: View, layer: number, at: 'z' | 'h'): Iterable<Seed> {
  for (const seed of state.seeds.values()) {
    if (seed.place.target === layer && seed.place.at === at && view.share(seed) !== 0) yield seed;
  }
}

function seedOutput(tape: Tape, pass: Pass, view: View, seed: Seed): Var {
  const output = pass.fossils.get(seed.seedId) ?? runSeed(tape, pass, view, seed).output;
  return tape.scale(output, view.share(seed));
}

function runSeed(tape: Tape, pass: Pass, view: View, seed: Seed) {
  const learns = (parameter: Parameter) => parameter.trainable && view.seedLearns(seed, parameter);
  return runBody(tape, seed.body, inputOf(pass, seed), learns);
}

/**
 * Cascade fossils, oldest first, each reading the units of all before it. Their units are frozen, so they are
 * computed once a pass and shared by all readers; only their output maps still learn.
 */
function growCascade(state: HostState, tape: Tape, pass: Pass, view: View): void {
  for (const seedId of state.cascade) {
    const seed = state.seeds.get(seedId)!;
    const { output, units } = runSeed(tape, pass, view, seed);
    pass.fossils.set(seedId, output);
    pass.cascade.push(tape.besides(pass.cascade.at(-1)!, units));
  }
}
