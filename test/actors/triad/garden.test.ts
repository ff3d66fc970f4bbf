import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Garden } from '../../../actors/kasmina/garden.ts';
import { type GrowthConfig, SEED_STAGES, type SeedStage } from '../../../contracts/index.ts';
import { ArenaReader, openTensorRuntime, type TensorRuntime } from '../../../nn/index.ts';
import { growth } from '../fixtures.ts';
import { Actors, at, decision, gardenOf, workspaceOf } from './garden-world.ts';

let runtime: TensorRuntime;
let clear: () => void = () => {};
beforeAll(async () => {
  runtime = await openTensorRuntime('wasm');
});
afterEach(() => clear());

/** Gates open unless a test is about them: the walk is what matters. */
function planted(rules: Partial<GrowthConfig> = { gates: false }) {
  const work = workspaceOf(runtime, rules);
  clear = () => work.network.dispose();
  const world = gardenOf(work);
  world.garden.act(at(0), []);
  return world;
}

const stageIn = (garden: Garden, seedId = 's1') =>
  garden.save().lives.find((life) => life.seedId === seedId)?.stage;

/** Takes s1 up to a stage, a boundary for each step; answers the tick of the last one. */
function grow({ garden }: { readonly garden: Garden }, to: SeedStage): number {
  const steps = ['GERMINATED', 'TRAINING', 'BLENDING', 'SHADOWING', 'PROBATIONARY'];
  const last = steps.indexOf(to) + 1;
  for (let tick = 1; tick <= last; tick++)
    garden.act(at(tick), [decision(tick === 1 ? 'GERMINATE' : 'ADVANCE', 's1')]);
  expect(stageIn(garden)).toBe(to);
  return last;
}

