/** Where training stands. One part goes back with a rollback; the scars stay, or the same fault would strike for ever. */
import type { RunSettings, SeedState } from '../../contracts/index.ts';
import { freshGovernor, type GovernorState } from './governor.ts';

/** Goes back with a rollback. Plain data. */
export interface RunState {
  /** Optimiser steps done. */
  step: number;
  /** Boundaries committed, probe boundaries included; and the regular ones among them. */
  boundary: number;
  tick: number;
  /** Step at which the next boundary falls. */
  nextBoundary: number;
  /** Sum and count of batch losses since the last regular boundary. */
  lossSum: number;
  lossCount: number;
  trainingLoss: number | null;
  validationLoss: number | null;
  validationAccuracy: number | null;
  validationMargin: number | null;
  goalReached: boolean;
  governor: GovernorState;
  germinated: number;
  fossilized: number;
  culled: number;
  growing: number;
  /** Smoothed global gradient norm, for the explosion guard; null while there is none. */
  normTrend: number | null;
  /** Seeds as the newest boundary left them. */
  seeds: SeedGlance[];
  /** What was set by hand; left out while nothing was, so that runs from before there was such a thing keep their digests. */
  settings?: RunSettings;
}

/** A seed at a glance: enough for the fault plan and the progress line. */
export type SeedGlance = Pick<SeedState, 'seedId' | 'slotId' | 'stage' | 'blueprintId' | 'alpha'>;

/** Survives a rollback. Plain data, part of every checkpoint. */
export interface Scars {
  /** Indices of planned faults that have struck. */
  fired: number[];
  rollbacks: number;
  /** Rollbacks in a row without a boundary between them. */
  rollbacksHere: number;
  /** What the governor has cut the host's rate to, 1 at birth. */
  rateScale: number;
  /** Multiply-adds spent on training, candidates and ablations included; work undone by a rollback was spent all the same. */
  spent: number;
  /** Crashes of Tamiyo, and the tick until which nobody asks it. */
  tamiyoCrashes: number;
  tamiyoRestsUntil: number;
  /** Rollbacks by hand that have struck, by number; checkpoints from before there were any lack it. */
  commanded?: number[];
}

export function freshState(stepsPerBoundary: number): RunState {
  return {
    step: 0,
    boundary: 0,
    tick: 0,
    nextBoundary: stepsPerBoundary,
    lossSum: 0,
    lossCount: 0,
    trainingLoss: null,
    validationLoss: null,
    validationAccuracy: null,
    validationMargin: null,
    goalReached: false,
    governor: freshGovernor,
    germinated: 0,
    fossilized: 0,
    culled: 0,
    growing: 0,
    normTrend: null,
    seeds: [],
  };
}

export const freshScars: Scars = {
  fired: [],
  rollbacks: 0,
  rollbacksHere: 0,
  rateScale: 1,
  spent: 0,
  tamiyoCrashes: 0,
  tamiyoRestsUntil: 0,
};
