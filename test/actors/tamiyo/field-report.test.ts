import { describe, expect, it } from 'vitest';
import { fieldReports } from '../../../actors/tamiyo/field-report.ts';
import { packet, seed } from '../fixtures.ts';

const transition = {
  seedId: 's1',
  slotId: 'h1/layer',
  blueprintId: 'widen-2',
  from: 'PROBATIONARY',
  gate: null,
  cullReason: null,
  decisionId: 'd1',
} as const;

describe('field reports', () => {
  it('tell how a life ended, what it cost and what it was worth', () => {
    const seeds = [
      { ...seed, stage: 'PROBATIONARY' as const, contribution: 4, improvementSinceBirth: 50, age: 6 },
    ];
    const [report] = fieldReports(packet({ seeds, validationLoss: 0.2, tick: 10 }), [
      { ...transition, to: 'FOSSILIZED' },
    ]);

    expect(report).toMatchObject({
      outcome: 'FOSSILIZED',
      bornBoundary: 4,
      endedBoundary: 10,
      contribution: 4,
      parameters: 12,
    });
    expect(report?.lossBefore).toBeCloseTo(0.4);
  });

  it('are silent while a seed still lives', () => {
    expect(fieldReports(packet({ seeds: [seed] }), [{ ...transition, to: 'BLENDING' }])).toEqual([]);
  });
});
