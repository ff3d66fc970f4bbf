/** The fused plan against the tensor plan, over random hosts with random seeds. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createPlan, createTfjsPlan, openTensorRuntime, type TensorRuntime } from '../../../nn/index.ts';
import { furthest, weightsOf } from '../worlds.ts';
import { optimizers, randomGarden } from './random-hosts.ts';

describe('the fused plan', () => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime('cpu');
  });

  it('takes the same three steps as the tensor plan, whatever grows where', async () => {
    const any = fc.tuple(fc.integer({ min: 0, max: 1e9 }), fc.constantFrom(...optimizers));
    await fc.assert(
      fc.asyncProperty(any, async ([seed, optimizer]) => {
        const said: string[] = [];
        const ours = randomGarden(runtime, seed, optimizer);
        const { version } = ours.network;
        const theirs = randomGarden(runtime, seed, optimizer);
        const fused = createPlan({
          runtime,
          network: ours.network,
          optimizer,
          say: (line) => said.push(line),
        });
        const tensors = createTfjsPlan({ runtime, network: theirs.network, optimizer });
        for (let step = 0; step < 3; step++) {
          const report = await fused.step(ours.inputs, ours.targets, ours.rows, ours.rates);
          const wanted = await tensors.step(theirs.inputs, theirs.targets, theirs.rows, theirs.rates);
          expect(Math.abs(report.loss - wanted.loss)).toBeLessThan(1e-5 * Math.max(1, wanted.loss));
          expect(Math.abs(report.gradientNorm - wanted.gradientNorm)).toBeLessThan(
            1e-3 * Math.max(1, wanted.gradientNorm),
          );
          expect(Object.keys(report.seeds).sort()).toEqual(Object.keys(wanted.seeds).sort());
        }
        const [mine, other] = [await weightsOf(ours.network), await weightsOf(theirs.network)];
        for (const [name, data] of other)
          expect(furthest(mine.get(name)!, data), name).toBeLessThan(2e-4 * largest(data));
        expect(fused.multiplyAdds()).toBe(tensors.multiplyAdds());
        expect(said).toEqual([]);
        // A step that the tensor plan had taken over would have been another author's.
        expect(ours.network.version).toBe(version);
        for (const plan of [fused, tensors]) plan.dispose();
        for (const { network } of [ours, theirs]) network.dispose();
      }),
      { numRuns: 60, seed: 4 },
    );
  });
});

/** Of the numbers, but 1 at least. */
const largest = (data: Float32Array) => data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
