/** The garden of one host: every place, the seed in it, and the one way their stages change. */
import {
  type AdaptationDecision,
  type CatalogueEntry,
  type CullReason,
  EsperError,
  type GateName,
  type GateResult,
  SEED_STAGES,
  type SeedStage,
  type SeedState,
  type SlotState,
  type TransitionRecord,
  widenedUnits,
} from '../../contracts/index.ts';
import type { LayerSpec, Slot, StepReport } from '../../nn/index.ts';
import { hasUnits } from '../../nn/layer-ops.ts';
import type { Acted, Gathered, Measurements, Moment, TrialOrder, Workspace } from '../triad.ts';
import { reading, writeLife, writeRun } from './arena-rows.ts';
import { alphaAt } from './blend.ts';
import { ask } from './gates.ts';
import { type Life, newLife, smooth } from './life.ts';
import { modeOf, STEPS } from './stages.ts';

/** The seeds' own actors: each guards its lifecycle. A crash is the supervisor's business; here it only costs the move. */
export interface SeedActors {
  start(seedId: string, stage: SeedStage): void;
  stop(seedId: string): void;
  /** Asks the seed's actor to change stage. `refused` when its lifecycle forbids it. */
  move(seedId: string, to: SeedStage, gate: GateResult | null): 'moved' | 'refused' | 'crashed';
  /** Makes a seed's actor crash, for fault plans. */
  break(seedId: string): void;
}

export interface GardenState {
  lives: Life[];
  seedsNamed: number;
  /** Transitions since the last boundary was reported. */
  pending: TransitionRecord[];
}

const CLEANING: ReadonlySet<SeedStage> = new Set(['CULLED', 'EMBARGOED', 'RESETTING']);
const GROWING: ReadonlySet<SeedStage> = new Set([
  'GERMINATED',
  'TRAINING',
  'BLENDING',
  'SHADOWING',
  'PROBATIONARY',
]);

/** Crashes of a seed's actor after which nothing moves it any more. */
const CRASHES_MAX = 3;

export class Garden {
  #state: GardenState = { lives: [], seedsNamed: 0, pending: [] };
  /** As the boundary in progress measured it: the loss that a seed planted now is born into. */
  #validationLoss: number | null = null;
  /** As of the last time the rows were written anew. */
  #hostParameters = 1;
  readonly #work: Workspace;
  readonly #actors: SeedActors;
  readonly #entries: ReadonlyMap<string, CatalogueEntry>;

  constructor(work: Workspace, actors: SeedActors, saved?: GardenState) {
    this.#work = work;
    this.#actors = actors;
    this.#entries = new Map(work.catalogue.map((entry) => [entry.kernel.kernelId, entry]));
    if (saved) this.load(saved);
    else for (const slot of work.network.slots()) this.#fill(slot.slotId);
    this.#publish();
  }

  save(): GardenState {
    return structuredClone(this.#state);
  }

  /** Goes back to a saved state: records, and an actor for each seed at its stage. The network is restored by its own snapshot. */
  load(saved: GardenState): void {
    for (const { seedId } of this.#state.lives) this.#actors.stop(seedId);
    this.#state = structuredClone(saved);
    for (const { seedId, stage } of this.#state.lives) this.#actors.start(seedId, stage);
    this.#publish();
  }

  beforeStep(step: number): void {
    const { growth } = this.#work.config;
    for (const life of this.#state.lives) {
      if (life.stage !== 'BLENDING') continue;
      const length = growth.tempo.blending * this.#work.stepsPerBoundary;
      life.alpha = alphaAt(growth.blend, (step - life.stageStep) / length);
      this.#work.network.setAlpha(life.seedId, life.alpha);
    }
  }

  /** Keeps what a step found, and shows it to whoever looks into the arena. */
  afterStep(step: number, report: StepReport): void {
    const { lives } = this.#state;
    for (const life of lives) {
      const own = report.seeds[life.seedId];
      if (!own) continue;
      life.gradientNorm = smooth(life.gradientNorm, own.gradientNorm);
      life.hostGradientNorm = smooth(life.hostGradientNorm, report.hostGradientNorm);
      if (own.loss !== null) {
        life.seedLoss = smooth(life.seedLoss, own.loss);
        life.hostLoss = smooth(life.hostLoss, report.loss);
      }
    }
    this.#work.arena.write(lives.length, (state) => {
      writeRun(state, step, report);
      for (let row = 0; row < lives.length; row++) {
        const life = lives[row] as Life;
        if (report.seeds[life.seedId]) writeLife(state, row, life, this.#hostParameters);
      }
    });
  }

  trials(regular: boolean): readonly TrialOrder[] {
    return this.#state.lives.flatMap(({ seedId, stage }): TrialOrder[] => {
      if (stage === 'SHADOWING') return [{ seedId, how: 'shadow' }];
      return stage === 'PROBATIONARY' && regular ? [{ seedId, how: 'ablation' }] : [];
    });
  }

