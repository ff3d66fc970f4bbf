/** What people want, under the rules of Tamiyo's own ideas. */
import { describe, expect, it } from 'vitest';
import { decide, newMemory } from '../../../actors/tamiyo/behaviour.ts';
import { type Ground, grant, wishedDraws } from '../../../actors/tamiyo/wishes.ts';
import type { Wish } from '../../../actors/triad.ts';
import { randomStream } from '../../../contracts/index.ts';
import { entry, growth, packet, seed, slot } from '../fixtures.ts';

const by = { who: 'ann@lab', role: 'trainer', request: 'r1', reason: 'flat' };
const memory = newMemory(randomStream(1).save());
const ground = (fields: Partial<Ground> = {}): Ground => ({
  packet: packet(),
  memory,
  catalogue: [entry('w1', 1), entry('widen2', 2)],
  growth,
  fits: () => true,
  ...fields,
});
const plant = (blueprintId: string | null = null): Wish => {
  return { number: 1, command: { do: 'germinate', slotId: 'h1/layer', blueprintId }, by };
};
const cull = (seedId: string): Wish => ({ number: 2, command: { do: 'cull', seedId }, by });

/** The later a draw, the better it scores. */
function granted(here: Ground, wishes: readonly Wish[]) {
  const draws = wishedDraws(here, wishes);
  const scores = draws.map((_, at) => ({ score: at + 1, parameters: 10 }));
  return { draws, ...grant(here, wishes, { draws, scores }) };
}

describe('a wish to plant', () => {
  it('becomes a decision with all that was weighed, in the name of whoever commanded it', () => {
    const { draws, decisions, answers, memory: after } = granted(ground(), [plant()]);

    expect(draws).toHaveLength(growth.candidatePool);
    expect(decisions).toMatchObject([
      {
        decisionId: 'd1',
        type: 'GERMINATE',
        seedId: 's1',
        trigger: 'commanded',
        chosen: { blueprintId: 'widen2', draw: 3 },
        reason: 'commanded by ann@lab (trainer), "flat": widen2 scored best of 4 in h1/layer',
      },
    ]);
    expect(answers).toEqual([{ number: 1, decisionId: 'd1', refused: null }]);
    expect(after).toMatchObject({ decisions: 1, lastGermination: 10 });
  });

  it('draws of the blueprint alone that it names, whatever became of it earlier', () => {
    const sorry = { ...memory, penalties: { w1: 6 } };
    const draws = wishedDraws(ground({ memory: sorry }), [plant('w1')]);

    expect(new Set(draws.map(({ kernel }) => kernel.blueprint.id))).toEqual(new Set(['w1']));
    expect(
      wishedDraws(ground({ memory: sorry }), [plant()]).map(({ kernel }) => kernel.blueprint.id),
    ).not.toContain('w1');
  });

  it('leaves Tamiyo no place that is taken by it', () => {
    const stalled = { ...memory, stabilised: true, losses: [0.6, 0.55, 0.5, 0.5, 0.5, 0.5] };
    const eager = { ...growth, tempo: { ...growth.tempo, spacing: 0 } };
    const here = ground({
      memory: stalled,
      growth: { ...eager, maxLiveSeeds: 1 },
      packet: packet({ seeds: [{ ...seed, stage: 'DORMANT' }], slots: [slot] }),
    });
    const { packet: seen, memory: after, draws } = granted(here, [plant()]);
    const scores = draws.map(() => ({ score: 1, parameters: 10 }));

    expect(decide(stalled, here.packet, here.growth, draws, scores).decisions).toHaveLength(1);
    expect(decide(after, seen, here.growth, draws, scores).decisions).toEqual([]);
  });

  const full = packet({ seeds: [seed, { ...seed, seedId: 's2' }] });
  it.each<[string, Partial<Ground>, string | null, string]>([
    ['the run allows no more', { packet: full }, null, 'TAMIYO_NO_ROOM'],
    [
      'it is more than parameters are left',
      { growth: { ...growth, maxParameters: 45 } },
      null,
      'TAMIYO_NO_ROOM',
    ],
    ['its slot rests', { packet: packet({ slots: [{ ...slot, embargo: 2 }] }) }, null, 'TAMIYO_SLOT_TAKEN'],
    ['its slot is full', { packet: packet({ slots: [{ ...slot, vacant: [] }] }) }, null, 'TAMIYO_SLOT_TAKEN'],
    [
      'its layer is wide enough',
      { packet: packet({ slots: [{ ...slot, room: 0 }] }) },
      null,
      'TAMIYO_SLOT_TAKEN',
    ],
    ['the end is near', { packet: packet({ ticksLeft: 3 }) }, null, 'TAMIYO_TOO_LATE'],
    [
      'the goal is reached',
      { packet: packet({ trainingMetrics: { goalReached: 1 } }) },
      null,
      'TAMIYO_TOO_LATE',
    ],
    ['it is quarantined', { memory: { ...memory, quarantined: ['w1'] } }, 'w1', 'TAMIYO_BLUEPRINT_BARRED'],
    ['it has no place in that network', { fits: () => false }, 'w1', 'TAMIYO_BLUEPRINT_UNFIT'],
    ['nothing has', { fits: () => false }, null, 'TAMIYO_BLUEPRINT_UNFIT'],
    ['its family may not', { growth: { ...growth, families: ['gaussian'] } }, 'w1', 'TAMIYO_BLUEPRINT_UNFIT'],
  ])('is refused when %s, and changes nothing', (_, fields, blueprintId, code) => {
    const here = ground(fields);
    const { decisions, answers, memory: after, packet: seen } = granted(here, [plant(blueprintId)]);

    expect(decisions).toEqual([]);
    expect(answers).toMatchObject([{ number: 1, decisionId: null, refused: { code } }]);
    expect([after, seen]).toEqual([here.memory, here.packet]);
  });
});

describe('a wish to take out', () => {
  it('is a cull for no other reason, after which nobody judges the seed', () => {
    const here = ground({ packet: packet({ seeds: [{ ...seed, refusals: 4 }] }) });
    const { decisions, packet: seen, memory: after } = granted(here, [cull('s1')]);

    expect(decisions).toMatchObject([
      { type: 'CULL', seedId: 's1', cullReason: 'cancelled', trigger: 'commanded' },
    ]);
    expect(decide(memory, here.packet, growth, [], []).decisions).toHaveLength(1);
    expect(decide(after, seen, growth, [], []).decisions).toEqual([]);
  });

  it('is refused for what does not grow, and names what does', () => {
    const { answers } = granted(ground({ packet: packet({ seeds: [seed] }) }), [cull('s9')]);

    expect(answers).toMatchObject([
      { refused: { code: 'TAMIYO_SEED_NOT_GROWING', hint: 'growing now: s1' } },
    ]);
  });
});
