/** Rows of the state arena: how a seed's record and a step's report become columns, and back. */
import { stageNumber } from '../../contracts/index.ts';
import { type ArenaState, RUN_READINGS, type StepReport } from '../../nn/index.ts';
import { gradientRatio, type Life } from './life.ts';

/** The newest step as a whole. */
export function writeRun({ run }: ArenaState, step: number, report: StepReport): void {
  run[RUN_READINGS.step] = step;
  run[RUN_READINGS.loss] = report.loss;
  run[RUN_READINGS.gradientNorm] = report.gradientNorm;
  run[RUN_READINGS.hostGradientNorm] = report.hostGradientNorm;
}

/** One seed. Its number is that of its id, which the garden gave it: `s12` is 12. */
export function writeLife(state: ArenaState, row: number, life: Life, hostParameters: number): void {
  state.seed[row] = Number(life.seedId.slice(1));
  state.stage[row] = stageNumber(life.stage);
  state.alpha[row] = life.alpha;
  state.health[row] = gradientRatio(life, hostParameters) ?? Number.NaN;
  state.gradientNorm[row] = life.gradientNorm ?? Number.NaN;
  state.seedLoss[row] = life.seedLoss ?? Number.NaN;
  state.hostLoss[row] = life.hostLoss ?? Number.NaN;
  state.contribution[row] = life.contribution ?? Number.NaN;
  state.improvement[row] = life.improvement ?? Number.NaN;
}

/** A reading of a row; null where nothing was measured. */
export function reading(column: Float64Array, row: number): number | null {
  const value = column[row] as number;
  return Number.isNaN(value) ? null : value;
}
