/** Candidates are ranked by what the loss would gain from them. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../contracts/index.ts';
import {
  bottleneck,
  type LayerSpec,
  openTensorRuntime,
  standardCatalogue,
  type TensorRuntime,
  widen,
} from '../../nn/index.ts';
import type { Window } from '../../nn/ops.ts';
import { addEvidence, noEvidence, type ZeroMap } from '../../nn/zero-maps.ts';
import { dense, HOSTS, hostOver, landOf, windowOf } from './landscapes.ts';
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

  it.each([
    ['a dropout', { op: 'dropout', rate: 0.5 }],
    ['an activation that is linear', { op: 'activate', activation: 'linear' }],
    ['a sum of one', { op: 'add', from: [1] }],
  ] as const)('behind %s asks only those who read behind it', async (_, passing) => {
    const scoreBehind = async (second: LayerSpec) => {
      const host = hostOver(
        [6],
        dense(4),
        second,
        { ...dense(4), from: [2] } as LayerSpec,
        { ...dense(4), from: [1] } as LayerSpec,
        { op: 'add', from: [3, 4] },
      );
      const land = landOf(runtime, { ...host, sites: [2] });
      const kernel = kernelOf(bottleneck(2, 'tanh'));
      const order = { slotId: 'h2/residual', kernel, draw: 0, seedId: 's1' };
      const [found] = await land.plan.score([order], land.rows);
      land.dispose();
      return found!.score;
    };

    expect(await scoreBehind(passing)).toBe(await scoreBehind({ op: 'reshape', shape: [4] }));
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

describe('the evidence of a zero map', () => {
  const random = randomStream('evidence');
  const image = {
    data: Float32Array.from({ length: 3 * 5 * 4 * 2 }, () => random.normal()),
    shape: [5, 4, 2],
  };
  const map = (window: Window | null, kind: ZeroMap['kind'] = 'dense'): ZeroMap => ({
    key: 'out.w',
    from: 'in',
    kind,
    window,
  });

  it.each([
    [windowOf(3), 'same'],
    [windowOf(3, 2), 'strides'],
    [windowOf(3, 1, 'valid'), 'valid'],
    [windowOf(2, 2, 'valid'), 'tiles'],
  ])('counts for each tap what it sees: %#', (window) => {
    const [k] = window.size;
    const sums = noEvidence(map(window), [k, k, 2, 3]);
    addEvidence(map(window), sums, new Float32Array(k * k * 6).fill(0.5), image);

    expect([...sums.slope]).toEqual(Array(k * k * 6).fill(0.5));
    expect([...sums.energy]).toEqual(tapSquares(window).map((value) => expect.closeTo(value, 3)));

    /** The same sums, asked of the convolution itself: its output for a filter of one tap, on squared pixels. */
    function tapSquares({ size, stride, padding }: Window): number[] {
      return Array.from({ length: size[0] * size[1] * 2 }, (_, tap) =>
        tf.tidy(() => {
          const squares = tf.square(tf.tensor4d(image.data, [3, 5, 4, 2]));
          const filter = tf.oneHot(tf.tensor1d([tap], 'int32'), size[0] * size[1] * 2).toFloat();
          const shaped = tf.reshape(filter, [...size, 2, 1]) as tf.Tensor4D;
          return tf.sum(tf.conv2d(squares as never, shaped, [...stride], padding)).dataSync()[0]!;
        }),
      );
    }
  });

  it('counts features at every place where there is no window, and normalised ones at a gain', () => {
    const plain = noEvidence(map(null), [2, 3]);
    addEvidence(map(null), plain, new Float32Array(6), image);
    const normed = noEvidence(map(null, 'gain'), [2]);
    addEvidence(map(null, 'gain'), normed, new Float32Array(2), image);
    const byHand = [0, 1].map((c) => image.data.reduce((sum, x, i) => sum + (i % 2 === c ? x * x : 0), 0));

    expect([...plain.energy]).toEqual(byHand.map((value) => expect.closeTo(value, 3)));
    // Of two features, each is one deviation away from their mean: 60 places of one each.
    for (const value of normed.energy) expect(value).toBeCloseTo(60, 0);
  });
});

describe('a score in a host of images', () => {
  it('is finite and above zero for every plan that fits, and ranks no dead one', async () => {
    const runtime = await openTensorRuntime('cpu');
    const land = landOf(runtime, HOSTS.image);
    const draws = standardCatalogue('tanh', 'image').flatMap((blueprint) =>
      land.network
        .slots()
        .filter(({ slotId }) => land.network.fits(slotId, kernelOf(blueprint)) === null)
        .map(({ slotId }) => ({ slotId, kernel: kernelOf(blueprint), draw: 0, seedId: 's1' })),
    );
    const tensors = runtime.memory().tensors;
    const scores = await land.plan.score(draws, land.rows);
    const left = runtime.memory().tensors - tensors;
    land.dispose();

    expect(draws.length).toBeGreaterThan(40);
    for (const { score, parameters } of scores) {
      expect(score).toBeGreaterThan(1e-6);
      expect(score).toBeLessThan(100);
      expect(parameters).toBeGreaterThan(0);
    }
    expect(left).toBe(0);
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
