import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { kasmina } from '../../../actors/kasmina/actor.ts';
import { tamiyo } from '../../../actors/tamiyo/actor.ts';
import { trainingTree } from '../../../actors/tree.ts';
import type { Acted, KasminaMessage, TamiyoMessage, Workspace } from '../../../actors/triad.ts';
import { type CatalogueEntry, randomStream } from '../../../contracts/index.ts';
import { moons } from '../../../nn/data/index.ts';
import {
  createPlan,
  createTfjsPlan,
  openTensorRuntime,
  type RateState,
  type StepReport,
  type TensorRuntime,
  UnifiedLRController,
} from '../../../nn/index.ts';
import { type ActorSystem, accept, defineActor, startSystem } from '../../../runtime/index.ts';
import { worldPorts } from '../../runtime/support/world.ts';
import { packet } from '../fixtures.ts';
import { at, catalogue, decision, workspaceOf } from './garden-world.ts';

type Lever = { readonly type: 'lever.capture' } | { readonly type: 'lever.back' };

/** Stands in Tolaria's place: its rates go back with the group, and a test pulls the lever. */
const lever = defineActor<
  { readonly rates: UnifiedLRController },
  Lever,
  never,
  { readonly rates: UnifiedLRController }
>({
  name: 'tolaria',
  fresh: (_, { rates }) => ({ rates }),
  decide: {
    'lever.capture': (_, __, cx) => {
      cx.checkpoints().capture({ boundary: 0 });
      return accept();
    },
    'lever.back': (_, __, cx) => {
      cx.rollback('a test', null);
      return accept();
    },
  },
  rollback: {
    capture: ({ rates }) => rates.save(),
    restore(self, saved) {
      self.rates.load(saved as RateState);
      return self;
    },
    release: () => {},
  },
});

