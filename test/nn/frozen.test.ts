/** What is not trainable stands still: weights, running figures, and nothing else - a dropout goes on drawing. */
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  bottleneck,
  createNetwork,
  createPlan,
  createTfjsPlan,
  type GrowingNetwork,
  type HostSpec,
  type LayerSpec,
  loadNetwork,
  openTensorRuntime,
  type TensorRuntime,
  type TrainPlan,
} from '../../nn/index.ts';
import { optimizers, randomGarden } from './fused/random-hosts.ts';
import { batchOf, conv, dense, hostOver, rowsFor, squeeze } from './landscapes.ts';
import { adam, engines, furthest, kernelOf, weightsOf } from './worlds.ts';

const norm: LayerSpec = { op: 'norm', how: { kind: 'batch', epsilon: 1e-3, momentum: 0.9 } };
const dropout: LayerSpec = { op: 'dropout', rate: 0.5 };
const atRest = (layer: LayerSpec): LayerSpec => ({ ...layer, frozen: true }) as LayerSpec;
const wholly = (host: HostSpec): HostSpec => ({ ...host, layers: host.layers.map(atRest) });
const figures = (weights: ReadonlyMap<string, Float32Array>) =>
  new Map([...weights].filter(([name]) => /\.(mean|variance)$/.test(name)));

/** The same tensors where nobody may read them at once: steps are worked out as on a GPU. */
const distant = (runtime: TensorRuntime): TensorRuntime => ({
  ...runtime,
  capabilities: { ...runtime.capabilities, syncRead: false },
});
const plans = [
  ...engines.map(({ backend, fused }) => ({ backend, plan: fused ? 'fused' : 'tfjs' })),
  { backend: 'wasm', plan: 'device' },
] as const;

describe.each(plans)('on $backend, trained by the $plan plan,', ({ backend, plan: kind }) => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    const opened = await openTensorRuntime(backend);
    runtime = kind === 'device' ? distant(opened) : opened;
  });
  const ends: (() => void)[] = [];
  afterEach(() => {
    for (const end of ends.splice(0).reverse()) end();
  });

  function trained(network: GrowingNetwork) {
    const said: string[] = [];
    const order = { runtime, network, optimizer: adam };
    const plan: TrainPlan =
      kind === 'fused' ? createPlan({ ...order, say: (line) => said.push(line) }) : createTfjsPlan(order);
    const { x, y, count } = batchOf(rowsFor(network.spec));
    const rates = (rate: number) =>
      Object.fromEntries(['host', ...network.seeds().map(({ seedId }) => seedId)].map((id) => [id, rate]));
    const step = async (rate = 0.01) => (await plan.step(x.slice(), y.slice(), count, rates(rate))).loss;
    const losses = async (count: number, rate?: number) => {
      const all: number[] = [];
      for (let i = 0; i < count; i++) all.push(await step(rate));
      return all;
    };
    ends.push(
      () => network.dispose(),
      () => plan.dispose(),
    );
    return { network, plan, losses, said };
  }
  const born = (host: HostSpec) =>
    trained(createNetwork({ runtime, host, spans: ['residual'], optimizer: adam, runSeed: 3 }));
  const reborn = async (network: GrowingNetwork) =>
    trained(loadNetwork({ runtime, optimizer: adam, runSeed: 3 }, await network.image()));

  it('a frozen batch norm keeps its running figures, while those of its neighbour follow the batch', async () => {
    const { network, losses } = born(
      hostOver([6, 5, 2], conv(4), atRest(norm), conv(3), norm, squeeze, dense(2)),
    );
    const before = await weightsOf(network);
    await losses(3);
    const after = await weightsOf(network);
    for (const key of ['gamma', 'beta', 'mean', 'variance']) {
      expect(after.get(`host/2.${key}`), key).toEqual(before.get(`host/2.${key}`));
      expect(after.get(`host/4.${key}`), key).not.toEqual(before.get(`host/4.${key}`));
    }
    expect(after.get('host/1.w')).not.toEqual(before.get('host/1.w'));
  });

  it('a frozen batch norm computes in training what it computes for whoever asks', async () => {
    const free = born(hostOver([6], dense(4), norm, dense(3)));
    await free.losses(4, 0.1);
    const image = await free.network.image();
    const frozen = structuredClone(image);
    const { spec } = frozen.structure as { spec: { layers: LayerSpec[] } };
    spec.layers[1] = atRest(spec.layers[1]!);
    const still = trained(loadNetwork({ runtime, optimizer: adam, runSeed: 3 }, frozen));
    const { loss } = await still.plan.evaluate(rowsFor(still.network.spec));
    const [moving] = await free.losses(1, 0);
    const [asAsked] = await still.losses(1, 0);
    expect(asAsked).toBeCloseTo(loss, 5);
    expect(Math.abs(moving! - loss)).toBeGreaterThan(1e-3);
  });

  it('a seed learns through frozen norms, and the host stays bit for bit', async () => {
    const { network, losses, said } = born(wholly(hostOver([6], dense(4), norm, dense(4), norm, dense(3))));
    network.plant({ seedId: 's', slotId: 'h1/residual', kernel: kernelOf(bottleneck(2, 'tanh')), draw: 0 });
    network.setMode('s', 'live');
    network.setAlpha('s', 0.5);
    const before = await weightsOf(network);
    const all = await losses(12);
    const after = await weightsOf(network);
    for (const [name, data] of before) {
      if (name.startsWith('host/')) expect(after.get(name), name).toEqual(data);
    }
    expect(all.at(-1)).toBeLessThan(all[0]!);
    expect(said).toEqual([]);
  });

  it('the dropout of a wholly frozen host draws anew in every step', async () => {
    const { losses } = born(wholly(hostOver([6], dense(8), dropout, dense(3))));
    expect(new Set(await losses(6)).size).toBe(6);
  });

  it('draws go on where they were when the network comes back from its image', async () => {
    const host = wholly(hostOver([6], dense(8), dropout, dense(3)));
    const { network, losses } = born(host);
    await losses(3);
    const again = await reborn(network);
    expect(await again.losses(3)).toEqual(await losses(3));
  });

  it('draws go on where they were when the only seed that learned is taken out', async () => {
    const { network, losses } = born(wholly(hostOver([6], dense(8), dropout, dense(3))));
    const plain = await losses(2);
    network.plant({ seedId: 's', slotId: 'h1/residual', kernel: kernelOf(bottleneck(2, 'tanh')), draw: 0 });
    network.setMode('s', 'isolated');
    await losses(3);
    network.uproot('s');
    const later = await losses(2);
    for (const loss of later) expect(plain).not.toContain(loss);
  });

  it('a snapshot brings the draws back that followed it', async () => {
    const { network, losses } = born(wholly(hostOver([6], dense(8), dropout, dense(3))));
    await losses(2);
    const snapshot = network.capture();
    const first = await losses(3);
    network.restore(snapshot);
    expect(await losses(3)).toEqual(first);
    network.release(snapshot);
  });
});