  gather(moment: Moment, measured: Measurements): Gathered {
    const { validationLoss } = measured;
    this.#validationLoss = validationLoss;
    for (const { seedId, lossWith, lossWithout } of measured.trials) {
      const life = this.#life(seedId);
      life.contribution = percent(lossWithout - lossWith, lossWithout);
    }
    for (const life of this.#state.lives) {
      if (!moment.regular || !GROWING.has(life.stage)) continue;
      life.lossAtBirth ??= validationLoss;
      life.improvement = percent(life.lossAtBirth - validationLoss, life.lossAtBirth);
    }
    this.#publish();
    return {
      seeds: this.#state.lives.map((life, row) => this.#view(life, row, moment)),
      slots: this.#slots(moment),
    };
  }

  /** Carries out decisions, one transition a seed; cleaning up goes by itself. What a gate refuses is counted and changes nothing. */
  act(moment: Moment, decisions: readonly AdaptationDecision[]): Acted {
    // a seed culled between boundaries has had its move
    const moved = new Set(this.#state.pending.map(({ seedId }) => seedId));
    if (moment.regular)
      for (const life of [...this.#state.lives]) if (this.#clean(life, moment)) moved.add(life.seedId);
    for (const decision of decisions) {
      const life = this.#state.lives.find(({ seedId }) => seedId === decision.seedId);
      if (!life || moved.has(life.seedId)) continue;
      if (this.#carryOut(life, decision, moment)) moved.add(life.seedId);
    }
    const transitions = this.#state.pending;
    this.#state.pending = [];
    this.#publish();
    // a probe that came to nothing is not repeated: the next regular boundary measures that seed again
    const probes = this.#state.lives
      .filter(({ stage }) => stage === 'SHADOWING')
      .map(({ stageStep }) => stageStep + this.#work.config.growth.tempo.shadowSteps)
      .filter((step) => step > moment.step);
    return { transitions, probeAt: probes.length === 0 ? null : Math.min(...probes) };
  }

  /** Takes seeds out at once, between boundaries: a rollback found them guilty. Reported with the next boundary. */
  cull(moment: Moment, seedIds: readonly string[], reason: CullReason): void {
    for (const seedId of seedIds) {
      const life = this.#state.lives.find((candidate) => candidate.seedId === seedId);
      if (life && GROWING.has(life.stage)) this.#cull(life, reason, moment, null);
    }
    this.#publish();
  }

  /** A fault plan breaks a seed's actor until its supervisor gives up on it. */
  breakActor(seedId: string): void {
    const life = this.#life(seedId);
    for (let crash = 0; crash < CRASHES_MAX; crash++) this.#actors.break(seedId);
    life.failures += CRASHES_MAX;
  }

  stageOf(seedId: string): SeedStage | undefined {
    return this.#state.lives.find((life) => life.seedId === seedId)?.stage;
  }

  #life(seedId: string): Life {
    const life = this.#state.lives.find((candidate) => candidate.seedId === seedId);
    if (!life) throw new EsperError('KASMINA_UNKNOWN_SEED', `no seed ${seedId} grows here`, { seedId });
    return life;
  }

  /** Puts fresh dormant seeds into a slot's empty places. */
  #fill(slotId: string): void {
    const occupied = this.#state.lives.filter((life) => life.slotId === slotId).length;
    for (let place = occupied; place < this.#work.config.growth.placesPerSlot; place++) {
      const life = newLife(`s${++this.#state.seedsNamed}`, slotId);
      this.#state.lives.push(life);
      this.#actors.start(life.seedId, 'UNKNOWN');
      this.#move(life, 'DORMANT', null, { boundary: 0, tick: 0, regular: true, epoch: 0, step: 0 }, null);
    }
  }

  #carryOut(life: Life, decision: AdaptationDecision, moment: Moment): boolean {
    if (decision.type === 'WAIT') return false;
    if (decision.type === 'CULL')
      return (
        GROWING.has(life.stage) &&
        this.#cull(life, decision.cullReason ?? 'cancelled', moment, decision.decisionId)
      );
    if (decision.type === 'GERMINATE') return this.#germinate(life, decision, moment);
    const step = STEPS[life.stage];
    if (!step || (decision.type === 'FOSSILIZE') !== (step.to === 'FOSSILIZED')) return false;
    const gate = this.#ask(step.gate, life, moment);
    if (!gate.passed) {
      life.refusals += 1;
      return false;
    }
    if (!this.#move(life, step.to, gate, moment, decision.decisionId)) return false;
    if (step.to === 'FOSSILIZED') this.#settle(life);
    else this.#work.network.setMode(life.seedId, modeOf(step.to));
    if (step.to === 'SHADOWING') this.#setAlpha(life, 0);
    if (step.to === 'PROBATIONARY') this.#setAlpha(life, 1);
    return true;
  }

  #germinate(life: Life, decision: AdaptationDecision, moment: Moment): boolean {
    const { chosen } = decision;
    const entry = chosen && this.#entries.get(chosen.kernelId);
    if (!chosen || !entry || life.stage !== 'DORMANT') return false;
    const before = { ...life };
    Object.assign(life, { blueprintId: chosen.blueprintId, kernelId: chosen.kernelId });
    const gate = this.#ask('G0', life, moment);
    if (!gate.passed || !this.#move(life, 'GERMINATED', gate, moment, decision.decisionId)) {
      Object.assign(life, before);
      return false;
    }
    this.#work.network.plant({
      seedId: life.seedId,
      slotId: life.slotId,
      kernel: entry.kernel,
      draw: chosen.draw,
    });
    const units = widenedUnits(entry.kernel.blueprint);
    Object.assign(life, {
      parameters: chosen.parameters,
      units,
      bornTick: moment.tick,
      lossAtBirth: this.#validationLoss,
    });
    return true;
  }

