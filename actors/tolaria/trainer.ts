/** The training loop: steps until a boundary, boundaries until the end; what goes wrong goes back, never down. */
import { FaultContained, RolledBack, RunEvent } from '../../contracts/index.ts';
import { bytesOf, takeRows } from '../../nn/data/index.ts';
import type { NetworkImage, Picked, StepReport } from '../../nn/index.ts';
import type { RollbackOutcome } from '../../runtime/index.ts';
import type { Moment } from '../triad.ts';
import { type Blame, backByHand, cullReasonFor } from './back-by-hand.ts';
import {
  adapt,
  assess,
  type BoundaryContext,
  type BoundaryOutcome,
  commit,
  measure,
  restTamiyo,
  SCORE_ROWS,
} from './boundary.ts';
import { Checkpointing } from './checkpointing.ts';
import { answer } from './commanded.ts';
import type { Neighbours, TolariaArgs } from './deps.ts';
import { explosions } from './explosion.ts';
import { strikes } from './fault-plan.ts';
import { Halt } from './halt.ts';
import { Recovery } from './recovery.ts';
import { RunLife } from './run-life.ts';
import { freshScars, freshState, type RunState, type Scars, type SeedGlance } from './run-state.ts';
import { adaptationEvents } from './say.ts';
import { Telemetry } from './telemetry.ts';

/** Milliseconds of stepping after which I/O and messages get a turn. */
const TURN_MS = 8;
/** Rollbacks without a boundary between them after which the run has failed. */
const ROLLBACKS_HERE_MAX = 5;

export type LoopEnd = 'finished' | 'goal_reached' | 'interrupted' | 'aborted';

/** What comes back with `runtime.rolled_back`: from the trainer itself, or from the supervisor of a child that crashed. */
export interface Told {
  readonly blame?: Blame;
  readonly atStep?: number;
  /** The crashed one, by its id. */
  readonly child?: string;
}

export class Trainer {
  state: RunState;
  readonly scars: Scars;
  readonly life = new RunLife();
  /** Closed while a person wants training to stand still; a new process does not know of it and goes on. */
  readonly halt = new Halt();
  #stopRequested = false;
  readonly startedAtWallMs: number;
  #taken: number;
  #spentBefore: number;
  #inputs = new Float32Array(0);
  #bytes = new Uint8Array(0);
  #targets = new Float32Array(0);
  /** Where training was when the group last went back. */
  lastStep = 0;
  readonly #args: TolariaArgs;
  readonly #neighbours: Neighbours;
  readonly #rollback: (reason: string, blame: Blame) => RollbackOutcome;
  readonly #capture: (meta: { boundary: number; step: number }) => void;
  readonly #scoreRows: TolariaArgs['train'];
  readonly #saving: Checkpointing;
  readonly #recovery: Recovery;
  readonly #telemetry: Telemetry;

  constructor(
    args: TolariaArgs,
    hooks: {
      neighbours: Neighbours;
      rollback: (reason: string, blame: Blame) => RollbackOutcome;
      capture: (meta: { boundary: number; step: number }) => void;
    },
  ) {
    this.#args = args;
    this.#neighbours = hooks.neighbours;
    this.#rollback = hooks.rollback;
    this.#capture = hooks.capture;
    this.state = structuredClone(args.resumed?.saved?.state ?? freshState(args.work.stepsPerBoundary));
    this.scars = structuredClone(args.resumed?.saved?.scars ?? freshScars);
    args.settings.keep(this.state.settings);
    if (args.resumed?.saved) args.rates.load(args.resumed.saved.rates);
    args.rates.brake(this.scars.rateScale);
    this.#spentBefore = this.scars.spent;
    this.#taken = this.state.step;
    this.startedAtWallMs = args.resumed?.startedAtMs ?? args.clock.wallMs();
    this.#scoreRows = takeRows(args.train, 0, Math.min(SCORE_ROWS, args.train.count));
    this.#saving = new Checkpointing(args);
    this.#recovery = new Recovery(args);
    this.#telemetry = new Telemetry(args);
  }

