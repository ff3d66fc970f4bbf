/** A seed becomes permanent without anybody else noticing. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Births, birthsKept } from '../../nn/births.ts';
import {
  bottleneck,
  cascade,
  gated,
  gaussian,
  type HostSpec,
  type NetworkImage,
  norm,
  openTensorRuntime,
  type TensorRuntime,
  widen,
} from '../../nn/index.ts';
import { furthest, hostOf, outputsOf, weightsOf, worldOf } from './worlds.ts';

describe.each(['wasm', 'cpu'] as const)('fossils on %s', (backend) => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime(backend);
  });

  /** A world in which every kind of neighbour of layers 1 and 2 is live and has learned something. */
  async function crowd() {
    const world = worldOf(runtime);
    const plan = [
      ['w1', 'h1/layer', widen(3, 'tanh')],
      ['w2', 'h2/layer', widen(2, 'tanh')],
      ['r1', 'h1/residual', bottleneck(2, 'tanh')],
      ['r2', 'h2/residual', gated(2, 'tanh')],
      ['g1', 'h1/layer', gaussian(2)],
      ['c1', 'out/cascade', cascade(1, 'tanh')],
      ['dormant', 'h2/layer', widen(1, 'tanh')],
    ] as const;
    for (const [seedId, slotId, blueprint] of plan) {
      world.plant(seedId, slotId, blueprint);
      if (seedId === 'dormant') continue;
      world.network.setMode(seedId, 'live');
      world.network.setAlpha(seedId, 1);
    }
    await world.train(25);
    return world;
  }

  it('joins new units to their layer and keeps the function, whatever else touches that layer', async () => {
    const world = await crowd();
    const before = outputsOf(world.network);
    const first = world.network.fossilize('w1');
    const second = world.network.fossilize('w2');
    const after = outputsOf(world.network);
    const widths = world.network.widths();
    const report = await world.train(5);
    world.dispose();

    expect([first, second]).toMatchObject([{ merged: true }, { merged: true }]);
    expect(widths).toEqual([7, 5, 1]);
    expect(furthest(before, after)).toBeLessThan(1e-5);
    expect(report.finite).toBe(true);
  });

  it.each([
    ['a norm weighs all units of the layer together', 'h1/residual', norm(), hostOf()],
    [
      'the layer rests, and its new units would rest with it',
      'h2/residual',
      bottleneck(2, 'tanh'),
      resting(),
    ],
  ] as const)('keeps new units a branch where %s', async (_, slotId, neighbour, host) => {
    const world = worldOf(runtime, { host });
    world.plant('n1', slotId, neighbour);
    world.plant('w1', 'h1/layer', widen(3, 'tanh'));
    for (const seedId of ['n1', 'w1']) {
      world.network.setMode(seedId, 'live');
      world.network.setAlpha(seedId, 1);
    }
    await world.train(20);
    const before = outputsOf(world.network);
    const report = world.network.fossilize('w1');
    const after = outputsOf(world.network);
    const old = await weightsOf(world.network);
    await world.train(1);
    const now = await weightsOf(world.network);
    world.dispose();

    expect(report).toMatchObject({ merged: false, frozen: false });
    expect(after).toEqual(before);
    expect(now.get('w1/unit.w')).not.toEqual(old.get('w1/unit.w'));
  });

  it('carries moments and ages over: new columns are as old as they are', async () => {
    const world = worldOf(runtime);
    await world.train(40);
    world.plant('w1', 'h1/layer', widen(3, 'tanh'));
    world.network.setMode('w1', 'live');
    world.network.setAlpha('w1', 1);
    await world.train(10);
    const seed = await weightsOf(world.network);
    world.network.fossilize('w1');
    const image = await world.network.image();
    world.dispose();

    const host = new Map(image.tensors.map((tensor) => [tensor.name, tensor.data]));
    for (const suffix of ['', '#1', '#2']) {
      const columns = [4, 5, 6].flatMap((column) =>
        [0, 1].map((row) => host.get(`host/1.w${suffix}`)![row * 7 + column]),
      );
      const unit = seed.get(`w1/unit.w${suffix}`)!;
      expect(columns).toEqual([0, 1, 2].flatMap((column) => [0, 1].map((row) => unit[row * 3 + column])));
      expect([...host.get(`host/2.w${suffix}`)!].slice(12)).toEqual([...seed.get(`w1/out.w${suffix}`)!]);
    }
    expect(agesOf(image, 'host/1.b')).toEqual([50, 50, 50, 50, 10, 10, 10]);
  });

  it('keeps a branch of another activation a branch, and trains on', async () => {
    const world = await crowd();
    const before = outputsOf(world.network);
    const report = world.network.fossilize('g1');
    const after = outputsOf(world.network);
    const weights = await weightsOf(world.network);
    await world.train(2, { host: 0.01, w1: 0, w2: 0, r1: 0, r2: 0, c1: 0 });
    const later = await weightsOf(world.network);
    world.dispose();

    expect(report).toMatchObject({ merged: false, frozen: false });
    expect(after).toEqual(before);
    expect(later.get('g1/bump.w')).not.toEqual(weights.get('g1/bump.w'));
  });

  it('freezes the units of a cascade fossil, not its output map, and feeds them to the next one', async () => {
    const world = worldOf(runtime);
    for (const seedId of ['c1', 'c2', 'c3']) {
      world.plant(seedId, 'out/cascade', cascade(1, 'tanh'));
      world.network.setMode(seedId, 'live');
      world.network.setAlpha(seedId, 1);
      await world.train(8);
      world.network.fossilize(seedId);
    }
    const before = await weightsOf(world.network);
    await world.train(3);
    const after = await weightsOf(world.network);
    const refused = () => world.network.uproot('c1');

    expect(['c1', 'c2', 'c3'].map((id) => before.get(`${id}/unit.w`)!.length)).toEqual([2, 3, 4]);
    for (const id of ['c1', 'c2', 'c3']) {
      expect(after.get(`${id}/unit.w`)).toEqual(before.get(`${id}/unit.w`));
      expect(after.get(`${id}/out.w`)).not.toEqual(before.get(`${id}/out.w`));
    }
    expect(refused).toThrow(expect.objectContaining({ code: 'NN_SEED_IN_USE' }));
    world.dispose();
  });

  it('refuses a seed that is not fully there yet', () => {
    const world = worldOf(runtime);
    world.plant('w1', 'h1/layer', widen(3, 'tanh'));
    world.network.setMode('w1', 'live');
    world.network.setAlpha('w1', 0.9);

    expect(() => world.network.fossilize('w1')).toThrow(
      expect.objectContaining({ code: 'NN_SEED_NOT_READY' }),
    );
    expect(() => world.plant('w2', 'h1/layer', bottleneck(2, 'tanh'))).toThrow(
      expect.objectContaining({ code: 'NN_SLOT_MISFIT' }),
    );
    world.dispose();
  });
});

function resting(): HostSpec {
  const host = hostOf();
  return { ...host, layers: host.layers.map((layer) => ({ ...layer, frozen: true }) as typeof layer) };
}

/** Steps each weight has learned, from an image. */
function agesOf({ structure }: NetworkImage, name: string): number[] {
  const { parameters } = structure as {
    parameters: { name: string; shape: number[]; updates: number; births: Births }[];
  };
  const { updates, births, shape } = parameters.find((parameter) => parameter.name === name)!;
  const kept = birthsKept(births);
  return Array.from(
    { length: shape.reduce((a, b) => a * b, 1) },
    (_, i) => updates - (typeof kept === 'number' ? kept : kept[i]!),
  );
}