  #cull(life: Life, reason: CullReason, moment: Moment, decisionId: string | null): boolean {
    life.cullReason = reason;
    if (!this.#move(life, 'CULLED', null, moment, decisionId)) {
      // a dead actor must not keep a sick seed alive: give it a new one, which only has to agree to this
      this.#actors.stop(life.seedId);
      this.#actors.start(life.seedId, life.stage);
      if (!this.#move(life, 'CULLED', null, moment, decisionId)) return false;
    }
    this.#work.network.uproot(life.seedId);
    life.alpha = 0;
    return true;
  }

  /** CULLED, EMBARGOED, RESETTING, then a fresh dormant seed: one stage a regular boundary. */
  #clean(life: Life, moment: Moment): boolean {
    if (!CLEANING.has(life.stage) || life.stageTick >= moment.tick) return false;
    if (life.stage === 'CULLED') {
      life.embargoUntil = moment.tick + this.#work.config.growth.tempo.embargo;
      return this.#move(life, 'EMBARGOED', null, moment, null);
    }
    if (life.stage === 'EMBARGOED') {
      return moment.tick >= life.embargoUntil && this.#move(life, 'RESETTING', null, moment, null);
    }
    const gate = this.#ask('G5', life, moment);
    if (!gate.passed || !this.#move(life, 'DORMANT', gate, moment, null)) return false;
    this.#remove(life);
    return true;
  }

