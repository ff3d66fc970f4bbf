/** Times training steps of a model on a runtime, so that the choice of a backend is a measurement. */
import type { OptimizerConfig } from '../../contracts/run-config.ts';
import { createNetwork } from '../create-network.ts';
import { createPlan } from '../create-plan.ts';
import type { TensorRuntime } from '../runtime.ts';
import type { HostSpec } from '../types.ts';

export interface Model {
  readonly host: HostSpec;
  readonly optimizer: OptimizerConfig;
  /** Rows of a step. */
  readonly batch: number;
}

export interface Timing {
  readonly stepMs: number;
  /** Who took the steps. Where two backends name the same, neither computed and there is nothing to compare. */
  readonly plan: string;
}

const WARM_UP = 5;
const STEPS = 20;

/**
 * Median milliseconds of a step of a bare host on the plan that a run would take there, from 20 steps after 5 that
 * compile and warm up. Frees all it makes.
 * @param nowMs monotonic milliseconds with fractions
 */
export async function timeSteps(
  runtime: TensorRuntime,
  { host, optimizer, batch }: Model,
  nowMs: () => number,
): Promise<Timing> {
  const network = createNetwork({ runtime, host, spans: [], optimizer, runSeed: 1 });
  let onTensors = false;
  const say = () => {
    onTensors = true;
  };
  const plan = createPlan({ runtime, network, optimizer, threads: 2, nowMs, say });
  const outputs = network.widths().at(-1)!;
  const inputs = Float32Array.from({ length: batch * host.inputs }, (_, i) => Math.sin(i));
  const targets = Float32Array.from({ length: batch * outputs }, (_, i) => (i % outputs === 0 ? 1 : 0));
  const times: number[] = [];
  try {
    for (let step = 0; step < WARM_UP + STEPS; step++) {
      const before = nowMs();
      // Rate 0: weights stay where they are, and a large rate cannot make them infinite while they are timed.
      await plan.step(inputs, targets, batch, { host: 0 });
      if (step >= WARM_UP) times.push(nowMs() - before);
    }
  } finally {
    plan.dispose();
    network.dispose();
  }
  const stepMs = times.sort((a, b) => a - b)[STEPS / 2]!;
  return { stepMs, plan: onTensors ? `tensors of ${runtime.name}` : plan.name };
}
