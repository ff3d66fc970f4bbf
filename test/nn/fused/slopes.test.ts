/** Gradients of the fused plan against the slope of the loss that it reports, over random hosts. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  createPlan,
  type LayerSpec,
  loadNetwork,
  type NetworkImage,
  openTensorRuntime,
  type TensorRuntime,
} from '../../../nn/index.ts';
import { sgd } from '../worlds.ts';
import { movedImage } from './moved-images.ts';
import { randomGarden } from './random-hosts.ts';

/** At a rate of 1 a step is the gradient. */
const plain = { ...sgd, rate: 1 };
/** Of the way along the gradient: far enough for a loss to move by more than float32 rounds away. */
const REACH = 0.01;

describe('the fused plan', () => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime('cpu');
  });

  it('goes down the slope that its loss has, whatever grows where', async () => {
    const checked: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(fc.nat(1e6), async (seed) => {
        const { network, inputs, targets, rows, rates, host } = randomGarden(runtime, seed, plain);
        // Lessons of their own have a loss of their own.
        for (const { seedId, mode } of network.seeds())
          if (mode === 'isolated') network.setMode(seedId, 'shadow');
        const from = offCorners(await network.image(), seed);
        network.dispose();
        const begun = loadNetwork({ runtime, optimizer: plain, runSeed: seed }, from);
        const plan = createPlan({ runtime, network: begun, optimizer: plain });
        const { gradientNorm } = await plan.step(inputs, targets, rows, rates);
        const to = await begun.image();
        for (const each of [plan, begun]) each.dispose();
        if (gradientNorm === 0 || host.layers.some(ties)) return;

        const rest = Object.fromEntries(Object.keys(rates).map((id) => [id, 0]));
        const lossAt = async (way: number) => {
          const moved = moveTo(from, to, way / gradientNorm);
          const there = loadNetwork({ runtime, optimizer: plain, runSeed: seed }, moved);
          const eyes = createPlan({ runtime, network: there, optimizer: plain });
          const { loss } = await eyes.step(inputs, targets, rows, rest);
          for (const each of [eyes, there]) each.dispose();
          return loss;
        };
        const here = await lossAt(0);
        const over = async (reach: number) => {
          const [up, down] = [await lossAt(-reach), await lossAt(reach)];
          return { slope: (up - down) / (2 * reach), bend: (up + down - 2 * here) / reach };
        };
        const [near, middle, far] = [await over(REACH), await over(2 * REACH), await over(4 * REACH)];
        const slope = (4 * near.slope - middle.slope) / 3;
        // A corner on the way, of a maximum or a rectifier: there is no one slope to compare with.
        const most = 1e-4 * Math.max(1, gradientNorm);
        const elsewhere = Math.abs(slope - (4 * middle.slope - far.slope) / 3);
        const doubt = Math.max(elsewhere, Math.abs(middle.bend - 2 * near.bend));
        if (doubt > most / 2) return;

        // Of many rectifiers a few turn on any way: what that does to a slope, its doubt tells the size of.
        expect(Math.abs(slope - gradientNorm)).toBeLessThan(most + 4 * doubt);
        for (const kind of new Set(JSON.stringify(from.structure).match(/(?<="(op|how|kind)":")\w+/g)))
          checked[kind] = (checked[kind] ?? 0) + 1;
      }),
      { numRuns: 250, seed: 7 },
    );
    const kinds = [
      'dense',
      'conv',
      'depthwise',
      'batch',
      'layer',
      'max',
      'mean',
      'upsample',
      'dropout',
      'attend',
      'concat',
      'multiply',
      'squeeze',
      'follow',
    ];
    expect(kinds.filter((kind) => !((checked[kind] ?? 0) > 0))).toEqual([]);
    // Two hundred and fifty networks, eight steps each: five times what that takes alone is not enough on a full machine.
  }, 300_000);
});

/** The largest of equal numbers: all of them hand the whole gradient on, as in tensorflow.js, though they move as one. */
const ties = (layer: LayerSpec) => layer.op === 'squeeze' && layer.kind === 'max';

/**
 * Offsets are born at zero, so whatever reads a dropped place, or the middle of a norm, stands exactly on the corner
 * of its rectifier: no gradient there is the slope on both sides. A little away from there, one is.
 */
const offCorners = (image: NetworkImage, seed: number) => movedImage(image, seed, (w, by) => w + 0.1 * by);

/** The weights after the `way`-th part of the step from one image to the other; running figures stay. */
const moveTo = (from: NetworkImage, to: NetworkImage, way: number): NetworkImage => ({
  ...from,
  tensors: from.tensors.map((tensor, at) => ({
    ...tensor,
    data: tensor.data.map((w, i) => w + way * (to.tensors[at]!.data[i]! - w)),
  })),
});
