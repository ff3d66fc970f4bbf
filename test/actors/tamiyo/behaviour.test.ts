import { describe, expect, it } from 'vitest';
import { candidates, decide, learn, newMemory, quarantine } from '../../../actors/tamiyo/behaviour.ts';
import { randomStream } from '../../../contracts/index.ts';
import { entry, growth, packet, seed, slot } from '../fixtures.ts';

const fresh = newMemory(randomStream(1).save());
const catalogue = [entry('w1', 1), entry('widen2', 2), entry('widen-four', 4)];

/** A host that has stalled: calm, then flat. */
const stalled = { ...fresh, stabilised: true, losses: [0.6, 0.55, 0.52, 0.5, 0.5, 0.5] };

const scored = (draws: readonly unknown[]) => draws.map((_, i) => ({ score: i + 1, parameters: 10 }));

describe('deciding to plant', () => {
  it('waits while the host still learns', () => {
    const learning = { ...stalled, losses: [0.9, 0.8, 0.7, 0.6, 0.55] };

    expect(candidates(learning, packet({ validationLoss: 0.4 }), catalogue, growth)).toEqual([]);
  });

  it('waits until the host has once been calm, and remembers that it was', () => {
    const wild = { ...fresh, losses: [5, 1, 4, 0.5] };
    expect(candidates(wild, packet({ validationLoss: 4 }), catalogue, growth)).toEqual([]);

    const { memory } = decide(stalled, packet(), growth, [], []);
    expect(memory.stabilised).toBe(true);
  });

  it('plants the candidate that scored best and keeps the others on record', () => {
    const draws = candidates(stalled, packet(), catalogue, growth);
    const { decisions } = decide(stalled, packet(), growth, draws, scored(draws));

    expect(draws).toHaveLength(growth.candidatePool);
    expect(decisions).toHaveLength(1);
    expect(decisions[0]).toMatchObject({
      type: 'GERMINATE',
      seedId: 's1',
      slotId: 'h1/layer',
      trigger: 'plateau',
    });
    expect(decisions[0]?.candidates).toHaveLength(draws.length);
    expect(decisions[0]?.chosen?.value).toBe(
      Math.max(...(decisions[0]?.candidates ?? []).map(({ value }) => value)),
    );
  });

  it('keeps its distance between two germinations', () => {
    const lately = { ...stalled, lastGermination: 9 };

    expect(candidates(lately, packet({ tick: 10 }), catalogue, growth)).toEqual([]);
    expect(candidates(lately, packet({ tick: 11 }), catalogue, growth)).not.toEqual([]);
  });

  it('plants nothing new near the end, after the goal, at a probe boundary, in an embargoed or full slot, or beyond the live limit', () => {
    const none = (fields: Parameters<typeof packet>[0]) =>
      candidates(stalled, packet(fields), catalogue, growth);

    expect(none({ epoch: 80 })).toEqual([]);
    expect(none({ trainingMetrics: { goalReached: 1 } })).toEqual([]);
    expect(none({ regular: false })).toEqual([]);
    expect(none({ slots: [{ ...slot, embargo: 1 }] })).toEqual([]);
    expect(none({ slots: [{ ...slot, vacant: [] }] })).toEqual([]);
    expect(none({ slots: [{ ...slot, room: 0 }] })).toEqual([]);
    expect(none({ seeds: [seed, { ...seed, seedId: 's2' }] })).toEqual([]);
  });

  it('never widens a layer past its target', () => {
    const draws = candidates(stalled, packet({ slots: [{ ...slot, room: 1 }] }), catalogue, growth);

    expect(new Set(draws.map(({ kernel }) => kernel.blueprint.id))).toEqual(new Set(['w1']));
  });

  it('respects the parameter budget with what is planted and what is about to be', () => {
    const tight = { ...growth, maxParameters: 45 };
    const draws = candidates(stalled, packet(), catalogue, tight);

    expect(decide(stalled, packet(), tight, draws, scored(draws)).decisions).toEqual([]);
  });

  it('leaves a quarantined blueprint and one culled too often alone', () => {
    const only = [entry('widen2', 2)];
    const banned = quarantine(stalled, ['widen2']);
    const culled = {
      seedId: 's1',
      slotId: 'h1/layer',
      blueprintId: 'widen2',
      from: 'TRAINING',
      to: 'CULLED',
      gate: null,
      cullReason: 'harmful',
      decisionId: null,
    } as const;
    const twice = learn(
      learn(stalled, [culled], () => 'widen'),
      [culled],
      () => 'widen',
    );

    expect(candidates(banned, packet(), only, growth)).toEqual([]);
    expect(candidates(twice, packet(), only, growth)).toEqual([]);
    expect(
      candidates(
        learn(stalled, [culled], () => 'widen'),
        packet(),
        only,
        growth,
      ),
    ).not.toEqual([]);
  });

  it('forgives: a penalty halves at every boundary', () => {
    const punished = { ...stalled, penalties: { widen2: 4 } };

    expect(decide(punished, packet(), growth, [], []).memory.penalties.widen2).toBe(2);
  });

  it('answers the same for the same memory and packet', () => {
    const draws = candidates(stalled, packet(), catalogue, growth);

    expect(decide(stalled, packet(), growth, draws, scored(draws))).toEqual(
      decide(stalled, packet(), growth, draws, scored(draws)),
    );
  });

  it('judges only seeds in the shadow at a probe boundary', () => {
    const seeds = [
      { ...seed, stage: 'SHADOWING' as const, contribution: 2 },
      { ...seed, seedId: 's2', stage: 'TRAINING' as const },
    ];

    expect(
      decide(stalled, packet({ regular: false, seeds }), growth, [], []).decisions.map(
        ({ seedId }) => seedId,
      ),
    ).toEqual(['s1']);
  });
});

describe('other policies', () => {
  it('grow on a schedule whatever the loss does', () => {
    const scheduled = { ...growth, policy: 'schedule' as const };

    expect(candidates(fresh, packet({ validationLoss: 9 }), catalogue, scheduled)).not.toEqual([]);
  });

  it('throw dice that move on by themselves', () => {
    const random = { ...growth, policy: 'random' as const };
    const { memory } = decide(fresh, packet(), random, [], []);

    expect(memory.random).not.toEqual(fresh.random);
  });
});
