/** What people see of a run while it trains: a sample of the state arena now and then, never a look at a tensor. */
import { TrainingProgress } from '../../contracts/index.ts';
import { type ArenaCopy, ArenaReader } from '../../nn/index.ts';
import type { TolariaArgs } from './deps.ts';
import type { RunState } from './run-state.ts';

/** Milliseconds between samples. */
const SAMPLE_MS = 100;

export class Telemetry {
  readonly #args: TolariaArgs;
  readonly #reader: ArenaReader;
  readonly #copy: ArenaCopy;
  #startedAtMs = 0;
  #startedAtStep = 0;
  #sampledAtMs = Number.NEGATIVE_INFINITY;

  constructor(args: TolariaArgs) {
    this.#args = args;
    this.#reader = new ArenaReader(args.work.arena.buffer);
    this.#copy = this.#reader.copy();
  }

  /** Speed is counted from here. */
  begin({ step }: RunState): void {
    this.#startedAtMs = this.#args.clock.nowMs();
    this.#startedAtStep = step;
  }

  /** Publishes a sample when it is time for one, and in any case when `last`. @param status of the run's life */
  sample(state: RunState, status: string, last: boolean): void {
    const now = this.#args.clock.nowMs();
    if (now - this.#sampledAtMs < SAMPLE_MS && !last) return;
    this.#sampledAtMs = now;
    this.#args.publish(this.#progress(state, status, now));
  }

  #progress(state: RunState, status: string, now: number): TrainingProgress {
    const { work, batches, train } = this.#args;
    const seconds = Math.max(1e-3, (now - this.#startedAtMs) / 1000);
    const stepsPerSecond = (state.step - this.#startedAtStep) / seconds;
    const stages: Record<string, number> = {};
    for (const { stage } of state.seeds) stages[stage] = (stages[stage] ?? 0) + 1;
    stages.FOSSILIZED = state.fossilized;
    return TrainingProgress.of({
      runId: work.runId,
      status,
      epoch: Math.floor(state.step / work.stepsPerEpoch),
      totalEpochs: work.config.training.epochs,
      step: state.step,
      stepsPerEpoch: work.stepsPerEpoch,
      samplesPerSecond: (stepsPerSecond * train.count) / batches.stepsPerEpoch,
      etaSeconds: stepsPerSecond > 0 ? (work.totalSteps - state.step) / stepsPerSecond : null,
      trainingLoss: state.lossCount > 0 ? state.lossSum / state.lossCount : state.trainingLoss,
      validationLoss: state.validationLoss,
      validationAccuracy: state.validationAccuracy,
      parameters: work.network.parameterCount().total,
      stages,
      seeds: this.#seeds(state),
    });
  }

  /** Seeds as the newest boundary left them, at the strength that the newest step gave them. */
  #seeds(state: RunState): TrainingProgress['seeds'] {
    const shown = new Map<string, { readonly alpha: number; readonly contribution: number | null }>();
    if (this.#reader.read(this.#copy)) {
      const { seed, alpha, contribution } = this.#copy.state;
      for (let row = 0; row < this.#copy.seeds; row++)
        shown.set(`s${seed[row]}`, {
          alpha: alpha[row] as number,
          contribution: measured(contribution[row] as number),
        });
    }
    return state.seeds.map(({ seedId, slotId, stage, blueprintId, alpha }) => ({
      ...{ seedId, slotId, stage, blueprintId },
      alpha: shown.get(seedId)?.alpha ?? alpha,
      contribution: shown.get(seedId)?.contribution ?? null,
    }));
  }
}

/** Null where nothing was measured: the arena has NaN there. */
const measured = (reading: number): number | null => (Number.isFinite(reading) ? reading : null);