  /** A fossil is host from now on; its place is free for new life. */
  #settle(life: Life): void {
    this.#work.network.fossilize(life.seedId);
    this.#remove(life);
  }

  #remove(life: Life): void {
    this.#actors.stop(life.seedId);
    this.#state.lives = this.#state.lives.filter((other) => other !== life);
    this.#fill(life.slotId);
  }

  /** The only place where a stage changes: the seed's actor agrees first, then the record follows. */
  #move(
    life: Life,
    to: SeedStage,
    gate: GateResult | null,
    moment: Moment,
    decisionId: string | null,
  ): boolean {
    const outcome = this.#actors.move(life.seedId, to, gate);
    if (outcome === 'crashed') life.failures += 1;
    if (outcome !== 'moved') return false;
    const { seedId, slotId, blueprintId, stage: from, cullReason } = life;
    this.#state.pending.push({ seedId, slotId, blueprintId, from, to, gate, cullReason, decisionId });
    Object.assign(life, { stage: to, stageTick: moment.tick, stageStep: moment.step, refusals: 0 });
    return true;
  }

  #setAlpha(life: Life, alpha: number): void {
    life.alpha = alpha;
    this.#work.network.setAlpha(life.seedId, alpha);
  }

  #ask(gate: GateName, life: Life, moment: Moment): GateResult {
    const entry = this.#entries.get(life.kernelId);
    return ask(gate, life, {
      growth: this.#work.config.growth,
      tick: moment.tick,
      hostParameters: this.#work.network.parameterCount().host,
      certificate: entry?.certificate ?? null,
      misfit: entry ? this.#work.network.fits(life.slotId, entry.kernel) : 'kernel_unknown',
      planted: this.#work.network.seeds().some(({ seedId, fossil }) => seedId === life.seedId && !fossil),
    });
  }

  /** Every row of the arena, as the records are now. */
  #publish(): void {
    const { lives } = this.#state;
    this.#hostParameters = this.#work.network.parameterCount().host;
    this.#work.arena.write(lives.length, (state) => {
      for (const [row, life] of lives.entries()) writeLife(state, row, life, this.#hostParameters);
    });
  }

  /** What was measured is read from the arena, so that the packet says what everybody else was shown. */
  #view(life: Life, row: number, moment: Moment): SeedState {
    const { state } = this.#work.arena;
    return {
      seedId: life.seedId,
      slotId: life.slotId,
      stage: SEED_STAGES[state.stage[row] as number] as SeedStage,
      blueprintId: life.blueprintId,
      alpha: state.alpha[row] as number,
      dwell: Math.max(0, moment.tick - life.stageTick),
      age: GROWING.has(life.stage) ? Math.max(0, moment.tick - life.bornTick) : 0,
      gradientNorm: reading(state.gradientNorm, row),
      gradientRatio: reading(state.health, row),
      seedLoss: reading(state.seedLoss, row),
      hostLoss: reading(state.hostLoss, row),
      contribution: reading(state.contribution, row),
      improvementSinceBirth: reading(state.improvement, row),
      parameters: life.parameters,
      units: life.units,
      refusals: life.refusals,
      failures: life.failures,
    };
  }

  #slots(moment: Moment): readonly SlotState[] {
    return this.#work.network.slots().map((slot) => {
      const here = this.#state.lives.filter(({ slotId }) => slotId === slot.slotId);
      const embargoes = here
        .filter(({ stage }) => CLEANING.has(stage))
        .map(({ embargoUntil }) => embargoUntil - moment.tick);
      return {
        slotId: slot.slotId,
        span: slot.span,
        vacant: here.filter(({ stage }) => stage === 'DORMANT').map(({ seedId }) => seedId),
        embargo: embargoes.length === 0 ? 0 : Math.max(1, ...embargoes),
        room: this.#room(slot, here),
        width: slot.span === 'layer' ? (this.#work.network.widths()[layerOf(slot) - 1] ?? null) : null,
      };
    });
  }

  #room(slot: Slot, here: readonly Life[]): number | null {
    const { network, config } = this.#work;
    const layer = layerOf(slot);
    const target = config.growth.targetHidden[rankOf(network.spec.layers, layer) - 1];
    if (slot.span !== 'layer' || target === undefined) return null;
    const width = network.widths()[layer - 1] ?? 0;
    const coming = here.filter(({ stage }) => GROWING.has(stage)).reduce((sum, { units }) => sum + units, 0);
    return Math.max(0, target - width - coming);
  }
}

/** The hidden layer a slot belongs to, 1-based; 0 for the cascade. */
const layerOf = (slot: Slot) => Number(/^h(\d+)\//.exec(slot.slotId)?.[1] ?? 0);

/** Its place among the layers that have units: what `targetHidden` counts. */
const rankOf = (layers: readonly LayerSpec[], layer: number) =>
  layers.slice(0, layer).filter(hasUnits).length;

const percent = (part: number, whole: number) => (whole > 0 ? (100 * part) / whole : 0);
