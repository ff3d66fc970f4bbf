/** A whole plan on two threads: the same bits as on one. */
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { FusedPlan } from '../../../nn/fused/plan.ts';
import {
  createNetwork,
  createPlan,
  type HostSpec,
  openTensorRuntime,
  type TensorRuntime,
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

describe('a plan', () => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime('wasm');
  });

  test.each([64, 63, 7])(
    'comes to the same bits on one thread and on two, with batches of %i rows',
    async (rows) => {
      const inputs = Float32Array.from({ length: rows * 400 }, (_, i) => Math.sin(i));
      const targets = Float32Array.from({ length: rows * 10 }, (_, i) =>
        i % 10 === Math.floor(i / 10) % 10 ? 1 : 0,
      );
      const results = [];
      for (const threads of [1, 2] as const) {
        const network = createNetwork({ runtime, host, spans: [], optimizer: adam, runSeed: 1 });
        const plan = createPlan({ runtime, network, optimizer: adam, threads });
        const reports = [];
        for (let step = 0; step < 60; step++) {
          reports.push(await plan.step(inputs, targets, rows, { host: 0.01 }));
          // the thread comes up meanwhile
          await setTimeout(2);
        }
        results.push({ reports, weights: await weightsOf(network) });
        if (threads === 2 && plan instanceof FusedPlan) expect(plan.tally.together).toBeGreaterThan(0);
        plan.dispose();
        network.dispose();
      }

      expect(results[1]).toEqual(results[0]);
    },
  );
});
