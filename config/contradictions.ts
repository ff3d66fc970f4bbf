/** Settings that are fine alone and impossible together, each with the setting to change. */
import type { RunConfig } from '../contracts/index.ts';
import { bornUnits } from './host-layers.ts';
import { boundariesOf } from './tempo.ts';

export interface Contradiction {
  readonly path: string;
  readonly text: string;
  readonly hint: string;
}

/** All contradictions of a complete config; an empty list means it can run. */
export function contradictions(config: RunConfig): readonly Contradiction[] {
  return rules.flatMap((rule) => rule(config) ?? []);
}

type Rule = (config: RunConfig) => Contradiction | null;

const rules: readonly Rule[] = [
  ({ host, growth }) => {
    const { targetHidden } = growth;
    const { path, units } = bornUnits(host);
    if (targetHidden.length === 0 || targetHidden.length === units.length) return null;
    const text = `it has ${count(targetHidden)}, ${path} has ${count(units)}`;
    const which = path === 'host.layers' ? 'each conv and dense layer' : 'each layer';
    return { path: 'growth.targetHidden', text, hint: `give one width for ${which} of ${path}` };
  },
  ({ host, growth }) => {
    const { units } = bornUnits(host);
    const layer = growth.targetHidden.findIndex((width, at) => width < (units[at] ?? 0));
    if (layer < 0) return null;
    const text = `layer ${layer + 1} is born with ${units[layer]} units, its target is ${growth.targetHidden[layer]}`;
    return { path: 'growth.targetHidden', text, hint: 'a layer can only grow: raise the target' };
  },
  ({ host }) => {
    if (host.loss !== 'softmax_cross_entropy' || host.outputActivation === 'linear') return null;
    const text = `softmax_cross_entropy applies its own softmax, outputActivation is ${host.outputActivation}`;
    return { path: 'host.outputActivation', text, hint: 'use linear, or the loss mse' };
  },
  ({ host, training }) => {
    if (training.goal?.metric !== 'margin' || host.loss === 'mse') return null;
    const text = 'a margin is measured against targets of -1 and 1, the loss is softmax_cross_entropy';
    return { path: 'training.goal', text, hint: 'use host.loss: mse, or the metric accuracy' };
  },
  ({ training: { goal } }) => {
    if (goal === null || goal.metric === 'loss' || (goal.value > 0 && goal.value <= 1)) return null;
    const text = `${goal.metric} is a share from 0 to 1, the goal is ${goal.value}`;
    return { path: 'training.goal', text, hint: 'write 0.95 for 95 %' };
  },
  ({ training: { epochs, boundaryEpochs } }) => {
    if (boundaryEpochs <= epochs) return null;
    const text = `boundaryEpochs is ${boundaryEpochs}, the run has ${epochs} epochs`;
    return { path: 'training.boundaryEpochs', text, hint: 'a run needs at least one boundary' };
  },
  ({ training: { optimizer, rate } }) => {
    if (rate.minimum <= optimizer.rate) return null;
    const text = `the rate cannot fall to ${rate.minimum}, it starts at ${optimizer.rate}`;
    return { path: 'training.rate.minimum', text, hint: 'keep it at or below training.optimizer.rate' };
  },
  ({ task, growth }) => {
    if (!growth.enabled || task.validationRows !== 0) return null;
    const text = 'growth is judged on validation rows, and there are none';
    return { path: 'task.validationRows', text, hint: 'keep some rows, or write train' };
  },
  ({ training, growth }) => {
    const last = growth.tempo.latest * boundariesOf(training.epochs, training.boundaryEpochs);
    if (!growth.enabled || growth.tempo.earliest <= last) return null;
    const text = `no seed before boundary ${growth.tempo.earliest} and none after ${Math.floor(last)}: nothing can grow`;
    return { path: 'growth.tempo.earliest', text, hint: 'lower earliest, raise latest or train longer' };
  },
  ({ growth, faults }) => {
    if (growth.enabled || faults.length === 0) return null;
    const text = 'faults strike at seeds, and growth is off';
    return { path: 'faults', text, hint: 'set growth.enabled: true, or take the faults out' };
  },
];

const count = (widths: readonly number[]): string =>
  `${widths.length} ${widths.length === 1 ? 'layer' : 'layers'}`;