describe('a garden', () => {
  it('wakes a dormant seed in every place, and says so at the first boundary', () => {
    const work = workspaceOf(runtime, { placesPerSlot: 2 });
    clear = () => work.network.dispose();
    const { garden } = gardenOf(work);
    const { transitions } = garden.act(at(0), []);

    expect(transitions.map(({ seedId, slotId, to }) => [seedId, slotId, to])).toEqual([
      ['s1', 'h1/layer', 'DORMANT'],
      ['s2', 'h1/layer', 'DORMANT'],
      ['s3', 'h1/residual', 'DORMANT'],
      ['s4', 'h1/residual', 'DORMANT'],
    ]);
    expect(work.network.seeds()).toEqual([]);
  });

  it('measures progress from the loss a seed was born into', () => {
    const { garden } = planted();
    garden.gather(at(1), { validationLoss: 0.8, trials: [] });
    garden.act(at(1), [decision('GERMINATE', 's1')]);
    const { seeds } = garden.gather(at(2), { validationLoss: 0.6, trials: [] });

    expect(seeds.find(({ seedId }) => seedId === 's1')?.improvementSinceBirth).toBeCloseTo(25);
  });

  it('leads a seed from the soil into the host, one stage a boundary, and puts a new one in its place', () => {
    const { garden, work } = planted();
    const width = work.network.widths()[0] as number;
    const walk = ['GERMINATE', 'ADVANCE', 'ADVANCE', 'ADVANCE', 'ADVANCE', 'FOSSILIZE'] as const;
    const seen = walk.map((type, i) => {
      const { transitions } = garden.act(at(i + 1), [decision(type, 's1'), decision(type, 's1')]);
      return [transitions[0]?.to, work.network.seeds()[0]?.mode];
    });

    expect(seen).toEqual([
      ['GERMINATED', 'absent'],
      ['TRAINING', 'isolated'],
      ['BLENDING', 'live'],
      ['SHADOWING', 'shadow'],
      ['PROBATIONARY', 'live'],
      ['FOSSILIZED', undefined],
    ]);
    expect(work.network.widths()[0]).toBe(width + 2);
    expect(stageIn(garden, 's1')).toBeUndefined();
    expect(stageIn(garden, 's3')).toBe('DORMANT');
  });

  it('leaves everything as it was when a gate refuses, and counts it', () => {
    const { garden, work } = planted({ gates: true });
    grow({ garden }, 'TRAINING');
    const [before, seeds] = [garden.save(), work.network.seeds()];
    const { transitions } = garden.act(at(9), [decision('ADVANCE', 's1')]);
    const lives = before.lives.map((life) => (life.seedId === 's1' ? { ...life, refusals: 1 } : life));

    expect(transitions).toEqual([]);
    expect(garden.save()).toEqual({ ...before, lives });
    expect(work.network.seeds()).toEqual(seeds);
  });

  it('does not plant what does not fit, and does not remember having tried', () => {
    const { garden, work } = planted();
    const before = garden.save();
    garden.act(at(1), [decision('GERMINATE', 's2')]); // a widening kernel beside a layer

    expect(garden.save()).toEqual(before);
    expect(work.network.seeds()).toEqual([]);
  });

  it('does not let itself be talked into what no lifecycle allows', () => {
    const { garden } = planted();
    const before = garden.save();
    for (const type of ['ADVANCE', 'FOSSILIZE', 'CULL', 'WAIT'] as const)
      garden.act(at(1), [decision(type, 's1')]);

    expect(garden.save()).toEqual(before);
  });

  it.each(['GERMINATED', 'TRAINING', 'BLENDING', 'SHADOWING', 'PROBATIONARY'] as const)(
    'culls a seed that is %s even when its actor is dead, and its tensors with it',
    (stage) => {
      const empty = runtime.memory().tensors;
      const { garden, work } = planted();
      const born = runtime.memory().tensors;
      const tick = grow({ garden }, stage);
      garden.breakActor('s1');
      const { transitions } = garden.act(at(tick + 1), [decision('CULL', 's1')]);

      expect(transitions).toMatchObject([{ seedId: 's1', from: stage, to: 'CULLED', cullReason: 'harmful' }]);
      expect(work.network.seeds()).toEqual([]);
      expect(runtime.memory().tensors).toBe(born);
      work.network.dispose();
      expect(runtime.memory().tensors).toBe(empty);
    },
  );

  it('moves a seed with a dead actor nowhere but out', () => {
    const { garden } = planted();
    grow({ garden }, 'TRAINING');
    garden.breakActor('s1');
    garden.act(at(5), [decision('ADVANCE', 's1')]);

    expect(stageIn(garden)).toBe('TRAINING');
    expect(garden.save().lives[0]?.failures).toBe(4);
  });

  it('rests a place after a cull: embargo, reset, and then a fresh seed', () => {
    const { garden } = planted({ gates: false, tempo: { ...growth.tempo, embargo: 3 } });
    const measured = { validationLoss: 1, trials: [] };
    const tick = grow({ garden }, 'TRAINING');
    garden.act(at(tick + 1), [decision('CULL', 's1')]);
    const log = [2, 3, 4, 5, 6, 7].map((later) => {
      const slot = garden.gather(at(tick + later), measured).slots[0];
      const told = [slot?.embargo, slot?.vacant.length];
      garden.act(at(tick + later), []);
      return [...told, stageIn(garden, 's1') ?? `${garden.save().lives[1]?.seedId} is new`];
    });

    expect(log).toEqual([
      [1, 0, 'EMBARGOED'],
      [2, 0, 'EMBARGOED'],
      [1, 0, 'EMBARGOED'],
      [1, 0, 'RESETTING'],
      [1, 0, 's3 is new'],
      [0, 1, 's3 is new'],
    ]);
  });

  it('does not clean up at a probe boundary, nor at the boundary that reports a cull between boundaries', () => {
    const { garden } = planted();
    const tick = grow({ garden }, 'TRAINING');
    garden.cull(at(tick + 1, { regular: false }), ['s1', 'nobody'], 'not_finite');
    const reported = garden.act(at(tick + 1), []).transitions;
    const probed = garden.act(at(tick + 2, { regular: false }), []).transitions;
    const cleaned = garden.act(at(tick + 2), []).transitions;

    expect(reported.map(({ to }) => to)).toEqual(['CULLED']);
    expect(probed).toEqual([]);
    expect(cleaned.map(({ to }) => to)).toEqual(['EMBARGOED']);
  });

  it('leaves room only up to the target width, with what is coming counted in', () => {
    const { garden } = planted({ gates: false, targetHidden: [6] });
    const room = (tick: number) =>
      garden.gather(at(tick), { validationLoss: 1, trials: [] }).slots.map((slot) => [slot.width, slot.room]);

    expect(room(1)).toEqual([
      [3, 3],
      [null, null],
    ]);
    garden.act(at(1), [decision('GERMINATE', 's1')]);
    expect(room(2)[0]).toEqual([3, 1]);
  });

  it('raises the share of a blending seed at every step', () => {
    const { garden, work } = planted({ gates: false, blend: 'linear' });
    const tick = grow({ garden }, 'BLENDING');
    const shares = [0, 1, 2, 3, 4, 5, 6, 7].map((step) => {
      garden.beforeStep(3 * tick + step);
      return work.network.seeds()[0]?.alpha;
    });

    expect(shares).toEqual([0, 1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 1, 1]);
  });

  it('shows every step and every boundary in the arena, and the packet says the same', async () => {
    const world = planted();
    const { garden, work } = world;
    const tick = grow(world, 'TRAINING');
    const reader = new ArenaReader(work.arena.buffer);
    const copy = reader.copy();
    const own = { gradientNorm: 0.5, loss: 0.25, finite: true };
    garden.afterStep(17, {
      loss: 0.75,
      finite: true,
      gradientNorm: 3,
      hostGradientNorm: 2,
      seeds: { s1: own },
    });

    expect(reader.read(copy)).toBe(true);
    const row = copy.state.seed.indexOf(1);
    expect([...copy.state.run]).toEqual([garden.save().lives.length, 17, 0.75, 3, 2]);
    expect(SEED_STAGES[copy.state.stage[row] as number]).toBe('TRAINING');
    expect([copy.state.gradientNorm[row], copy.state.seedLoss[row], copy.state.hostLoss[row]]).toEqual([
      0.5, 0.25, 0.75,
    ]);
    expect(copy.state.contribution[row]).toBeNaN();

    const { seeds } = garden.gather(at(tick + 1), { validationLoss: 0.6, trials: [] });
    expect(reader.read(copy)).toBe(true);
    for (const [i, seed] of seeds.entries()) {
      expect(`s${copy.state.seed[i]}`).toBe(seed.seedId);
      expect(SEED_STAGES[copy.state.stage[i] as number]).toBe(seed.stage);
    }
    expect(seeds[row]?.gradientRatio).toBe(copy.state.health[row]);
    expect(seeds[row]).toMatchObject({ gradientNorm: 0.5, contribution: null });
  });

  it('asks for a probe while a seed is in the shadow, once, and never for one that has passed', () => {
    const { garden } = planted({ gates: false, tempo: { ...growth.tempo, shadowSteps: 2 } });
    const tick = grow({ garden }, 'BLENDING');
    const entered = at(tick + 1);
    const ask = (step: number, regular = false) => garden.act(at(tick + 2, { step, regular }), []).probeAt;

    expect(garden.act(entered, [decision('ADVANCE', 's1')]).probeAt).toBe(entered.step + 2);
    expect(ask(entered.step + 1)).toBe(entered.step + 2);
    expect(ask(entered.step + 2)).toBeNull();
    expect(ask(entered.step + 3, true)).toBeNull();
    expect(garden.trials(true)).toEqual([{ seedId: 's1', how: 'shadow' }]);
    garden.act(at(tick + 3), [decision('ADVANCE', 's1')]);
    expect(garden.trials(false)).toEqual([]);
    expect(garden.trials(true)).toEqual([{ seedId: 's1', how: 'ablation' }]);
  });

  it('knows what a seed is worth from the losses with and without it', () => {
    const { garden } = planted();
    const tick = grow({ garden }, 'PROBATIONARY');
    const measure = (validationLoss: number, lossWithout: number, later: number) =>
      garden.gather(at(tick + later), {
        validationLoss,
        trials: [{ seedId: 's1', lossWith: validationLoss, lossWithout }],
      }).seeds[0];

    expect(measure(0.8, 1, 1)).toMatchObject({ contribution: expect.closeTo(20), improvementSinceBirth: 0 });
    expect(measure(0.6, 0.5, 2)).toMatchObject({
      contribution: expect.closeTo(-20),
      improvementSinceBirth: expect.closeTo(25),
    });
  });

  it('comes back from a copy of its records as it was, and goes on the same', () => {
    const { garden, work } = planted();
    const tick = grow({ garden }, 'BLENDING');
    const saved = JSON.parse(JSON.stringify(garden.save()));
    const actors = new Actors();
    const twin = new Garden(work, actors, saved);

    expect(twin.save()).toEqual(garden.save());
    expect(actors.stages).toEqual(
      new Map([
        ['s1', 'BLENDING'],
        ['s2', 'DORMANT'],
      ]),
    );
    expect(twin.act(at(tick + 1), [decision('ADVANCE', 's1')]).transitions).toMatchObject([
      { from: 'BLENDING', to: 'SHADOWING' },
    ]);
    expect(stageIn(garden)).toBe('BLENDING');
  });

  it('knows no seed that is not there', () => {
    const { garden } = planted();
    const unknown = expect.objectContaining({ code: 'KASMINA_UNKNOWN_SEED', details: { seedId: 'nobody' } });
    const trials = [{ seedId: 'nobody', lossWith: 1, lossWithout: 1 }];

    expect(() => garden.breakActor('nobody')).toThrow(unknown);
    expect(() => garden.gather(at(1), { validationLoss: 1, trials })).toThrow(unknown);
    expect(garden.act(at(1), [decision('CULL', 'nobody')]).transitions).toEqual([]);
  });
});
