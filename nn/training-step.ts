/** One optimiser step: a pass, gradients, norms, and all new weights or none. */
import type * as tf from '@tensorflow/tfjs';
import { EsperError } from '../contracts/failure.ts';
import type { OptimizerConfig } from '../contracts/run-config.ts';
import { outputOf, type Pass, runIsolated, runLive } from './forward.ts';
import { guiltySeeds } from './guilty.ts';
import { type HostState, parametersOf, type Seed } from './host-state.ts';
import { lossAndGradient } from './loss-head.ts';
import type { HostNetwork } from './network.ts';
import { type Update, updateOf } from './optimizer.ts';
import { type Parameter, replaceMoments, replaceValue } from './parameter.ts';
import type { TensorRuntime } from './runtime.ts';
import { inputShapeOf } from './slots.ts';
import { Tape, type Var } from './tape/tape.ts';
import type { Rates, StepReport } from './types.ts';
import { isolatedView, liveShare, trainingView } from './views.ts';

export interface Batch {
  /** `[rows, inputs]` */
  readonly inputs: Float32Array;
  /** `[rows, outputs]` */
  readonly targets: Float32Array;
  readonly rows: number;
}

/** A gradient with its owner: `host` or a seed id. */
interface Slope {
  readonly group: string;
  readonly parameter: Parameter;
  readonly gradient: tf.Tensor;
  readonly gain: number;
}

/** What a loss on some part of the network came to. */
interface Lesson {
  readonly loss: number;
  readonly slopes: readonly Slope[];
  /** Square sums of the gradient by group. */
  readonly squares: ReadonlyMap<string, number>;
  readonly norm: number;
}

/**
 * Trains `network` on one batch. Runs synchronously and frees all it makes.
 *
 * The host and its live seeds share one loss and one clipped norm. Each isolated seed has a lesson of its own: should
 * that not be finite, only this seed's weights stay as they were.
 *
 * @throws NN_RATE_MISSING when `rates` has no rate for a group that learns
 */
export function trainStep(
  network: HostNetwork,
  config: OptimizerConfig,
  batch: Batch,
  rates: Rates,
  spend: (multiplyAdds: number) => void,
): StepReport {
  const { runtime, state, spec } = network;
  const owners = groupsOf(network);
  const step = state.steps;
  const tape = new Tape({ runtime, rows: batch.rows, step });
  const live = runLive(network, tape, trainingView, tape.input(batch.inputs, inputShapeOf(spec)));
  const lesson = learn(network, tape, outputOf(live), batch, owners);
  spend(tape.multiplyAdds);
  const updates = updatesOf(runtime, config, lesson, rates, network);
  const finite = updates !== null;
  const isolated = finite
    ? isolatedLessons(network, config, batch, { live, step }, rates, owners, spend)
    : [];
  const guilty = finite ? new Set<string>() : guiltySeeds(runtime, state, live, lesson.squares);
  for (const [parameter, update] of updates ?? []) write(parameter, update);
  if (finite) for (const { parameter, next } of tape.running) replaceValue(parameter, next);
  if (finite) state.steps++;
  const seeds: Record<string, StepReport['seeds'][string]> = {};
  for (const seed of state.seeds.values()) {
    if (liveShare(seed) === 0) continue;
    const gradientNorm = Math.sqrt(lesson.squares.get(seed.seedId) ?? 0);
    seeds[seed.seedId] = { gradientNorm, loss: null, finite: !guilty.has(seed.seedId) };
  }
  for (const [seedId, own] of isolated) seeds[seedId] = own;
  const hostGradientNorm = Math.sqrt(lesson.squares.get('host') ?? 0);
  return { loss: lesson.loss, finite, gradientNorm: lesson.norm, hostGradientNorm, seeds };
}

