import { Value } from '@sinclair/typebox/value';
import { describe, expect, it } from 'vitest';
import { evolve, type Memory, noMemory, propose, weigh } from '../../../actors/karn/behaviour.ts';
import { diversityTags } from '../../../actors/karn/diversity.ts';
import { karnOptions } from '../../../actors/karn/options.ts';
import { POISON_KINDS, poisonedBlueprints } from '../../../actors/karn/poisoned.ts';
import { BlueprintIR, canonicalText, type FieldReport } from '../../../contracts/index.ts';
import { fieldReport } from '../../support/field-report.ts';

const plan = (id: string, units = 4, more: Partial<BlueprintIR> = {}): BlueprintIR => ({
  id,
  family: 'widen',
  spans: ['layer'],
  nodes: [
    { op: 'dense', id: 'h', from: 'in', units, activation: 'tanh', bias: true, start: 'he' },
    { op: 'dense', id: 'o', from: 'h', units: 'out', activation: 'linear', bias: false, start: 'zero' },
  ],
  output: 'o',
  onFossilize: 'trainable',
  tags: [],
  description: '',
  ...more,
});
const hear = (memory: Memory, ...reports: FieldReport[]) =>
  reports.reduce((m, r) => weigh(m, r, karnOptions).reduce(evolve, m), memory);
const all = { families: [], spans: [] };
const ids = (
  memory: Memory,
  templates: readonly BlueprintIR[],
  wanted = all as Parameters<typeof propose>[1],
) => propose(memory, wanted, templates, [], karnOptions).proposed.map(({ id }) => id);

describe('Karn', () => {
  it('proposes what fits the families and spans asked for', () => {
    const templates = [plan('a'), plan('b', 5, { family: 'gated' }), plan('c', 6, { spans: ['cascade'] })];

    expect(ids(noMemory, templates)).toEqual(['a', 'b', 'c']);
    expect(ids(noMemory, templates, { families: ['gated'], spans: [] })).toEqual(['b']);
    expect(ids(noMemory, templates, { families: [], spans: ['cascade', 'residual'] })).toEqual(['c']);
  });

  it('proposes equal graphs once, whatever they are called and in whatever order they are written', () => {
    const twin = { ...plan('twin'), nodes: plan('twin').nodes.toReversed(), description: 'another' };

    expect(ids(noMemory, [plan('first'), twin, plan('other', 5)])).toEqual(['first', 'other']);
  });

  it('leaves out what was culled too often, and says so', () => {
    const memory = hear(noMemory, fieldReport(), fieldReport({ seedId: 's2' }));

    expect(memory.penalties).toEqual({ 'widen-4': 4 });
    expect(propose(memory, all, [plan('widen-4')], [], karnOptions)).toEqual({
      proposed: [],
      skipped: [{ blueprintId: 'widen-4', reasons: ['penalized_by_field_reports'] }],
    });
  });

  it('forgives by half with each boundary that reports', () => {
    const culled = hear(noMemory, fieldReport(), fieldReport());
    const later = hear(culled, fieldReport({ endedBoundary: 4, outcome: 'FOSSILIZED', cullReason: null }));

    expect(later.penalties).toEqual({ 'widen-4': 2 });
    expect(ids(later, [plan('widen-4')])).toEqual(['widen-4']);
    expect(hear(later, fieldReport({ endedBoundary: 4, blueprintId: 'other' })).penalties).toEqual({
      'widen-4': 2,
      other: 2,
    });
  });

  it.each(['cancelled', 'run_ended', 'rolled_back'] as const)(
    'does not blame a blueprint for "%s"',
    (cullReason) => {
      expect(hear(noMemory, fieldReport({ cullReason })).penalties).toEqual({});
    },
  );

  it('leaves out what is quarantined', () => {
    const memory = evolve(noMemory, { kind: 'barred', blueprintId: 'a' });

    expect(propose(memory, all, [plan('a')], [], karnOptions).skipped).toEqual([
      { blueprintId: 'a', reasons: ['quarantined'] },
    ]);
  });

  it('slips in as many poisons as the fault plan wants, each a valid blueprint', () => {
    const poisons = poisonedBlueprints(POISON_KINDS.length + 1);
    const { proposed } = propose(noMemory, { families: ['gated'], spans: [] }, [], poisons, karnOptions);

    expect(proposed).toHaveLength(POISON_KINDS.length + 1);
    expect(new Set(proposed.map(({ id }) => id)).size).toBe(proposed.length);
    for (const poison of proposed) expect(Value.Errors(BlueprintIR, poison).First()).toBeUndefined();
  });

  it('tags each plan by what its graph is made of', () => {
    expect(diversityTags(plan('a', 5, { tags: ['own'] }))).toEqual([
      'activation:linear',
      'activation:tanh',
      'depth:2',
      'op:dense',
      'own',
      'width:8',
    ]);
  });

  it('gives one identity to one graph and another to each change of it', () => {
    const text = canonicalText(plan('a'));

    expect(canonicalText({ ...plan('b'), tags: ['x'], description: 'y' })).toBe(text);
    expect(canonicalText(plan('a', 5))).not.toBe(text);
    expect(canonicalText({ ...plan('a'), onFossilize: 'frozen' })).not.toBe(text);
  });
});
