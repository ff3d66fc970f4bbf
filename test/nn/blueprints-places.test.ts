/** Every blueprint for images and sequences goes through one battery, in every kind of slot it fits. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { BlueprintIR } from '../../contracts/index.ts';
import {
  checkBlueprint,
  kernelParameters,
  loadNetwork,
  openTensorRuntime,
  standardCatalogue,
  type TensorRuntime,
} from '../../nn/index.ts';
import { HOSTS, landOf } from './landscapes.ts';
import { adam, furthest, kernelOf, weightsOf } from './worlds.ts';

const kinds = ['image', 'sequence'] as const;
const cases = kinds.flatMap((rows) =>
  standardCatalogue('tanh', rows).map((blueprint) => [rows, blueprint.id, blueprint] as const),
);
type Land = ReturnType<typeof landOf>;
const slotsFor = ({ network }: Land, blueprint: BlueprintIR) =>
  network.slots().filter(({ slotId }) => network.fits(slotId, kernelOf(blueprint)) === null);

describe.each(cases)('in a host of %ss, %s', (rows, _, blueprint) => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime('wasm');
  });
  const lossOf = async ({ plan, rows: table }: Land) => (await plan.evaluate(table)).loss;

  it('passes the static check and fits somewhere, only where it spans', () => {
    const land = landOf(runtime, HOSTS[rows]);
    const fitting = slotsFor(land, blueprint);
    land.dispose();

    expect(checkBlueprint(blueprint)).toEqual([]);
    expect(fitting.length).toBeGreaterThan(0);
    for (const { span } of fitting) expect(blueprint.spans).toContain(span);
  });

  it('has the weights it says it has, starts without a trace, and leaves none', async () => {
    const land = landOf(runtime, HOSTS[rows]);
    const bare = await lossOf(land);
    const tensors = runtime.memory().tensors;
    const found = [];
    for (const { slotId } of slotsFor(land, blueprint)) {
      land.plant('s1', slotId, blueprint);
      land.wake('s1');
      const loss = await lossOf(land);
      const [seed] = land.network.seeds();
      await land.train(2, { host: 0, s1: 0 });
      land.network.uproot('s1');
      found.push({ loss, parameters: seed!.parameters === parametersAt(land, slotId, blueprint) });
    }
    const left = runtime.memory().tensors;
    land.dispose();

    for (const each of found) expect(each).toEqual({ loss: bare, parameters: true });
    expect(left).toBe(tensors);
  });

  it('learns apart while every bit of the host stays as it would be without it', async () => {
    const [alone, together] = [landOf(runtime, HOSTS[rows]), landOf(runtime, HOSTS[rows])];
    const { slotId } = slotsFor(together, blueprint)[0]!;
    together.plant('s1', slotId, blueprint);
    together.network.setMode('s1', 'isolated');
    const [one, other] = [await alone.train(6), await together.train(6)];
    const [lonely, busy] = [await weightsOf(alone.network), await weightsOf(together.network)];
    const first = await together.train(1, { host: 0, s1: 0.02 });
    const last = await together.train(60, { host: 0, s1: 0.02 });
    alone.dispose();
    together.dispose();

    expect([other.loss, other.hostGradientNorm]).toEqual([one.loss, one.hostGradientNorm]);
    for (const [name, data] of lonely) expect(busy.get(name), name).toEqual(data);
    expect(last.seeds.s1!.loss).toBeLessThan(first.seeds.s1!.loss! * 0.99);
  });

  it('comes back from its image, and becomes permanent without anybody noticing', async () => {
    const land = landOf(runtime, HOSTS[rows]);
    const { slotId } = slotsFor(land, blueprint)[0]!;
    land.plant('s1', slotId, blueprint);
    land.wake('s1');
    await land.train(5);
    const image = await land.network.image();
    const revived = loadNetwork({ runtime, optimizer: adam, runSeed: 11 }, image);
    const again = await weightsOf(revived);
    revived.dispose();
    const before = await lossOf(land);
    const { merged } = land.network.fossilize('s1');
    const after = await lossOf(land);
    const { finite } = await land.train(2);
    land.dispose();

    for (const { name, data } of image.tensors) expect(furthest(again.get(name)!, data), name).toBe(0);
    expect(merged).toBe(blueprint.family === 'widen');
    expect(Math.abs(after - before)).toBeLessThan(1e-5 * Math.max(1, before));
    expect(finite).toBe(true);
  });
});

/** Weights of a blueprint in a slot of these hosts, counted by hand: `h<n>/layer` or `h<n>/residual`. */
function parametersAt({ network }: Land, slotId: string, blueprint: BlueprintIR): number {
  const { layers, inputShape } = network.spec;
  const layer = Number(slotId.slice(1, 2));
  const widths = [inputShape!.at(-1)!, ...network.widths()];
  if (slotId.endsWith('residual')) return kernelParameters(blueprint, widths[layer]!, widths[layer]!);
  const target = layers.findIndex(({ op }, i) => i >= layer && (op === 'conv' || op === 'dense'));
  const sides = (i: number) => (layers[i]!.op === 'conv' ? [3, 3] : []);
  const ends = { sourceSides: sides(layer - 1), targetSides: sides(target) };
  return kernelParameters(blueprint, widths[layer - 1]!, widths[target + 1]!, ends);
}