function isolatedLessons(
  network: HostNetwork,
  config: OptimizerConfig,
  batch: Batch,
  { live, step }: { readonly live: Pass<Var>; readonly step: number },
  rates: Rates,
  owners: ReadonlyMap<Parameter, string>,
  spend: (multiplyAdds: number) => void,
) {
  const pupils = [...network.state.seeds.values()].filter(({ mode }) => mode === 'isolated');
  const results = pupils.map((seed: Seed) => {
    const tape = new Tape({ runtime: network.runtime, rows: batch.rows, step });
    const output = runIsolated(network, tape, isolatedView(seed.seedId), live, seed);
    const lesson = learn(network, tape, output, batch, owners);
    spend(tape.multiplyAdds);
    const updates = updatesOf(network.runtime, config, lesson, rates, network);
    const report = { gradientNorm: lesson.norm, loss: lesson.loss, finite: updates !== null };
    // Its own norms learn what they see here; those of the host do not hear of it.
    const running = tape.running.filter(({ parameter }) => owners.get(parameter) === seed.seedId);
    return { seedId: seed.seedId, updates: updates ?? [], running: updates === null ? [] : running, report };
  });
  // Written only now: no lesson may see what another one of the same step changed.
  return results.map(({ seedId, updates, running, report }) => {
    for (const [parameter, update] of updates) write(parameter, update);
    for (const { parameter, next } of running) replaceValue(parameter, next);
    return [seedId, report] as const;
  });
}

function learn(
  { runtime, spec, state }: HostNetwork,
  tape: Tape,
  output: Var,
  { targets, rows }: Batch,
  owners: ReadonlyMap<Parameter, string>,
): Lesson {
  const { loss, gradient } = lossAndGradient(spec.loss, runtime.peek(output.tensor), targets, rows);
  const squares = new Map<string, number>();
  const slopes: Slope[] = [];
  if (Number.isFinite(loss)) tape.backward(output, gradient);
  for (const [parameter, grad] of tape.gradients()) {
    if (grad === null) continue;
    const group = owners.get(parameter)!;
    const gain = state.seeds.get(group)?.gradientGain ?? 1;
    squares.set(group, (squares.get(group) ?? 0) + gain * gain * squareSum(runtime, grad));
    slopes.push({ group, parameter, gradient: grad, gain });
  }
  const norm = Math.sqrt([...squares.values()].reduce((a, b) => a + b, 0));
  return { loss, slopes, squares, norm };
}

/** New numbers for all that learned, or null when anything in them is not finite. */
function updatesOf(
  runtime: TensorRuntime,
  config: OptimizerConfig,
  { loss, slopes, norm }: Lesson,
  rates: Rates,
  { state }: HostNetwork,
): ReadonlyArray<readonly [Parameter, Update]> | null {
  if (!Number.isFinite(loss) || !Number.isFinite(norm)) return null;
  const scale = config.clipNorm !== null && norm > config.clipNorm ? config.clipNorm / norm : 1;
  const updates = slopes.map(({ group, parameter, gradient, gain }) => {
    const rate = rateFor(rates, state, group);
    return [
      parameter,
      updateOf(runtime, config, parameter, gradient, { rate, scale: scale * gain }),
    ] as const;
  });
  return updates.every(([, { finite }]) => finite) ? updates : null;
}

function write(parameter: Parameter, { value, moments }: Update): void {
  replaceValue(parameter, value);
  replaceMoments(parameter, moments);
  parameter.updates++;
}

/** A fossil without a rate of its own learns as the host does. @throws NN_RATE_MISSING */
export function rateFor(rates: Rates, { seeds }: HostState, group: string): number {
  const rate = rates[group] ?? (seeds.get(group)?.fossil ? rates.host : undefined);
  if (rate !== undefined) return rate;
  throw new EsperError(
    'NN_RATE_MISSING',
    `no learning rate for ${group}`,
    { group },
    { hint: 'add the group to UnifiedLRController before it learns' },
  );
}

/** The group of every block of weights: `host` or a seed id. */
export function groupsOf({ state }: HostNetwork): ReadonlyMap<Parameter, string> {
  const groups = new Map<Parameter, string>();
  for (const { group, parameter } of parametersOf(state)) groups.set(parameter, group);
  return groups;
}

function squareSum(runtime: TensorRuntime, gradient: tf.Tensor): number {
  if (runtime.updater !== undefined) return runtime.updater.sumOfSquares(gradient);
  const data = runtime.peek(gradient);
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i]! * data[i]!;
  return sum;
}
