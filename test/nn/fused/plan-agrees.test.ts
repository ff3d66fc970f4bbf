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
const WITNESSES = [1, 2] as const;
/** Times what the roundings made of it. */
const LEEWAY = 8;

/**
 * Some of these hosts make much of little: a norm over what is all but equal, a rectifier at its corner. How much, the
 * tensor plan itself tells: it trains two more networks whose weights and inputs are a few roundings away, and the fused
 * plan may be off by some of that difference beside its tolerance. Two, because one may fall on the same side of a tie.
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
        const image = await theirs.network.image();
        const witnesses = WITNESSES.map((nth) => {
          const moved = movedImage(image, nth * seed, (w, by) => w * (1 + ULPS * by));
          const network = loadNetwork({ runtime, optimizer, runSeed: seed }, moved);
          const by = new Draws(`rounded/${nth}/${seed}`).numbers(ours.inputs.length);
          const inputs = ours.inputs.map((x, i) => x * (1 + ULPS * by[i]!));
          return { network, inputs, plan: createTfjsPlan({ runtime, network, optimizer }) };
        });
        // What roundings once made of a step they may make of a later one, even if here they happen not to.
        const chaos = { loss: 0, gradientNorm: 0 };
        for (let step = 0; step < 3; step++) {
          const report = await fused.step(ours.inputs, ours.targets, ours.rows, ours.rates);
          const wanted = await tensors.step(theirs.inputs, theirs.targets, theirs.rows, theirs.rates);
          for (const { plan, inputs } of witnesses) {
            const other = await plan.step(inputs, theirs.targets, theirs.rows, theirs.rates);
            chaos.loss = Math.max(chaos.loss, Math.abs(other.loss - wanted.loss));
            const off = Math.abs(other.gradientNorm - wanted.gradientNorm);
            chaos.gradientNorm = Math.max(chaos.gradientNorm, off);
          }
          for (const [key, within] of [['loss', 1e-5] as const, ['gradientNorm', 1e-3] as const]) {
            const most = within * Math.max(1, wanted[key]) + LEEWAY * chaos[key];
            expect(Math.abs(report[key] - wanted[key]), key).toBeLessThan(most);
          }
          expect(Object.keys(report.seeds).sort()).toEqual(Object.keys(wanted.seeds).sort());
        }
        const [mine, other] = [await weightsOf(ours.network), await weightsOf(theirs.network)];
        const witnessed = await Promise.all(witnesses.map(({ network }) => weightsOf(network)));
        for (const [name, data] of other) {
          const off = Math.max(...witnessed.map((weights) => furthest(weights.get(name)!, data)));
          const most = 2e-4 * largest(data) + LEEWAY * off;
          expect(furthest(mine.get(name)!, data), name).toBeLessThan(most);
        }
        expect(fused.multiplyAdds()).toBe(tensors.multiplyAdds());
        expect(said).toEqual([]);
        // A step that the tensor plan had taken over would have been another author's.
        expect(ours.network.version).toBe(version);
        for (const plan of [fused, tensors, ...witnesses.map((each) => each.plan)]) plan.dispose();
        for (const { network } of [ours, theirs, ...witnesses]) network.dispose();
      }),
      { numRuns: 60, seed: 4 },
    );
  });
});

/** Of the numbers, but 1 at least. */
const largest = (data: Float32Array) => data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
