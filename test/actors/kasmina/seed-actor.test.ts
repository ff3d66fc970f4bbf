import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seedActor } from '../../../actors/kasmina/seed-actor.ts';
import { modeOf, STEPS } from '../../../actors/kasmina/stages.ts';
import { type GateResult, SEED_STAGES, type SeedStage } from '../../../contracts/index.ts';
import { isLegal } from '../../../machines/index.ts';
import type { Cx } from '../../../runtime/index.ts';

const cx = {} as Cx<never>;
const gate = (passed: boolean): GateResult => ({
  gate: 'G2',
  passed,
  reasons: passed ? [] : ['free_rider'],
  readings: {},
});
const ask = (stage: SeedStage, to: SeedStage, verdict: GateResult | null) =>
  seedActor.decide['seed.move']?.({ stage }, { type: 'seed.move', to, gate: verdict }, cx as never);

describe('a seed as an actor', () => {
  it('agrees to exactly the moves its lifecycle knows, when the gate is open', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SEED_STAGES), fc.constantFrom(...SEED_STAGES), (from, to) => {
        const answer = ask(from, to, gate(true));
        if (isLegal(from, to)) expect(answer).toMatchObject({ reply: 'moved', events: [{ to }] });
        else expect(answer).toMatchObject({ refused: 'KASMINA_ILLEGAL_TRANSITION', details: { from, to } });
      }),
    );
  });

  it('stays where it is behind a closed gate, and says which', () => {
    expect(ask('TRAINING', 'BLENDING', gate(false))).toMatchObject({
      refused: 'KASMINA_GATE_CLOSED',
      details: { gate: 'G2', reasons: ['free_rider'] },
    });
  });

  it('starts again at the stage its record says, not at the one it began with', async () => {
    let stage: SeedStage = 'TRAINING';
    const args = { stage: () => stage };
    const first = await seedActor.fresh(cx as never, args);
    stage = 'BLENDING';

    expect([first, await seedActor.fresh(cx as never, args)]).toEqual([
      { stage: 'TRAINING' },
      { stage: 'BLENDING' },
    ]);
  });
});

describe('the way up', () => {
  it('leads through the shadow: no other step ends in probation', () => {
    const into = (to: SeedStage) =>
      Object.entries(STEPS).flatMap(([from, step]) => (step.to === to ? [from] : []));

    expect(into('PROBATIONARY')).toEqual(['SHADOWING']);
    expect(into('FOSSILIZED')).toEqual(['PROBATIONARY']);
    expect(Object.entries(STEPS).every(([from, step]) => isLegal(from as SeedStage, step.to))).toBe(true);
  });

  it('lets a seed into the output only where it may contribute', () => {
    const live = SEED_STAGES.filter((stage) => modeOf(stage) === 'live');

    expect(live).toEqual(['BLENDING', 'PROBATIONARY', 'FOSSILIZED']);
    expect(modeOf('TRAINING')).toBe('isolated');
    expect(modeOf('CULLED')).toBe('absent');
  });
});
