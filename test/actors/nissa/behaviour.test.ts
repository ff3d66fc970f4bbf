import { describe, expect, it } from 'vitest';
import { emptyTrace, evolve, statusOf } from '../../../actors/nissa/behaviour.ts';
import type { News } from '../../../actors/nissa/measurements.ts';
import {
  type AdaptationDecision,
  BoundaryCommitted,
  MessageDied,
  RolledBack,
  RunEvent,
  type SeedState,
  type SystemStatePacket,
} from '../../../contracts/index.ts';

const happened = (what: string) =>
  RunEvent.of({
    runId: 'run-1',
    epoch: 1,
    step: 10,
    level: 'info',
    who: 'kasmina',
    what,
    text: what,
    details: {},
  });
const decision: AdaptationDecision = {
  decisionId: 'd-1',
  type: 'GERMINATE',
  seedId: 's1',
  slotId: 'h1/layer',
  trigger: 'plateau',
  reason: 'nothing moves',
  confidence: 1,
  expectedImpact: null,
  chosen: null,
  candidates: [],
  cullReason: null,
  inputs: {},
};
const seed = (seedId: string, stage: SeedState['stage']) => ({ seedId, stage }) as SeedState;
const boundary = (fields: Partial<BoundaryCommitted> = {}) =>
  BoundaryCommitted.of({
    boundary: 4,
    epoch: 8,
    step: 80,
    trainingLoss: 0.5,
    validationLoss: 0.6,
    validationAccuracy: null,
    parameters: 120,
    seeds: [],
    decisions: [],
    transitions: [],
    digest: '0'.repeat(8),
    hookMs: 12,
    multiplyAdds: 0,
    ...fields,
  });
const having = (...news: News[]) => news.reduce(evolve, emptyTrace(3));

describe('Nissa', () => {
  it('remembers the newest and forgets the rest, but counts them all', () => {
    const trace = having(...['a', 'b', 'c', 'd', 'e'].map(happened));

    expect(trace.events.map(({ what }) => what)).toEqual(['c', 'd', 'e']);
    expect(trace.counters).toEqual({ 'esper_run_events_total{level=info}': 5 });
    expect(statusOf(trace, 2).events.map(({ what }) => what)).toEqual(['d', 'e']);
    expect(statusOf(trace, 0).events).toEqual([]);
  });

  it('traces a decision to its boundary, and counts it by type', () => {
    const trace = having(boundary({ decisions: [decision] }));

    expect(trace.decisions).toEqual([{ boundary: 4, epoch: 8, decision }]);
    expect(trace.counters['esper_adaptations_total{type=GERMINATE}']).toBe(1);
  });

  it('knows the stages of the seeds as of the last boundary', () => {
    const earlier = boundary({ seeds: [seed('s1', 'TRAINING')] });
    const later = boundary({
      seeds: [seed('s1', 'BLENDING'), seed('s2', 'TRAINING'), seed('s3', 'TRAINING')],
    });

    expect(statusOf(having(earlier, later), 9).stages).toEqual({ BLENDING: 1, TRAINING: 2 });
  });

  it('shows the seeds that the triad sees now, before the boundary is committed', () => {
    const gathered = {
      type: 'tolaria.state.gathered',
      validationLoss: 0.9,
      hostParameters: 100,
      liveParameters: 20,
      seeds: [seed('s1', 'SHADOWING')],
    } as unknown as SystemStatePacket;
    const trace = having(boundary({ seeds: [seed('s1', 'BLENDING')] }), gathered);

    expect(statusOf(trace, 9).stages).toEqual({ SHADOWING: 1 });
    expect(trace.gauges).toMatchObject({ esper_validation_loss: 0.9, esper_parameters: 120 });
  });

  it('moves no gauge for a reading that was not taken', () => {
    const { gauges } = having(boundary({ trainingLoss: 0.5 }), boundary({ trainingLoss: null }));

    expect(gauges).toEqual({ esper_training_loss: 0.5, esper_parameters: 120 });
  });

  it('sums durations in seconds', () => {
    const rolledBack = RolledBack.of({
      reason: 'not_finite',
      atStep: 9,
      toStep: 5,
      toBoundary: 1,
      guilty: [],
      quarantinedBlueprints: [],
      ms: 250,
    });
    const { counters } = having(rolledBack, rolledBack);

    expect(counters).toEqual({
      'esper_rollbacks_total{tier=fast}': 2,
      esper_rollback_duration_seconds_sum: 0.5,
      esper_rollback_duration_seconds_count: 2,
    });
  });

  it('counts messages that died', () => {
    const died = MessageDied.of({ topic: 'a', messageId: 'm-1', reason: 'no', body: {} });

    expect(having(died).counters).toEqual({ 'esper_dead_letters_total{reason=undeliverable}': 1 });
  });
});
