/** Candidates are ranked by what the loss would gain from them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { openTensorRuntime, type TensorRuntime, widen } from '../../nn/index.ts';
import { kernelOf, outputsOf, tableOf, weightsOf, worldOf, xor } from './worlds.ts';

describe('a score', () => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime('wasm');
  });

  const pool = (blueprint: ReturnType<typeof widen>, draws: number) =>
    Array.from({ length: draws }, (_, draw) => ({
      slotId: 'h1/layer',
      kernel: kernelOf(blueprint),
      draw,
      seedId: 's1',
    }));

  it('is zero for units that never answer, and only for them', async () => {
    const world = worldOf(runtime);
    // At the origin a relu unit without bias is silent; tanh units begin with biases.
    const origin = tableOf([[0, 0]], [[1]], 'values');
    const candidates = [...pool(widen(2, 'relu'), 1), ...pool(widen(2, 'tanh'), 1)];
    const [silent, awake] = await world.plan.score(candidates, origin);
    world.dispose();

    expect(silent).toEqual({ score: 0, parameters: 2 * 2 + 2 + 2 * 3 });
    expect(awake!.score).toBeGreaterThan(0);
  });

  it('ranks first the candidate that then learns more', async () => {
    const world = worldOf(runtime);
    await world.train(30);
    const candidates = pool(widen(1, 'tanh'), 8);
    const scores = (await world.plan.score(candidates, xor)).map(({ score }) => score);
    const lossAfterTraining = async (rank: number) => {
      const order = candidates[scores.indexOf(scores.toSorted((a, b) => b - a).at(rank)!)]!;
      world.network.plant(order);
      world.network.setMode('s1', 'isolated');
      const { seeds } = await world.train(40, { host: 0, s1: 0.02 });
      world.network.uproot('s1');
      return seeds.s1!.loss!;
    };
    const [best, worst] = [await lossAfterTraining(0), await lossAfterTraining(-1)];
    world.dispose();

    expect(best).toBeLessThan(worst);
  });

  it('judges exactly the weights that planting would give, and changes nothing', async () => {
    const world = worldOf(runtime);
    const before = [
      await weightsOf(world.network),
      outputsOf(world.network),
      runtime.memory().tensors,
    ] as const;
    const candidates = pool(widen(1, 'tanh'), 8);
    const scores = (await world.plan.score(candidates, xor)).map(({ score }) => score);
    expect([await weightsOf(world.network), outputsOf(world.network), runtime.memory().tensors]).toEqual(
      before,
    );

    const norms: number[] = [];
    for (const order of candidates) {
      world.network.plant(order);
      world.network.setMode('s1', 'isolated');
      const units = unitsOf(
        (await weightsOf(world.network)).get('s1/unit.w')!,
        (await weightsOf(world.network)).get('s1/unit.b')!,
      );
      const { seeds } = await world.train(1, { host: 0, s1: 0 });
      // At birth only the outgoing weights have a gradient, and that is A'g.
      norms.push(seeds.s1!.gradientNorm / units);
      world.network.uproot('s1');
    }
    world.dispose();

    expect(scores).toEqual(norms.map((norm) => expect.closeTo(norm, 4)));
  });
});

/** Length of one tanh unit's answers over the exclusive-or table. */
function unitsOf(weights: Float32Array, bias: Float32Array): number {
  let sum = 0;
  const inputs = new Float32Array(48);
  xor.fillInputs(
    Uint32Array.from({ length: 24 }, (_, i) => i),
    inputs,
  );
  for (let row = 0; row < 24; row++) {
    const z = inputs[2 * row]! * weights[0]! + inputs[2 * row + 1]! * weights[1]! + bias[0]!;
    sum += Math.tanh(z) ** 2;
  }
  return Math.sqrt(sum);
}
