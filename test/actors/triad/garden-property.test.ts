import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  ADAPTATIONS,
  type CatalogueEntry,
  type SeedStage,
  type TransitionRecord,
} from '../../../contracts/index.ts';
import { isLegal } from '../../../machines/index.ts';
import { openTensorRuntime, type TensorRuntime } from '../../../nn/index.ts';
import { at, catalogue, decision, gardenOf, workspaceOf } from './garden-world.ts';

const GROWING = new Set(['GERMINATED', 'TRAINING', 'BLENDING', 'SHADOWING', 'PROBATIONARY']);

const seedId = fc.integer({ min: 1, max: 8 }).map((n) => `s${n}`);
/** Any decision, or `UP`: the one that would lead this seed on, or far walks would be too rare. */
const wish = fc.tuple(
  fc.constantFrom(...ADAPTATIONS, 'UP', 'UP', 'UP', 'UP'),
  seedId,
  fc.constantFrom(...catalogue),
);
const boundary = fc.record({
  regular: fc.boolean(),
  wishes: fc.array(wish, { maxLength: 10 }),
  dies: fc.option(seedId, { freq: 5 }),
  guilty: fc.option(seedId, { freq: 5 }),
});

/** A walk that leads one seed to the end of its life, so that this end is always among those walked. */
const allTheWay = Array.from({ length: 14 }, () => ({
  regular: true,
  wishes: [['UP', 's1', catalogue[0] as CatalogueEntry] as ['UP', string, CatalogueEntry]],
  dies: null,
  guilty: null,
}));

const up = (stage: SeedStage | undefined) =>
  stage === 'DORMANT' ? 'GERMINATE' : stage === 'PROBATIONARY' ? 'FOSSILIZE' : 'ADVANCE';

describe('whatever a garden is told', () => {
  let runtime: TensorRuntime;
  beforeAll(async () => {
    runtime = await openTensorRuntime('wasm');
  });

  it('it makes only legal transitions, one a seed and boundary, and the network holds what the records say', () => {
    const empty = runtime.memory().tensors;
    const reached = new Set<string>();
    fc.assert(
      fc.property(fc.array(boundary, { minLength: 5, maxLength: 30 }), fc.boolean(), (boundaries, gates) => {
        const work = workspaceOf(runtime, { gates, placesPerSlot: 2 });
        const { garden, actors } = gardenOf(work);
        const fossils = new Set<string>();
        const stages = new Map<string, TransitionRecord['to']>();
        let tick = 0;
        for (const { regular, wishes, dies, guilty } of boundaries) {
          const moment = at(tick, { regular, step: 3 * tick });
          if (dies !== null) actors.dead.add(dies);
          if (guilty !== null) garden.cull(moment, [guilty], 'not_finite');
          garden.beforeStep(3 * tick + 2);
          const decisions = wishes.map(([type, seed, kernel]) =>
            decision(type === 'UP' ? up(garden.stageOf(seed)) : type, seed, kernel),
          );
          const { transitions } = garden.act(moment, decisions);
          const steps = transitions.filter(({ from }) => from !== 'UNKNOWN');
          expect(new Set(steps.map((step) => step.seedId)).size).toBe(steps.length);
          for (const { seedId: id, from, to } of transitions) {
            expect(isLegal(from, to)).toBe(true);
            expect(stages.get(id) ?? 'UNKNOWN').toBe(from);
            stages.set(id, to);
            reached.add(to);
            if (to === 'FOSSILIZED') fossils.add(id);
          }
          const growing = garden.save().lives.filter(({ stage }) => GROWING.has(stage));
          const held = work.network.seeds();
          expect(new Set(held.filter(({ fossil }) => !fossil).map((seed) => seed.seedId))).toEqual(
            new Set(growing.map((life) => life.seedId)),
          );
          expect(held.filter(({ fossil }) => fossil).every((seed) => fossils.has(seed.seedId))).toBe(true);
          expect(garden.save().lives).toHaveLength(4);
          if (regular) tick += 1;
        }
        work.network.dispose();
      }),
      { numRuns: 150, examples: [[allTheWay, false]] },
    );
    expect(reached).toContain('FOSSILIZED'); // or the walks were too timid to prove anything
    expect(runtime.memory().tensors).toBe(empty);
  });
});
