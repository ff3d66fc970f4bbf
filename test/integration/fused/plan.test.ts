/** A whole plan on two threads: the same bits as on one. */
import { setImmediate as turn } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { FusedPlan } from '../../../nn/fused/plan.ts';
import {
  createNetwork,
  createPlan,
  type HostSpec,
  openTensorRuntime,
  type StepReport,
  type TensorRuntime,
  type TrainPlan,
} from '../../../nn/index.ts';
import { adam, weightsOf } from '../../nn/worlds.ts';

const host: HostSpec = {
  inputs: 400,
  layers: [
    { units: 96, activation: 'relu' },
    { units: 40, activation: 'tanh' },
    { units: 10, activation: 'linear' },
  ],
  loss: 'softmax_cross_entropy',
  start: 'glorot',
};

/** More steps than a thread needs to come up, on a machine that has much else to do. */
const MOST_STEPS = 50_000;
/** Steps after the first that both threads shared. */
const MORE_STEPS = 60;

describe('a plan', () => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime('wasm');
  });

  const planted = (threads: 1 | 2) => {
    const network = createNetwork({ runtime, host, spans: [], optimizer: adam, runSeed: 1 });
    return { network, plan: createPlan({ runtime, network, optimizer: adam, threads }) };
  };
  const shared = (plan: TrainPlan) => plan instanceof FusedPlan && plan.tally.together > 0;

  test.each([64, 63, 7])(
    'comes to the same bits on one thread and on two, with batches of %i rows',
    async (rows) => {
      const inputs = Float32Array.from({ length: rows * 400 }, (_, i) => Math.sin(i));
      const targets = Float32Array.from({ length: rows * 10 }, (_, i) =>
        i % 10 === Math.floor(i / 10) % 10 ? 1 : 0,
      );
      const pair = planted(2);
      const reports: StepReport[] = [];
      for (let left = MORE_STEPS; left > 0 && reports.length < MOST_STEPS; ) {
        reports.push(await pair.plan.step(inputs, targets, rows, { host: 0.01 }));
        if (shared(pair.plan)) left--;
        else await turn();
      }
      expect(shared(pair.plan)).toBe(true);

      const lone = planted(1);
      for (const report of reports)
        expect(await lone.plan.step(inputs, targets, rows, { host: 0.01 })).toEqual(report);
      expect(await weightsOf(lone.network)).toEqual(await weightsOf(pair.network));
      for (const { plan, network } of [pair, lone]) {
        plan.dispose();
        network.dispose();
      }
    },
  );
});
