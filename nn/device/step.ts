/** One optimiser step on a device where a read is a journey: weights never leave it, and one read a step tells how it went. */

import { EsperError } from '../../contracts/failure.ts';
import type { OptimizerConfig } from '../../contracts/run-config.ts';
import * as tf from '../adapters/tensorflow.ts';
import { outputOf, type Pass, runIsolated, runLive } from '../forward.ts';
import type { Seed } from '../host-state.ts';
import type { HostNetwork } from '../network.ts';
import { type Parameter, replaceMoments, replaceValue } from '../parameter.ts';
import { scoped } from '../scoped.ts';
import { inputShapeOf } from '../slots.ts';
import { Tape, type Var } from '../tape/tape.ts';
import { type Batch, groupsOf, rateFor } from '../training-step.ts';
import type { Rates, StepReport } from '../types.ts';
import { isolatedView, liveShare, trainingView } from '../views.ts';
import { AgeTables } from './ages.ts';
import { guiltyOnDevice } from './guilty.ts';
import { lossOnDevice } from './loss.ts';
import { type DeviceUpdate, soundness, updateOnDevice } from './optimizer.ts';
import { sumOf } from './sums.ts';

/** A lesson as it lies on the device: what it would write, and the scalars that tell whether it may. */
interface Draft {
  /** The seed that learns alone; null for the host and everything live. */
  readonly seedId: string | null;
  readonly updates: ReadonlyArray<readonly [Parameter, DeviceUpdate]>;
  readonly running: Tape['running'];
  /** The group of each square sum in `figures`. */
  readonly groups: readonly string[];
  /** `[2 + groups]`: loss, soundness, square sums of gradients. */
  readonly figures: tf.Tensor;
  readonly multiplyAdds: number;
}

/** What the device said about a draft. */
interface Reading {
  readonly loss: number;
  readonly finite: boolean;
  readonly squares: ReadonlyMap<string, number>;
  readonly norm: number;
}

/** Steps of one network; holds a little on the device between them. */
export class DeviceStepper {
  readonly #network: HostNetwork;
  readonly #config: OptimizerConfig;
  readonly #ages = new AgeTables();

  constructor(network: HostNetwork, config: OptimizerConfig) {
    this.#network = network;
    this.#config = config;
  }