describe('gardens of which some layers are frozen', () => {
  it('take the same three steps on the fused plan as on tensors, and what is frozen keeps every bit', async () => {
    const runtime = await openTensorRuntime('cpu');
    const any = fc.tuple(
      fc.integer({ min: 0, max: 1e9 }),
      fc.constantFrom(...optimizers),
      fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
    );
    let norms = 0;
    await fc.assert(
      fc.asyncProperty(any, async ([seed, optimizer, rests]) => {
        const freeze = (layer: LayerSpec, i: number) => (rests[i % 9] ? atRest(layer) : layer);
        const garden = () => randomGarden(runtime, seed, optimizer, freeze);
        const [ours, theirs] = [garden(), garden()];
        const said: string[] = [];
        const order = { runtime, network: ours.network, optimizer };
        const fused = createPlan({ ...order, say: (line) => said.push(line) });
        const tensors = createTfjsPlan({ ...order, network: theirs.network });
        const before = await weightsOf(ours.network);
        for (let step = 0; step < 3; step++) {
          const report = await fused.step(ours.inputs, ours.targets, ours.rows, ours.rates);
          const wanted = await tensors.step(theirs.inputs, theirs.targets, theirs.rows, theirs.rates);
          // Rounding grows where a norm has next to nothing to divide by.
          const apart = (step === 0 ? 1e-5 : 1e-4) * Math.max(1, wanted.loss);
          expect(Math.abs(report.loss - wanted.loss)).toBeLessThan(apart);
        }
        const [mine, other] = [await weightsOf(ours.network), await weightsOf(theirs.network)];
        for (const [name, data] of other) {
          const scale = data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
          expect(furthest(mine.get(name)!, data), name).toBeLessThan(1e-3 * scale);
          const layer = /^host\/(\d+)\./.exec(name);
          if (layer === null || !rests[(Number(layer[1]) - 1) % 9]) continue;
          expect(mine.get(name), name).toEqual(before.get(name));
          expect(data, name).toEqual(before.get(name));
        }
        norms += figures(mine).size;
        expect(said).toEqual([]);
        for (const plan of [fused, tensors]) plan.dispose();
        for (const { network } of [ours, theirs]) network.dispose();
      }),
      { numRuns: 60, seed: 5 },
    );
    expect(norms).toBeGreaterThan(10);
  });
});
