/** Carries out a compiled training step, and says when it must not count. */
import type { OptimizerConfig } from '../../contracts/run-config.ts';
import type { TensorRuntime } from '../runtime.ts';
import type { Picked, Rates, StepReport } from '../types.ts';
import { correction } from './ages.ts';
import type { Group } from './block.ts';
import type { LessonReport, StepProgram } from './compile-step.ts';
import type { Segment } from './engine.ts';
import { placeInputs } from './inputs.ts';
import { type Cut, cut, type Stage, segmentOf } from './stage.ts';
import { storeWeights } from './store.ts';

/** Norms beyond this may come from numbers that overflow: such a step is worked out again in 64 bits. */
const SUSPICIOUS = 1e15;

interface Batch {
  readonly inputs: Float32Array | Uint8Array | Picked;
  readonly targets: Float32Array;
  readonly rows: number;
}

/** A program on a stage, ready to step. */
export class Stepper {
  readonly program: StepProgram;
  readonly #stage: Stage;
  readonly #config: OptimizerConfig;
  readonly #segments: Readonly<Record<keyof StepProgram['segments'], Segment>>;
  #cut: Cut | null = null;
  /** Bytes of a row of the last batch. */
  #rowBytes = 0;
  /** Steps since the program was made. */
  #steps = 0;

