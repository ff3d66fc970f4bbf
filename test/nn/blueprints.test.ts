/** Every blueprint of the standard catalogue goes through one battery. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  checkBlueprint,
  kernelParameters,
  openTensorRuntime,
  standardCatalogue,
  type TensorRuntime,
} from '../../nn/index.ts';
import { kernelOf, outputsOf, worldOf } from './worlds.ts';

describe.each(standardCatalogue('tanh').map((blueprint) => [blueprint.id, blueprint] as const))(
  '%s',
  (_, blueprint) => {
    let runtime: TensorRuntime;
    beforeAll(async () => {
      runtime = await openTensorRuntime('wasm');
    });
    const slotsFor = (network: ReturnType<typeof worldOf>['network']) =>
      network.slots().filter(({ slotId }) => network.fits(slotId, kernelOf(blueprint)) === null);

    it('passes the static check and fits exactly the slots it spans', () => {
      const world = worldOf(runtime);
      const fitting = slotsFor(world.network);
      world.dispose();

      expect(checkBlueprint(blueprint)).toEqual([]);
      expect(fitting.length).toBeGreaterThan(0);
      for (const { span } of fitting) expect(blueprint.spans).toContain(span);
    });

    it('has the weights it says it has, and starts without a trace', () => {
      const world = worldOf(runtime);
      const bare = outputsOf(world.network);
      const { slotId } = slotsFor(world.network)[0]!;
      const [inWidth, outWidth] = { 'h1/layer': [2, 3], 'h1/residual': [4, 4], 'out/cascade': [2, 1] }[
        slotId
      ]!;
      world.plant('s1', slotId, blueprint);
      world.network.setMode('s1', 'live');
      world.network.setAlpha('s1', 1);
      const outputs = outputsOf(world.network);
      const seed = world.network.seeds()[0]!;
      world.dispose();

      expect(seed.parameters).toBe(kernelParameters(blueprint, inWidth!, outWidth!));
      expect(outputs).toEqual(bare);
    });

    it('helps to learn exclusive or', async () => {
      const world = worldOf(runtime);
      const { slotId } = slotsFor(world.network)[0]!;
      world.plant('s1', slotId, blueprint);
      world.network.setMode('s1', 'isolated');
      const rates = { host: 0, s1: 0.02 };
      const first = await world.train(1, rates);
      const last = await world.train(60, rates);
      world.dispose();

      expect(last.seeds.s1!.loss).toBeLessThan(first.seeds.s1!.loss! * 0.98);
    });
  },
);
