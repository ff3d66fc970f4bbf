/** Snapshots of weights that a plan was ahead with: one copy, shared by all who look back, no tensor until one is asked for. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withBudget } from '../../nn/adapters/budget.ts';
import { createNetwork, createPlan, openTensorRuntime, type TensorRuntime, widen } from '../../nn/index.ts';
import { HostNetwork } from '../../nn/network.ts';
import { adam, hostOf, kernelOf, xorInputs, xorTargets } from './worlds.ts';

function fused(runtime: TensorRuntime) {
  const network = createNetwork({ runtime, host: hostOf(), spans: ['layer'], optimizer: adam, runSeed: 3 });
  if (!(network instanceof HostNetwork)) throw new Error('not one of ours');
  const plan = createPlan({ runtime, network, optimizer: adam });
  const step = () => plan.step(xorInputs, xorTargets, 24, { host: 0.01, s: 0.01 });
  const end = () => {
    plan.dispose();
    network.dispose();
  };
  return { network, plan, step, end };
}
type World = ReturnType<typeof fused>;

describe.each(['cpu', 'wasm'] as const)('a snapshot of a compiled plan on %s', (backend) => {
  it('makes no tensor, nor does going back to it and training on', async () => {
    const runtime = await openTensorRuntime(backend);
    const { network, step, end } = fused(runtime);
    await step();
    network.release(network.capture());
    const before = runtime.memory().tensors;
    await step();
    const past = network.capture();
    const image = await network.image(past);
    await step();
    network.restore(past);
    await step();
    network.restore(past);

    expect(await network.image()).toEqual(image);
    expect(runtime.memory().tensors).toBe(before);
    end();
  });

  it('becomes a tensor where one is asked for, with the same bits, which goes with its owner', async () => {
    const runtime = await openTensorRuntime(backend);
    const empty = runtime.memory().tensors;
    const { network, step, end } = fused(runtime);
    await step();
    const weights = network.state.layers[0]!.parameters.get('w')!;
    const before = runtime.memory().tensors;
    const numbers = weights.numbers.map((part) => Array.from(part.peek(runtime)));
    const tensors = [weights.value, ...weights.moments];

    expect(tensors.map((tensor) => Array.from(runtime.peek(tensor)))).toEqual(numbers);
    expect(tensors.map(({ shape }) => shape)).toEqual(Array(3).fill(weights.shape));
    expect([weights.value, ...weights.moments]).toEqual(tensors);
    expect(runtime.memory().tensors).toBe(before + 3);
    end();
    expect(runtime.memory().tensors).toBe(empty);
  });

  it('keeps its numbers whatever comes later, in any order of captures, returns and releases', async () => {
    const runtime = await openTensorRuntime(backend);
    const act = fc.constantFrom('step', 'capture', 'restore', 'release', 'plant', 'uproot');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(act, fc.nat(7)), { maxLength: 25 }), async (acts) => {
        const empty = runtime.memory().tensors;
        const world = fused(runtime);
        await life(world, acts);
        world.end();
        expect(runtime.memory().tensors).toBe(empty);
      }),
      { numRuns: 25 },
    );
  });
});

/** Every snapshot still there at the end is what it was when it was taken. */
async function life({ network, step }: World, acts: ReadonlyArray<readonly [string, number]>): Promise<void> {
  const kept: { snapshot: ReturnType<HostNetwork['capture']>; image: unknown }[] = [];
  for (const [act, which] of acts) {
    const chosen = kept[which % Math.max(1, kept.length)];
    if (act === 'step') await step();
    if (act === 'capture') kept.push({ image: await network.image(), snapshot: network.capture() });
    if (act === 'restore' && chosen) network.restore(chosen.snapshot);
    if (act === 'release' && chosen) network.release(kept.splice(kept.indexOf(chosen), 1)[0]!.snapshot);
    const grows = network.seeds().length > 0;
    if (act === 'uproot' && grows) network.uproot('s');
    if (act !== 'plant' || grows) continue;
    network.plant({ seedId: 's', slotId: 'h1/layer', kernel: kernelOf(widen(2, 'tanh')), draw: 0 });
    network.setMode('s', 'live');
    network.setAlpha('s', 1);
  }
  for (const { snapshot, image } of kept) {
    expect(await network.image(snapshot)).toEqual(image);
    network.restore(snapshot);
    expect(await network.image()).toEqual(image);
  }
}

describe('pages for weights', () => {
  it('count in a memory budget, and a refused snapshot loses no step', async () => {
    const open = await openTensorRuntime('wasm');
    const runtime = withBudget(open, open.memory().bytes + 400_000);
    const { network, step, end } = fused(runtime);
    const kept: ReturnType<HostNetwork['capture']>[] = [];
    const fill = async () => {
      while (kept.length < 6_000) {
        await step();
        kept.push(network.capture());
      }
    };
    await expect(fill()).rejects.toMatchObject({ code: 'NN_OUT_OF_MEMORY' });
    const steps = kept.length + 1; // the last one was not kept
    network.release(kept.shift()!);

    expect(network.state.layers[0]!.parameters.get('w')!.updates).toBe(steps);
    for (const snapshot of kept) network.release(snapshot);
    end();
    runtime.upload(new Float32Array(90_000), [90_000]).dispose();
  });

  it('outlive the plan that wrote them, and are counted on their own then', async () => {
    const open = await openTensorRuntime('wasm');
    let rented = 0;
    const runtime = {
      ...open,
      rent(bytes: number) {
        rented += bytes;
      },
    };
    const { network, plan, step } = fused(runtime);
    await step();
    const image = await network.image();
    const past = network.capture();
    await step();
    plan.dispose();
    expect(rented).toBeGreaterThan(0);
    network.restore(past);

    expect(await network.image()).toEqual(image);
    network.release(past);
    network.dispose();
    expect(rented).toBe(0);
  });
});