  constructor(program: StepProgram, stage: Stage, config: OptimizerConfig) {
    this.program = program;
    this.#stage = stage;
    this.#config = config;
    const { segments } = program;
    this.#segments = {
      pass: segmentOf(program, segments.pass),
      emptySecond: segmentOf(program, segments.emptySecond),
      norms: segmentOf(program, segments.norms),
      update: segmentOf(program, segments.update),
      otherUpdate: segmentOf(program, segments.otherUpdate),
      census: segmentOf(program, segments.census),
      store: segmentOf(program, segments.store),
      otherStore: segmentOf(program, segments.otherStore),
    };
  }

  /** Are all weights that learn finite? Those that are not may hide: a unit can be silent and broken. */
  sound(): boolean {
    const { engine } = this.#stage;
    this.#stage.bring(this.program, 0, this.program);
    this.#stage.runWhole(this.#segments.census);
    return Number.isFinite(engine.f64[this.program.censusCell / 8]!);
  }

  /**
   * One optimiser step, in the arena.
   * @param rateOf of a group that learns; throws when there is none
   * @param begun steps behind the network when the program was made
   * @returns null when a number is not finite, or suspiciously large: nothing was changed
   */
  step(
    batch: Batch,
    rates: Rates,
    rateOf: (group: Group, rates: Rates) => number,
    begun: number,
  ): StepReport | null {
    const { program } = this;
    this.#setRates(rates, rateOf);
    const cutting = this.#place(batch);
    const { engine } = this.#stage;
    engine.i32[program.stepCell / 4] = begun + this.#steps;
    if (cutting.second === null) this.#stage.runWhole(this.#segments.emptySecond);
    this.#stage.runPass(this.#segments.pass, cutting, batch.rows * this.program.multiplyAddsPerRow);
    this.#stage.runWhole(this.#segments.norms);
    const report = this.#report(cutting);
    if (report === null) return null;
    this.#setCorrections();
    const { update, otherUpdate } = this.#segments;
    this.#stage.runUpdate(update, otherUpdate, this.program.block.learning);
    this.#steps++;
    return report;
  }

  /**
   * Gives the parameters what `steps` steps made of them.
   * @throws NN_OUT_OF_MEMORY, NN_ENGINE_TOO_LARGE, NN_THREAD_LOST; nothing has changed then
   */
  store(runtime: TensorRuntime, steps: number): void {
    // An evaluation may have put its own words there.
    this.#stage.bring(this.program, 0, this.program);
    storeWeights(this.#stage, runtime, this.program, this.#segments, steps);
  }

  /** Puts the batch in its place, and the cells that depend on it. */
  #place({ inputs, targets, rows }: Batch): Cut {
    const { program } = this;
    const stage = this.#stage;
    stage.bring(program, rows, program);
    const rowBytes = placeInputs(stage.engine, stage.shelves, program, inputs);
    const known = this.#cut?.rows === rows && this.#rowBytes === rowBytes;
    const cutting = known ? this.#cut! : cut(program, rows, program, program.wholeBatch, rowBytes);
    this.#cut = cutting;
    this.#rowBytes = rowBytes;
    const { f32 } = stage.engine;
    f32.set(targets, cutting.targetsAt / 4);
    f32[program.inverseRowsCell / 4] = 1 / rows;
    writeAlphas(f32, program);
    return cutting;
  }

  #setRates(rates: Rates, rateOf: (group: Group, rates: Rates) => number): void {
    const { f32 } = this.#stage.engine;
    for (const group of this.program.block.groups) f32[group.rateCell / 4] = rateOf(group, rates);
  }

  #setCorrections(): void {
    const { ages, corrections, moments } = this.program;
    if (moments.length < 2) return;
    const { f32 } = this.#stage.engine;
    const { beta1, beta2 } = this.#config;
    ages.classes.forEach((age, i) => {
      f32[corrections / 4 + 2 * i] = correction(beta1, age + this.#steps + 1);
      f32[corrections / 4 + 2 * i + 1] = correction(beta2, age + this.#steps + 1);
    });
  }

  /** What the pass came to; sets the scale of every group. */
  #report(cutting: Cut): StepReport | null {
    const { lessons, live } = this.program;
    const seeds: Record<string, StepReport['seeds'][string]> = {};
    for (const { seedId } of live) seeds[seedId] = { gradientNorm: 0, loss: null, finite: true };
    let whole: StepReport | null = null;
    for (const lesson of lessons) {
      const loss = this.#lossOf(lesson, cutting);
      const norm = this.#normOf(lesson);
      if (!Number.isFinite(loss) || !(norm < SUSPICIOUS)) return null;
      if (!this.#scale(lesson, norm)) return null;
      if (lesson.seedId !== null) {
        seeds[lesson.seedId] = { gradientNorm: norm, loss, finite: true };
        continue;
      }
      let hostGradientNorm = 0;
      for (const group of lesson.groups) {
        const gradientNorm = Math.sqrt(this.#squaresOf(group));
        if (group.seed === null) hostGradientNorm = gradientNorm;
        else seeds[group.id] = { gradientNorm, loss: null, finite: true };
      }
      whole = { loss, finite: true, gradientNorm: norm, hostGradientNorm, seeds };
    }
    return whole;
  }

  #lossOf({ loss }: LessonReport, { rows, second }: Cut): number {
    const { f64 } = this.#stage.engine;
    const [first, other] = this.program.halves;
    return (f64[(first + loss) / 8]! + (second === null ? 0 : f64[(other + loss) / 8]!)) / rows;
  }

  #normOf({ groups }: LessonReport): number {
    let sum = 0;
    for (const group of groups) sum += this.#squaresOf(group);
    return Math.sqrt(sum);
  }

  #squaresOf({ squaresCell, seed }: Group): number {
    const gain = seed?.gradientGain ?? 1;
    return gain * gain * this.#stage.engine.f64[squaresCell / 8]!;
  }

  /** @returns false when a step as long as this one could overflow */
  #scale({ groups }: LessonReport, norm: number): boolean {
    const { f32 } = this.#stage.engine;
    const { clipNorm } = this.#config;
    const scale = clipNorm !== null && norm > clipNorm ? clipNorm / norm : 1;
    for (const { scaleCell, rateCell, seed } of groups) {
      f32[scaleCell / 4] = scale * (seed?.gradientGain ?? 1);
      if (!(Math.abs(f32[rateCell / 4]!) * Math.max(norm, 1) < SUSPICIOUS)) return false;
    }
    return true;
  }
}

/** Alphas may change from step to step without a new program. */
export function writeAlphas(f32: Float32Array, { live, alphas }: Pick<StepProgram, 'live' | 'alphas'>): void {
  for (const { seedId, alpha } of live) f32[alphas.get(seedId)! / 4] = alpha;
}
