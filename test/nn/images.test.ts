/** An image is believed only as far as it fits together, and what is not believed leaves nothing behind. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { EsperError } from '../../contracts/index.ts';
import {
  createNetwork,
  createPlan,
  createTfjsPlan,
  exportModel,
  type GrowingNetwork,
  loadNetwork,
  type NetworkImage,
  openTensorRuntime,
  predict,
  type TensorRuntime,
  widen,
} from '../../nn/index.ts';
import { optimizers, randomGarden } from './fused/random-hosts.ts';
import { adam, furthest, hostOf, kernelOf, sgd, weightsOf, xorInputs, xorTargets } from './worlds.ts';

const travelled = (image: NetworkImage): NetworkImage => ({
  ...image,
  structure: JSON.parse(JSON.stringify(image.structure)),
});

/** Makes every seed that takes part permanent. */
function settle(network: GrowingNetwork): void {
  for (const { seedId, mode, fossil } of network.seeds()) {
    if (fossil || (mode !== 'live' && mode !== 'held')) continue;
    network.setAlpha(seedId, 1);
    network.fossilize(seedId);
  }
}

describe('an image of a random garden', () => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime('cpu');
  });

  const gardens = fc.tuple(fc.integer({ min: 0, max: 1e9 }), fc.constantFrom(...optimizers));
  const refusal = (load: () => GrowingNetwork): unknown => {
    try {
      load().dispose();
      return null;
    } catch (error) {
      if (error instanceof EsperError) return error.code;
      throw error;
    }
  };

  it('gives the same network back, before and after its seeds became permanent', async () => {
    await fc.assert(
      fc.asyncProperty(gardens, async ([seed, optimizer]) => {
        const empty = runtime.memory().tensors;
        const { network, inputs, targets, rows, rates } = randomGarden(runtime, seed, optimizer);
        const plan = createTfjsPlan({ runtime, network, optimizer });
        for (let i = 0; i < 3; i++) await plan.step(inputs.slice(), targets.slice(), rows, rates);
        for (const _ of [1, 2]) {
          const image = travelled(await network.image());
          const again = loadNetwork({ runtime, optimizer, runSeed: seed }, image);
          expect(await weightsOf(again)).toEqual(await weightsOf(network));
          expect(await predict(again, inputs.slice(), rows)).toEqual(
            await predict(network, inputs.slice(), rows),
          );
          again.dispose();
          settle(network);
        }
        plan.dispose();
        network.dispose();
        expect(runtime.memory().tensors).toBe(empty);
      }),
      { numRuns: 60, seed: 8 },
    );
  });

  it('stays the function it was when seeds become permanent, and goes home as plain layers', async () => {
    await fc.assert(
      fc.asyncProperty(gardens, async ([seed, optimizer]) => {
        const { network, inputs, targets, rows, rates } = randomGarden(runtime, seed, optimizer);
        const plan = createTfjsPlan({ runtime, network, optimizer });
        for (let i = 0; i < 3; i++) await plan.step(inputs.slice(), targets.slice(), rows, rates);
        for (const { seedId, mode } of network.seeds()) if (mode !== 'absent') network.setAlpha(seedId, 1);
        const before = await predict(network, inputs.slice(), rows);
        settle(network);
        const after = await predict(network, inputs.slice(), rows);
        const scale = before.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        expect(furthest(after, before)).toBeLessThan(1e-5 * scale);
        const held = runtime.memory().tensors;
        const { layersModel, reason } = await exportModel(network);
        expect(runtime.memory().tensors).toBe(held);
        expect(layersModel === null).toBe(reason !== null);
        if (reason !== null) expect(reason).toContain('Gaussian');
        plan.dispose();
        network.dispose();
      }),
      { numRuns: 60, seed: 9 },
    );
  });

  it('is refused by name when anything in its structure is bent, and then no tensor is left', async () => {
    const junk = fc.constantFrom<unknown>(
      null,
      -1,
      0,
      0.5,
      3,
      1e12,
      '',
      'x',
      'h1',
      '__proto__',
      true,
      [],
      [0],
      [-1],
      ['x'],
      {},
      { op: 'dense' },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 99 }), fc.nat(), junk, async (seed, where, value) => {
        const { network } = randomGarden(runtime, seed, adam);
        const image = travelled(await network.image());
        network.dispose();
        const empty = runtime.memory().tensors;
        bend(image.structure, where, value);
        const code = refusal(() => loadNetwork({ runtime, optimizer: adam, runSeed: seed }, image));
        expect([null, 'NN_IMAGE_INVALID']).toContain(code);
        expect(runtime.memory().tensors).toBe(empty);
      }),
      { numRuns: 400, seed: 10 },
    );
  });

  it('keeps the gain of gradients that explode, on every plan', async () => {
    for (const make of [createTfjsPlan, createPlan]) {
      const host = hostOf();
      const network = createNetwork({ runtime, host, spans: ['layer'], optimizer: sgd, runSeed: 1 });
      network.plant({ seedId: 's1', slotId: 'h1/layer', kernel: kernelOf(widen(2, 'tanh')), draw: 0 });
      network.setMode('s1', 'live');
      network.setAlpha('s1', 0.5);
      const normOf = async (of: GrowingNetwork) => {
        const plan = make({ runtime, network: of, optimizer: sgd });
        const { seeds } = await plan.step(xorInputs.slice(), xorTargets.slice(), 24, { host: 0, s1: 0 });
        plan.dispose();
        return seeds.s1!.gradientNorm;
      };
      const calm = await normOf(network);
      network.corrupt('s1', 'explode');
      const loud = await normOf(network);
      const order = { runtime, optimizer: sgd, runSeed: 1 };
      const again = loadNetwork(order, travelled(await network.image()));
      const later = loadNetwork(order, travelled(await again.image()));

      expect(loud).toBeGreaterThan(1e5 * calm);
      expect([await normOf(again), await normOf(later)]).toEqual([loud, loud]);
      for (const each of [network, again, later]) each.dispose();
    }
  });

  it('says nothing of what is as ever: digests of older runs hold', async () => {
    let seeds = 0;
    for (let seed = 0; seed < 8; seed++) {
      const { network, inputs, targets, rows, rates } = randomGarden(runtime, seed, adam);
      const plan = createTfjsPlan({ runtime, network, optimizer: adam });
      await plan.step(inputs.slice(), targets.slice(), rows, rates);
      const structure = (await network.image()).structure as { seeds: object[] };
      expect(Object.keys(structure)).not.toContain('steps');
      for (const each of structure.seeds) expect(Object.keys(each)).not.toContain('gradientGain');
      seeds += structure.seeds.length;
      plan.dispose();
      network.dispose();
    }
    expect(seeds).toBeGreaterThan(0);
  });

  it.each<readonly [string, (image: Loose) => void]>([
    [
      'a slot that is not there',
      ({ structure: { seeds } }) => Object.assign(seeds[0]!, { slotId: 'h9/layer' }),
    ],
    ['weights of another shape', ({ structure: { parameters } }) => parameters[0]!.shape.reverse()],
    [
      'axes of another layer',
      ({ structure: { parameters } }) => Object.assign(parameters[0]!, { dims: ['h2', 'h1'] }),
    ],
    [
      'a weight older than its block',
      ({ structure: { parameters } }) => Object.assign(parameters[0]!, { births: 9 }),
    ],
    ['a share beyond 1', ({ structure: { seeds } }) => Object.assign(seeds[0]!, { alpha: 2 })],
    [
      'gradients that vanish on purpose',
      ({ structure: { seeds } }) => Object.assign(seeds[0]!, { gradientGain: 0 }),
    ],
    ['half a step behind it', ({ structure }) => Object.assign(structure, { steps: 0.5 })],
    [
      'weights that learned more often than it did',
      ({ structure }) => {
        Object.assign(structure.parameters[0]!, { updates: 3 });
        Object.assign(structure, { steps: 2 });
      },
    ],
    ['a cascade of strangers', ({ structure: { cascade } }) => cascade.push('nobody')],
    [
      'a blueprint that fits elsewhere',
      ({ structure: { seeds } }) => Object.assign(seeds[0]!.kernel.blueprint.nodes[0]!, { from: 'y' }),
    ],
    ['no spans', ({ structure }) => Object.assign(structure, { spans: null })],
    [
      'a tensor of bytes',
      ({ tensors }) => Object.assign(tensors[0]!, { data: new Uint8Array(tensors[0]!.data.length) }),
    ],
  ])('with %s is refused', async (_, harm) => {
    const network = createNetwork({
      runtime,
      host: hostOf(),
      spans: ['layer', 'cascade'],
      optimizer: adam,
      runSeed: 1,
    });
    network.plant({ seedId: 's1', slotId: 'h1/layer', kernel: kernelOf(widen(2, 'tanh')), draw: 0 });
    const image = travelled(await network.image());
    network.dispose();
    const empty = runtime.memory().tensors;
    const load = () => refusal(() => loadNetwork({ runtime, optimizer: adam, runSeed: 1 }, image));
    expect(load()).toBeNull();
    harm(image as unknown as Loose);

    expect(load()).toBe('NN_IMAGE_INVALID');
    expect(runtime.memory().tensors).toBe(empty);
  });
});

/** What an image is to somebody who means it harm. */
interface Loose {
  readonly structure: {
    readonly seeds: { kernel: { blueprint: { nodes: object[] } } }[];
    readonly parameters: { shape: number[] }[];
    readonly cascade: string[];
  };
  readonly tensors: { data: ArrayLike<number> }[];
}

/** Puts `value` in one of the places of a tree. */
function bend(tree: unknown, where: number, value: unknown): void {
  const places: (readonly [Record<string, unknown>, string])[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node as Record<string, unknown>, key]);
      visit((node as Record<string, unknown>)[key]);
    }
  };
  visit(tree);
  const [node, key] = places[where % places.length]!;
  node[key] = value;
}
