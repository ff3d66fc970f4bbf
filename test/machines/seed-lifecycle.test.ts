/** Twelve stages, seventeen steps, and nothing else whatever the world says. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initialTransition, transition } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { GATES, type GateResult, SEED_STAGES, type SeedStage, stageNumber } from '../../contracts/index.ts';
import {
  eventBetween,
  eventNumber,
  GATE_OF,
  ILLEGAL,
  isLegal,
  legal,
  nextStage,
  SEED_EVENTS,
  type SeedEvent,
  seedLifecycle,
} from '../../machines/index.ts';

const STEPS: ReadonlyArray<readonly [SeedStage, SeedEvent['type'], SeedStage]> = [
  ['UNKNOWN', 'wake', 'DORMANT'],
  ['DORMANT', 'germinate', 'GERMINATED'],
  ['DORMANT', 'terminate', 'TERMINATED'],
  ['GERMINATED', 'train', 'TRAINING'],
  ['GERMINATED', 'cull', 'CULLED'],
  ['TRAINING', 'blend', 'BLENDING'],
  ['TRAINING', 'cull', 'CULLED'],
  ['BLENDING', 'shadow', 'SHADOWING'],
  ['BLENDING', 'cull', 'CULLED'],
  ['SHADOWING', 'probation', 'PROBATIONARY'],
  ['SHADOWING', 'cull', 'CULLED'],
  ['PROBATIONARY', 'fossilize', 'FOSSILIZED'],
  ['PROBATIONARY', 'cull', 'CULLED'],
  ['FOSSILIZED', 'terminate', 'TERMINATED'],
  ['CULLED', 'embargo', 'EMBARGOED'],
  ['EMBARGOED', 'reset', 'RESETTING'],
  ['RESETTING', 'rest', 'DORMANT'],
];

const gate = (name: GateResult['gate'], passed: boolean): GateResult => ({
  gate: name,
  passed,
  reasons: passed ? [] : ['no'],
  readings: {},
});
const event = (type: SeedEvent['type'], passed = true): SeedEvent =>
  ({ type, gate: gate(GATE_OF[type] ?? 'G0', passed), reason: 'harmful' }) as SeedEvent;
const at = (stage: SeedStage) => seedLifecycle.resolveState({ value: stage, context: {} });
const anyEvent = fc
  .tuple(fc.constantFrom(...SEED_EVENTS), fc.boolean())
  .map(([type, passed]) => event(type, passed));
const pairs = SEED_STAGES.flatMap((from) => SEED_STAGES.map((to) => [from, to] as const));

describe('the seed lifecycle', () => {
  it('has the stages of the contract, in any order', () => {
    expect(new Set(Object.keys(seedLifecycle.states))).toEqual(new Set(SEED_STAGES));
  });

  it.each(STEPS)('goes from %s by %s to %s', (from, type, to) => {
    expect(transition(seedLifecycle, at(from), event(type))[0].value).toBe(to);
  });

  it('has exactly seventeen steps among all 144 pairs of stages', () => {
    const wanted = new Set(STEPS.map(([from, , to]) => `${from} ${to}`));

    expect(pairs).toHaveLength(144);
    expect(STEPS).toHaveLength(17);
    expect(
      pairs
        .filter(([from, to]) => isLegal(from, to))
        .map((pair) => pair.join(' '))
        .sort(),
    ).toEqual([...wanted].sort());
    expect(legal.reduce((sum, cell) => sum + cell, 0)).toBe(17);
  });

  it.each(STEPS.filter(([, type]) => GATE_OF[type] !== undefined))(
    'stays %s when the gate of %s says no',
    (from, type) => {
      expect(transition(seedLifecycle, at(from), event(type, false))[0].value).toBe(from);
    },
  );

  it.each(STEPS.filter(([, type]) => GATE_OF[type] !== undefined))(
    'stays %s when %s brings the answer of another gate',
    (from, type) => {
      for (const other of GATES.filter((name) => name !== GATE_OF[type])) {
        const forged = { type, gate: gate(other, true) } as SeedEvent;

        expect(transition(seedLifecycle, at(from), forged)[0].value).toBe(from);
      }
    },
  );

  it('takes one step at a time and never leaves the list, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 80 }), (events) => {
        let [seed] = initialTransition(seedLifecycle);
        for (const happened of events) {
          const before = seed.value as SeedStage;
          [seed] = transition(seedLifecycle, seed, happened);
          const after = seed.value as SeedStage;
          if (after !== before) expect(isLegal(before, after)).toBe(true);
          if (before === 'TERMINATED') expect(after).toBe('TERMINATED');
          expect(seed.hasTag('contributes')).toBe(['BLENDING', 'PROBATIONARY', 'FOSSILIZED'].includes(after));
          expect(seed.hasTag('vacant')).toBe(after === 'DORMANT');
          if (seed.hasTag('trains')) expect(seed.hasTag('alive')).toBe(true);
        }
      }),
    );
  });

  it('cannot contribute without having trained apart first', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 120 }), (events) => {
        let [seed] = initialTransition(seedLifecycle);
        let trained = false;
        for (const happened of events) {
          [seed] = transition(seedLifecycle, seed, happened);
          if (seed.matches('DORMANT')) trained = false;
          if (seed.matches('TRAINING')) trained = true;
          if (seed.hasTag('contributes')) expect(trained).toBe(true);
        }
      }),
    );
  });

  it('reaches every stage', () => {
    const paths = getShortestPaths(seedLifecycle, { events: SEED_EVENTS.map((type) => event(type)) });

    expect(new Set(paths.map((path) => path.state.value))).toEqual(new Set(SEED_STAGES));
  });
});

describe('the transition table', () => {
  it('is the machine, for every stage, event and answer of the gate', () => {
    for (const from of SEED_STAGES) {
      for (const type of SEED_EVENTS) {
        for (const passed of [true, false]) {
          const machine = transition(seedLifecycle, at(from), event(type, passed))[0].value as SeedStage;
          const table = nextStage(stageNumber(from), eventNumber(type), passed);

          expect(table === ILLEGAL ? from : SEED_STAGES[table], `${from} ${type} ${passed}`).toBe(machine);
        }
      }
    }
  });

  it('says illegal, not nonsense, for numbers that mean nothing', () => {
    expect(nextStage(12, 0, true)).toBe(ILLEGAL);
    expect(nextStage(0, 12, true)).toBe(ILLEGAL);
    expect(nextStage(-1, 0, true)).toBe(ILLEGAL);
    expect(nextStage(0, -1, true)).toBe(ILLEGAL);
  });

  it('knows the event between two stages', () => {
    for (const [from, type, to] of STEPS) expect(eventBetween(from, to)).toBe(type);
    expect(eventBetween('GERMINATED', 'BLENDING')).toBeUndefined();
    expect(eventBetween('DORMANT', 'DORMANT')).toBeUndefined();
  });
});
