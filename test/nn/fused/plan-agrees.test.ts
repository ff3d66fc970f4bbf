/** The fused plan against the tensor plan, over random hosts with random seeds. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createPlan,
  createTfjsPlan,
  loadNetwork,
  openTensorRuntime,
  type TensorRuntime,
} from '../../../nn/index.ts';
import { furthest, weightsOf } from '../worlds.ts';
import { movedImage } from './moved-images.ts';
import { Draws, optimizers, randomGarden } from './random-hosts.ts';

/** Of a number: a few times what float32 rounds away. */
const ULPS = 5e-7;
/** Times what the roundings made of it. */
const LEEWAY = 8;

/**
 * Some of these hosts make much of little: a norm over what is all but equal, a rectifier at its corner. How much, the
 * tensor plan itself tells: it trains a third network whose weights and inputs are a few roundings away, and the fused
 * plan may be off by some of that difference beside its tolerance.
 */
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
        const moved = movedImage(await theirs.network.image(), seed, (w, by) => w * (1 + ULPS * by));
        const third = loadNetwork({ runtime, optimizer, runSeed: seed }, moved);
        const witness = createTfjsPlan({ runtime, network: third, optimizer });
        const by = new Draws(`rounded/${seed}`).numbers(ours.inputs.length);
        const rounded = ours.inputs.map((x, i) => x * (1 + ULPS * by[i]!));
        // What roundings once made of a step they may make of a later one, even if here they happen not to.
        const chaos = { loss: 0, gradientNorm: 0 };
        for (let step = 0; step < 3; step++) {
          const report = await fused.step(ours.inputs, ours.targets, ours.rows, ours.rates);
          const wanted = await tensors.step(theirs.inputs, theirs.targets, theirs.rows, theirs.rates);
          const other = await witness.step(rounded, theirs.targets, theirs.rows, theirs.rates);
          for (const [key, within] of [['loss', 1e-5] as const, ['gradientNorm', 1e-3] as const]) {
            chaos[key] = Math.max(chaos[key], Math.abs(other[key] - wanted[key]));
            const most = within * Math.max(1, wanted[key]) + LEEWAY * chaos[key];
            expect(Math.abs(report[key] - wanted[key]), key).toBeLessThan(most);
          }
          expect(Object.keys(report.seeds).sort()).toEqual(Object.keys(wanted.seeds).sort());
        }
        const [mine, other] = [await weightsOf(ours.network), await weightsOf(theirs.network)];
        const witnessed = await weightsOf(third);
        for (const [name, data] of other) {
          const most = 2e-4 * largest(data) + LEEWAY * furthest(witnessed.get(name)!, data);
          expect(furthest(mine.get(name)!, data), name).toBeLessThan(most);
        }
        expect(fused.multiplyAdds()).toBe(tensors.multiplyAdds());
        expect(said).toEqual([]);
        // A step that the tensor plan had taken over would have been another author's.
        expect(ours.network.version).toBe(version);
        for (const plan of [fused, tensors, witness]) plan.dispose();
        for (const network of [ours.network, theirs.network, third]) network.dispose();
      }),
      { numRuns: 60, seed: 4 },
    );
  });
});

/** Of the numbers, but 1 at least. */
const largest = (data: Float32Array) => data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