describe.each([
  { name: 'the fused plan', planOf: createPlan },
  { name: 'the tensor plan', planOf: createTfjsPlan },
])('the triad as a group, on $name', ({ planOf }) => {
  let runtime: TensorRuntime;
  let work: Workspace;
  let system: ActorSystem;
  let rates: UnifiedLRController;
  let step: number;
  beforeAll(async () => {
    runtime = await openTensorRuntime('wasm');
  });
  beforeEach(async () => {
    work = workspaceOf(runtime, { gates: false }, planOf);
    const rate = { policy: 'cosine', minimum: 0, warmupSteps: 4, warmupFactor: 0.1 } as const;
    rates = new UnifiedLRController(rate, 0.01, 300);
    step = 0;
    const tree = trainingTree(
      [kasmina, { work, saved: null }],
      [
        tamiyo,
        {
          growth: work.config.growth,
          catalogue,
          fits: () => true,
          random: randomStream('t').save(),
          saved: null,
        },
      ],
      [lever, { rates }],
    );
    system = await startSystem(tree, worldPorts().ports);
  });
  afterEach(async () => {
    await system.stop();
    work.plan.dispose();
    work.network.dispose();
  });

  const toKasmina = <R>(message: KasminaMessage) =>
    system.ref<KasminaMessage>('training/kasmina').callNow<R>(message) as R;
  const toTamiyo = <R>(message: TamiyoMessage) =>
    system.ref<TamiyoMessage>('training/tamiyo').callNow<R>(message) as R;
  const pull = (type: Lever['type']) => system.ref<Lever>('training/tolaria').callNow({ type });

  const rows = moons(16, 0.1, 3);
  const [inputs, targets] = [new Float32Array(32), new Float32Array(32)];
  rows.fillInputs([...Array(16).keys()], inputs);
  rows.fillTargets([...Array(16).keys()], targets);

  async function train(steps: number): Promise<StepReport> {
    let report: StepReport | undefined;
    for (let i = 0; i < steps; i++) {
      toKasmina({ type: 'kasmina.before_step', step });
      report = await work.plan.step(inputs, targets, 16, rates.step(step));
      toKasmina({ type: 'kasmina.after_step', step: 0, report });
      step += 1;
    }
    return report as StepReport;
  }

  /** Two seeds, one blending, one training apart. */
  async function grow(): Promise<void> {
    const [layer, beside] = catalogue as [CatalogueEntry, CatalogueEntry];
    const act = (tick: number, ...decisions: ReturnType<typeof decision>[]) =>
      toKasmina<Acted>({ type: 'kasmina.act', moment: at(tick, { step }), decisions });
    act(0);
    act(1, decision('GERMINATE', 's1', layer));
    act(2, decision('ADVANCE', 's1'), decision('GERMINATE', 's2', beside));
    for (const seedId of ['s1', 's2']) rates.admit(seedId, step);
    await train(3);
    act(3, decision('ADVANCE', 's1'), decision('ADVANCE', 's2'));
    await train(4);
  }

  async function everything() {
    return structuredClone({
      image: await work.network.image(),
      seeds: work.network.seeds(),
      garden: toKasmina({ type: 'kasmina.save' }),
      tamiyo: toTamiyo({ type: 'tamiyo.save' }),
      rates: rates.save(),
    });
  }

  it('goes back bit for bit, as often as it must, and takes the same next step', async () => {
    await grow();
    pull('lever.capture');
    const here = step;
    const before = await everything();
    const first = await train(1);
    expect(await everything()).not.toEqual(before);
    for (let attempt = 0; attempt < 2; attempt++) {
      await train(5);
      work.network.corrupt('s1', 'nan');
      toKasmina({ type: 'kasmina.cull', moment: at(9), seedIds: ['s1'], reason: 'not_finite' });
      toTamiyo({ type: 'tamiyo.quarantine', blueprintIds: ['widen-2-tanh'] });
      rates.dismiss('s1');
      pull('lever.back');
      step = here;

      expect(await everything()).toEqual(before);
      expect(await train(1)).toEqual(first);
      pull('lever.back');
      step = here;
      pull('lever.capture');
    }
  });

  it('keeps as many tensors however often it goes back', async () => {
    await grow();
    for (let i = 0; i < 5; i++) pull('lever.capture');
    const settled = runtime.memory().tensors;
    for (let i = 0; i < 20; i++) {
      await train(2);
      pull('lever.back');
      pull('lever.capture');
    }
    for (let i = 0; i < 5; i++) pull('lever.capture');

    expect(runtime.memory().tensors).toBe(settled);
  });

  it('goes back when one of them breaks, and the others with it', async () => {
    await grow();
    pull('lever.capture');
    const before = await everything();
    await train(2);
    const decide = { type: 'tamiyo.decide', packet: packet(), draws: [], scores: [] } as const;
    toTamiyo({ type: 'tamiyo.fail_next' });

    expect(() => toTamiyo(decide)).toThrow(expect.objectContaining({ code: 'ACTOR_CRASHED' }));
    expect(await everything()).toEqual(before);
    expect(toTamiyo(decide)).toEqual([]);
  });

  it('brings the actors of seeds back to the stages of their records', async () => {
    await grow();
    pull('lever.capture');
    toKasmina({ type: 'kasmina.crash_seed', seedId: 's1' });
    toKasmina({ type: 'kasmina.act', moment: at(4), decisions: [decision('CULL', 's1')] });
    pull('lever.back');
    const { transitions } = toKasmina<Acted>({
      type: 'kasmina.act',
      moment: at(5),
      decisions: [decision('ADVANCE', 's1')],
    });

    expect(transitions).toMatchObject([{ seedId: 's1', from: 'BLENDING', to: 'SHADOWING' }]);
  });

  it('hears of a seed nobody knows with the code that says so', async () => {
    await grow();
    pull('lever.capture');
    const unknown = { cause: { code: 'KASMINA_UNKNOWN_SEED' }, code: 'ACTOR_CRASHED' };

    expect(() => toKasmina({ type: 'kasmina.crash_seed', seedId: 'nobody' })).toThrow(
      expect.objectContaining({ ...unknown, cause: expect.objectContaining(unknown.cause) }),
    );
    expect(toKasmina({ type: 'kasmina.trials', regular: true })).toEqual([]);
  });
});
