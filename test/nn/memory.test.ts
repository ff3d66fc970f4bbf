/** Snapshots, images and memory: nothing is lost, nothing is kept too long. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createNetwork, loadNetwork, openTensorRuntime, type TensorRuntime, widen } from '../../nn/index.ts';
import { adam, engines, families, hostOf, outputsOf, type World, weightsOf, worldOf, xor } from './worlds.ts';

describe.each(engines)('memory on $backend, fused: $fused', ({ backend, fused }) => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime(backend);
  });

  /** Plants every family, trains, makes some of them permanent. */
  async function grow(world: World): Promise<void> {
    for (const [i, [slotId, blueprint]] of families.entries()) {
      world.plant(`s${i}`, slotId, blueprint);
      world.network.setMode(`s${i}`, 'isolated');
      await world.train(4);
      world.network.setMode(`s${i}`, 'live');
      world.network.setAlpha(`s${i}`, 1);
      await world.train(4);
      if (i % 2 === 0) world.network.fossilize(`s${i}`);
    }
  }

  it('goes back to a snapshot as often as asked: structure, modes, weights, moments', async () => {
    const world = worldOf(runtime, { fused });
    await grow(world);
    const snapshot = world.network.capture();
    const outputs = outputsOf(world.network);
    const seeds = world.network.seeds();
    const first = await world.train(6);
    world.network.fossilize('s1');
    world.network.uproot('s3');
    world.network.restore(snapshot);
    expect(outputsOf(world.network)).toEqual(outputs);
    expect(world.network.seeds()).toEqual(seeds);
    const second = await world.train(6);
    expect(second).toEqual(first);
    world.network.restore(snapshot);
    expect(outputsOf(world.network)).toEqual(outputs);
    world.network.release(snapshot);

    expect(() => world.network.restore(snapshot)).toThrow(
      expect.objectContaining({ code: 'NN_SNAPSHOT_UNKNOWN' }),
    );
    world.dispose();
  });

  it('comes back from an image bit for bit and goes on as if nothing had happened', async () => {
    const world = worldOf(runtime, { fused });
    await grow(world);
    const image = await world.network.image();
    const travelled = { ...image, structure: JSON.parse(JSON.stringify(image.structure)) as unknown };
    const twin = worldOf(runtime, {
      fused,
      network: loadNetwork({ runtime, optimizer: adam, runSeed: 7 }, travelled),
    });
    expect(await weightsOf(twin.network)).toEqual(await weightsOf(world.network));
    expect(await twin.train(5)).toEqual(await world.train(5));
    expect(await weightsOf(twin.network)).toEqual(await weightsOf(world.network));
    world.dispose();
    twin.dispose();
  });

  it('refuses a damaged image before it makes a single tensor', async () => {
    const world = worldOf(runtime, { fused });
    const image = await world.network.image();
    const before = runtime.memory().tensors;
    const load = (damaged: typeof image) => () =>
      loadNetwork({ runtime, optimizer: adam, runSeed: 7 }, damaged);
    const invalid = expect.objectContaining({ code: 'NN_IMAGE_INVALID' });

    expect(load({ ...image, tensors: image.tensors.slice(1) })).toThrow(invalid);
    expect(load({ ...image, structure: { version: 9 } })).toThrow(invalid);
    expect(runtime.memory().tensors).toBe(before);
    world.dispose();
  });

  it('keeps no tensor over 100 steps with 20 lives, and none at all in the end', async () => {
    const empty = runtime.memory().tensors;
    const world = worldOf(runtime, { fused });
    await world.train(2);
    await world.network.image(); // weights that a plan was ahead with are on a page from here on
    const settled = runtime.memory().tensors;
    for (let life = 0; life < 20; life++) {
      const [slotId, blueprint] = families[life % families.length]!;
      world.plant(`s${life}`, slotId, blueprint);
      world.network.setMode(`s${life}`, life % 2 === 0 ? 'isolated' : 'live');
      world.network.setAlpha(`s${life}`, 1);
      await world.train(5);
      await world.plan.evaluate(xor, { withShadow: [`s${life}`] });
      world.network.uproot(`s${life}`);
      expect(runtime.memory().tensors).toBe(settled);
    }
    await grow(world);
    world.network.release(world.network.capture());
    world.network.capture();
    world.dispose();

    expect(runtime.memory().tensors).toBe(empty);
  });

  it('gives the same bits for the same seed, growth included', async () => {
    const run = async () => {
      const world = worldOf(runtime, { fused });
      await grow(world);
      await world.train(20);
      const weights = await weightsOf(world.network);
      world.dispose();
      return weights;
    };

    expect(await run()).toEqual(await run());
  });

  it('holds 32 seeds at once', async () => {
    const world = worldOf(runtime, { fused });
    for (let i = 0; i < 32; i++) {
      world.plant(`s${i}`, i % 2 ? 'h1/layer' : 'h2/layer', widen(1, 'tanh'));
      world.network.setMode(`s${i}`, i % 3 ? 'isolated' : 'live');
      world.network.setAlpha(`s${i}`, 0.5);
    }
    const report = await world.train(2);
    world.dispose();

    expect(Object.keys(report.seeds)).toHaveLength(32);
    expect(report.finite).toBe(true);
  });

  it('refuses a host whose loss and output do not belong together', () => {
    const host = hostOf([3, 2], 'tanh', 'softmax_cross_entropy');
    const wrong = {
      ...host,
      layers: [...host.layers.slice(0, -1), { units: 2, activation: 'relu' as const }],
    };

    expect(() => createNetwork({ runtime, host: wrong, spans: [], optimizer: adam, runSeed: 1 })).toThrow(
      expect.objectContaining({ code: 'NN_HOST_INVALID' }),
    );
  });
});