  /**
   * As `trainStep`, in float32 throughout and with one asynchronous read. All lessons are worked out before it is known
   * whether any may be written; what may not is dropped.
   * @throws NN_RATE_MISSING, NN_STEP_DISTURBED when the network was changed before the step was done
   */
  async step(batch: Batch, rates: Rates, spend: (multiplyAdds: number) => void): Promise<StepReport> {
    const network = this.#network;
    const version = network.version;
    const drafts = scoped(() => this.#draft(batch, rates));
    const figures = drafts.map((draft) => draft.figures);
    try {
      const packed = await network.runtime.readPacked(figures);
      if (network.version !== version) throw disturbed();
      const readings = readingsOf(drafts, packed);
      const [live, ...alone] = readings as [Reading, ...Reading[]];
      drafts.forEach((draft, i) => {
        if (i === 0 || live.finite) spend(draft.multiplyAdds);
        if (live.finite && readings[i]!.finite) write(draft);
        else discard(draft);
      });
      if (live.finite) network.state.steps++;
      if (live.finite) network.touch();
      const guilty = live.finite ? new Set<string>() : await guiltyOnDevice(network, batch, live.squares);
      return reportOf(network, live, live.finite ? alone : [], drafts.slice(1), guilty);
    } catch (error) {
      for (const draft of drafts) discard(draft);
      throw error;
    } finally {
      tf.dispose(figures);
    }
  }

  dispose(): void {
    this.#ages.dispose();
  }

  #draft(batch: Batch, rates: Rates): readonly Draft[] {
    const { runtime, state, spec } = this.#network;
    const step = state.steps;
    const owners = groupsOf(this.#network);
    const targets = runtime.upload(batch.targets, [batch.rows, batch.targets.length / batch.rows]);
    const lesson = (seedId: string | null, tape: Tape, output: Var) =>
      this.#lesson({ seedId, tape, output, targets, owners, rates });
    const tape = new Tape({ runtime, rows: batch.rows, step });
    const live = runLive(this.#network, tape, trainingView, tape.input(batch.inputs, inputShapeOf(spec)));
    const first = lesson(null, tape, outputOf(live));
    const alone = [...state.seeds.values()]
      .filter(({ mode }) => mode === 'isolated')
      .map((seed) => this.#alone(seed, batch.rows, step, live, lesson));
    return [first, ...alone];
  }

  #alone(
    seed: Seed,
    rows: number,
    step: number,
    live: Pass<Var>,
    lesson: (seedId: string, tape: Tape, output: Var) => Draft,
  ): Draft {
    const tape = new Tape({ runtime: this.#network.runtime, rows, step });
    const output = runIsolated(this.#network, tape, isolatedView(seed.seedId), live, seed);
    return lesson(seed.seedId, tape, output);
  }

  #lesson({
    seedId,
    tape,
    output,
    targets,
    owners,
    rates,
  }: {
    readonly seedId: string | null;
    readonly tape: Tape;
    readonly output: Var;
    readonly targets: tf.Tensor;
    readonly owners: ReadonlyMap<Parameter, string>;
    readonly rates: Rates;
  }): Draft {
    const { spec, state } = this.#network;
    const { loss, gradient } = lossOnDevice(spec.loss, output.tensor, targets);
    tape.backwardFrom(output, gradient);
    const slopes = [...tape.gradients()].flatMap(([parameter, grad]) => {
      if (grad === null) return [];
      const group = owners.get(parameter)!;
      const gain = state.seeds.get(group)?.gradientGain ?? 1;
      return [{ parameter, grad, group, gain, square: tf.mul(tf.sum(tf.square(grad)), gain * gain) }];
    });
    const clip = this.#clip(slopes.map(({ square }) => square));
    const updates = slopes.map(({ parameter, grad, group, gain }) => {
      const push = {
        gradient: grad,
        rate: rateFor(rates, state, group),
        scale: tf.mul(clip, gain),
        corrections: () => this.#ages.corrections(this.#config, parameter),
      };
      return [parameter, kept(updateOnDevice(this.#config, parameter, push))] as const;
    });
    const sound = updates.length === 0 ? tf.scalar(0) : sumOf(updates.map(([, update]) => soundness(update)));
    // A seed that learns alone moves the running figures of its own norms, and of no others.
    const running = tape.running.filter(
      ({ parameter }) => seedId === null || owners.get(parameter) === seedId,
    );
    const figures = tf.stack([loss, sound, ...slopes.map(({ square }) => square)]);
    return {
      seedId,
      updates,
      running: running.map((one) => ({ ...one, next: tf.keep(one.next) })),
      groups: slopes.map(({ group }) => group),
      figures: tf.keep(figures),
      multiplyAdds: tape.multiplyAdds,
    };
  }

  /** A scalar: what gradients are multiplied with so that their joint length is at most `clipNorm`. */
  #clip(squares: readonly tf.Tensor[]): tf.Tensor {
    const { clipNorm } = this.#config;
    if (clipNorm === null || squares.length === 0) return tf.scalar(1);
    const norm = tf.sqrt(sumOf(squares));
    return tf.div(clipNorm, tf.maximum(norm, clipNorm));
  }
}

function kept({ value, moments }: DeviceUpdate): DeviceUpdate {
  return { value: tf.keep(value), moments: moments.map((moment) => tf.keep(moment)) };
}

function write({ updates, running }: Draft): void {
  for (const [parameter, { value, moments }] of updates) {
    replaceValue(parameter, value);
    replaceMoments(parameter, moments);
    parameter.updates++;
  }
  for (const { parameter, next } of running) replaceValue(parameter, next);
}

function discard({ updates, running }: Draft): void {
  for (const [, { value, moments }] of updates) tf.dispose([value, ...moments]);
  for (const { next } of running) next.dispose();
}

function readingsOf(drafts: readonly Draft[], packed: Float32Array): readonly Reading[] {
  let at = 0;
  return drafts.map(({ groups }) => {
    const [loss, sound] = [packed[at]!, packed[at + 1]!];
    const squares = new Map<string, number>();
    // Without a loss nothing flowed back, as far as anybody is told.
    if (Number.isFinite(loss)) {
      groups.forEach((group, i) => {
        squares.set(group, (squares.get(group) ?? 0) + packed[at + 2 + i]!);
      });
    }
    at += 2 + groups.length;
    const norm = Math.sqrt([...squares.values()].reduce((a, b) => a + b, 0));
    const finite = [loss, sound, norm].every(Number.isFinite);
    return { loss, finite, squares, norm };
  });
}

function reportOf(
  { state }: HostNetwork,
  live: Reading,
  alone: readonly Reading[],
  drafts: readonly Draft[],
  guilty: ReadonlySet<string>,
): StepReport {
  const seeds: Record<string, StepReport['seeds'][string]> = {};
  for (const seed of state.seeds.values()) {
    if (liveShare(seed) === 0) continue;
    const gradientNorm = Math.sqrt(live.squares.get(seed.seedId) ?? 0);
    seeds[seed.seedId] = { gradientNorm, loss: null, finite: !guilty.has(seed.seedId) };
  }
  alone.forEach(({ norm, loss, finite }, i) => {
    seeds[drafts[i]!.seedId!] = { gradientNorm: norm, loss, finite };
  });
  const hostGradientNorm = Math.sqrt(live.squares.get('host') ?? 0);
  return { loss: live.loss, finite: live.finite, gradientNorm: live.norm, hostGradientNorm, seeds };
}

const disturbed = () =>
  new EsperError(
    'NN_STEP_DISTURBED',
    'the network was changed while a step was under way',
    {},
    { hint: 'wait for the step before planting, restoring or changing seeds' },
  );