  /** Asks for an orderly end: the newest boundary is saved, then the loop stops. */
  requestStop(): void {
    this.#stopRequested = true;
    this.halt.open();
  }

  async run(signal: AbortSignal): Promise<LoopEnd> {
    const { clock, work } = this.#args;
    this.life.begin();
    this.#telemetry.begin(this.state);
    this.#capture({ boundary: Math.max(0, this.state.boundary - 1), step: this.state.step });
    if (this.state.boundary === 0 && !(await this.#boundary(signal))) return 'aborted';
    this.#recovery.settle(this.state);
    let turnStarted = clock.nowMs();
    while (!signal.aborted) {
      const end = this.#end();
      if (end) {
        this.life.tell('complete');
        return end;
      }
      const back = backByHand(this.#args, this.state, this.scars);
      if (back !== null) {
        this.#rollback(back.reason, back.blame);
        return 'aborted';
      }
      if (this.halt.closed) {
        await this.#standStill(signal);
        continue;
      }
      if (!(await this.#step(signal))) return 'aborted';
      if (this.state.step >= this.state.nextBoundary && !(await this.#boundary(signal))) return 'aborted';
      if (clock.nowMs() - turnStarted > TURN_MS) {
        this.#telemetry.sample(this.state, this.life.status, false);
        await new Promise<void>((go) => clock.soon(go));
        turnStarted = clock.nowMs();
      }
    }
    return work.totalSteps <= this.state.step ? 'finished' : 'aborted';
  }

  async #standStill(signal: AbortSignal): Promise<void> {
    this.#args.publish(this.#event('notice', 'paused', 'training stands still: it was told to', {}));
    await this.halt.passed(signal);
    this.#args.publish(this.#event('notice', 'went_on', 'training goes on', {}));
  }

  /** Waits for checkpoints under way and writes the newest boundary. */
  async save(): Promise<void> {
    await this.#saving.flush();
  }

  /** After the group went back: the guilty are taken out, their blueprints quarantined, and the loop may start again. */
  recover(outcome: RollbackOutcome, reason: string, told: Told): void {
    const { work, log } = this.#args;
    const { blame = null, child, atStep = this.lastStep } = told;
    this.#args.settings.keep(this.state.settings);
    const meta = outcome.meta as { boundary: number; step: number };
    this.#taken -= atStep - meta.step;
    this.scars.rollbacks += 1;
    const byHand = blame?.cause === 'commanded';
    const guilty = blame === null ? [] : blame.guilty.length > 0 || byHand ? blame.guilty : this.#growing();
    const seeds = this.state.seeds.filter(({ seedId }) => guilty.includes(seedId));
    const quarantined =
      blame && blame.guilty.length > 0 ? [...new Set(seeds.map(({ blueprintId }) => blueprintId))] : [];
    const moment = this.#moment(false);
    if (guilty.length > 0) {
      this.#neighbours.kasmina({
        type: 'kasmina.cull',
        moment,
        seedIds: guilty,
        reason: cullReasonFor(blame),
      });
    }
    if (quarantined.length > 0)
      this.#neighbours.tamiyo({ type: 'tamiyo.quarantine', blueprintIds: quarantined });
    if (blame !== null && blame.guilty.length === 0 && !byHand) {
      this.scars.rateScale /= 2;
      this.#args.rates.brake(this.scars.rateScale);
    }
    if (child === 'tamiyo') restTamiyo(this.#context(), reason);
    // whoever made the norms what they were is gone; a mere crash changed nothing, and must leave no trace
    if (blame !== null && (guilty.length > 0 || !byHand)) this.state.normTrend = null;
    log.append(
      RolledBack.of({
        reason,
        atStep,
        toStep: meta.step,
        toBoundary: meta.boundary,
        guilty: [...guilty],
        quarantinedBlueprints: quarantined,
        ms: Math.max(0, outcome.ms),
      }),
    );
    const blamed = guilty.length > 0 ? `; culled ${guilty.join(', ')}` : '';
    const text = `${reason}: back from step ${atStep} to ${meta.step} in ${outcome.ms.toFixed(2)} ms${blamed}`;
    this.#args.publish(
      this.#event('warning', 'rolled_back', text, { ms: outcome.ms, guilty, quarantined, runId: work.runId }),
    );
  }

  /** Steps taken and kept: those a rollback undid are not counted, those run again are. Equal to `state.step` when none was lost. */
  get stepsCommitted(): number {
    return this.#taken;
  }

  #end(): LoopEnd | null {
    if (this.#stopRequested) return 'interrupted';
    if (this.state.step >= this.#args.work.totalSteps) return 'finished';
    return this.state.goalReached && this.state.growing === 0 ? 'goal_reached' : null;
  }

  /** One optimiser step. False when the group went back instead: nothing of it was kept. */
  async #step(signal: AbortSignal): Promise<boolean> {
    const { work, batches, rates } = this.#args;
    const { state } = this;
    this.#strike();
    this.#neighbours.kasmina({ type: 'kasmina.before_step', step: state.step });
    const indices = batches.at(state.step);
    const inputs = this.#inputsAt(indices);
    const targets = this.#targetsAt(indices);
    const report = await work.plan.step(inputs, targets, indices.length, rates.step(state.step));
    if (signal.aborted) return false;
    this.scars.spent = this.#spentBefore + work.plan.multiplyAdds();
    const guilty = culprits(report);
    if (!report.finite || guilty.length > 0)
      return this.#goBack('loss or gradient not finite', { guilty, cause: 'not_finite' });
    const exploded = explosions(report, this.state.normTrend);
    if (exploded !== null) return this.#goBack('gradient exploded', { guilty: exploded, cause: 'exploding' });
    this.state.normTrend =
      this.state.normTrend === null
        ? report.gradientNorm
        : 0.9 * this.state.normTrend + 0.1 * report.gradientNorm;
    this.#neighbours.kasmina({ type: 'kasmina.after_step', step: state.step, report });
    state.step += 1;
    this.#taken += 1;
    state.lossSum += report.loss;
    state.lossCount += 1;
    return true;
  }

  async #boundary(signal: AbortSignal): Promise<boolean> {
    const { log, work } = this.#args;
    await log.confirm();
    signal.throwIfAborted(); // the group went back while we waited: another loop runs now
    const { state } = this;
    const regular = state.step % work.stepsPerBoundary === 0 || state.step >= work.totalSteps;
    const cx = this.#context();
    const moment = this.#moment(regular);
    const alarm = await assess(cx, moment);
    if (alarm) return this.#goBack(`${alarm.kind}: ${alarm.reason}`, { guilty: [], cause: 'governor' });
    const outcome = await adapt(cx, moment, await measure(cx, moment));
    this.life.adapting(outcome.asked);
    this.scars.spent = this.#spentBefore + work.plan.multiplyAdds();
    state.seeds = seedsAfter(outcome);
    state.boundary += 1;
    if (regular) state.tick += 1;
    this.scars.rollbacksHere = 0;
    const saved = this.#saved();
    const image: NetworkImage = await commit(cx, outcome, saved);
    this.#capture({ boundary: moment.boundary, step: state.step });
    this.#args.orders.passed(moment.boundary, outcome.commanded);
    answer(this.#args, outcome.commanded);
    this.#recovery.passed(moment.boundary, state);
    this.#saving.offer({ moment, image, extra: saved });
    for (const event of adaptationEvents(work.runId, outcome)) this.#args.publish(event);
    this.#telemetry.sample(state, this.life.status, state.step >= work.totalSteps);
    return true;
  }

  #goBack(reason: string, blame: Blame): false {
    this.scars.rollbacksHere += 1;
    if (this.scars.rollbacksHere > ROLLBACKS_HERE_MAX)
      throw new Error(`training cannot get past step ${this.state.step}: ${reason}`);
    this.#rollback(reason, blame);
    return false;
  }

  #strike(): void {
    for (const { index, kind, seedId } of strikes(
      this.#args.work.config.faults,
      this.scars.fired,
      this.state.step,
      this.state.seeds,
    )) {
      this.scars.fired.push(index);
      this.#args.log.append(
        FaultContained.of({ step: this.state.step, who: seedId ?? 'tamiyo', what: kind, injected: true }),
      );
      this.#args.publish(
        this.#event('notice', 'fault_injected', `fault plan: ${kind} at ${seedId ?? 'tamiyo'}`, {
          kind,
          seedId,
        }),
      );
      if (kind === 'tamiyo_throws') this.#neighbours.tamiyo({ type: 'tamiyo.fail_next' });
      else if (kind === 'seed_actor_crash')
        this.#neighbours.kasmina({ type: 'kasmina.crash_seed', seedId: seedId as string });
      else this.#args.work.network.corrupt(seedId as string, kind === 'seed_output_nan' ? 'nan' : 'explode');
    }
  }

  #inputsAt(indices: Uint32Array): Float32Array | Uint8Array | Picked {
    const { train, work } = this.#args;
    if (work.plan.keeps(train)) return { table: train, indices };
    const count = indices.length * train.inputs;
    const fillBytes = bytesOf(train);
    if (fillBytes !== undefined && work.plan.prefersBytes()) {
      if (this.#bytes.length !== count) this.#bytes = new Uint8Array(count);
      fillBytes(indices, this.#bytes);
      return this.#bytes;
    }
    if (this.#inputs.length !== count) this.#inputs = new Float32Array(count);
    train.fillInputs(indices, this.#inputs);
    return this.#inputs;
  }

  #targetsAt(indices: Uint32Array): Float32Array {
    const { train } = this.#args;
    const count = indices.length * train.outputs;
    if (this.#targets.length !== count) this.#targets = new Float32Array(count);
    train.fillTargets(indices, this.#targets);
    return this.#targets;
  }

  #growing = () =>
    this.state.seeds
      .filter(({ stage }) => stage === 'TRAINING' || stage === 'BLENDING' || stage === 'PROBATIONARY')
      .map(({ seedId }) => seedId);

  #moment(regular: boolean): Moment {
    const { boundary, tick, step } = this.state;
    return { boundary, tick, regular, epoch: Math.floor(step / this.#args.work.stepsPerEpoch), step };
  }

  #saved() {
    return {
      run: structuredClone(this.state),
      scars: structuredClone(this.scars),
      rates: this.#args.rates.save(),
      garden: this.#neighbours.kasmina<unknown>({ type: 'kasmina.save' }),
      tamiyo: this.#neighbours.tamiyo<unknown>({ type: 'tamiyo.save' }),
    };
  }

  #context(): BoundaryContext {
    return {
      args: this.#args,
      state: this.state,
      scars: this.scars,
      neighbours: this.#neighbours,
      scoreRows: this.#scoreRows,
    };
  }

  #event(level: RunEvent['level'], what: string, text: string, details: Record<string, unknown>): RunEvent {
    const { step } = this.state;
    const epoch = Math.floor(step / this.#args.work.stepsPerEpoch);
    return RunEvent.of({
      runId: this.#args.work.runId,
      epoch,
      step,
      level,
      who: 'tolaria',
      what,
      text,
      details,
    });
  }
}

const culprits = (report: StepReport) =>
  Object.entries(report.seeds)
    .filter(([, seed]) => !seed.finite)
    .map(([seedId]) => seedId);

/** Seeds with the stages they have after the boundary. */
function seedsAfter({ seeds, transitions }: BoundaryOutcome): SeedGlance[] {
  const latest = new Map(transitions.map((transition) => [transition.seedId, transition]));
  return seeds.map(({ seedId, slotId, stage, blueprintId, alpha }) => {
    const moved = latest.get(seedId);
    return {
      seedId,
      slotId,
      alpha,
      stage: moved?.to ?? stage,
      blueprintId: moved?.blueprintId ?? blueprintId,
    };
  });
}
