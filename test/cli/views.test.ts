/** What a journal is told as: runs, lives, decisions. */
import { describe, expect, it } from 'vitest';
import { decisionTrace } from '../../cli/views/decision-trace.ts';
import { runView } from '../../cli/views/run-view.ts';
import { seedHistories } from '../../cli/views/seed-histories.ts';
import { committed, standing } from '../../cli/views/timeline.ts';
import type { RunRecord } from '../../contracts/index.ts';
import { boundary, finished, start, unfinished } from './samples.ts';

describe('the timeline', () => {
  it('counts a boundary once when training came by twice', () => {
    expect(standing(finished).map((one) => one.boundary)).toEqual([1, 2, 3]);
    expect(committed(finished).map(({ undone }) => undone)).toEqual([false, false, true, false]);
  });

  it('takes back what a restart ran again, even without a rollback record', () => {
    const records: RunRecord[] = [start, ...[1, 2, 3, 2, 3].map((number) => boundary({ boundary: number }))];

    expect(committed(records).map(({ undone }) => undone)).toEqual([false, true, true, false, false]);
  });
});

describe('a run', () => {
  it('is told from its end record', () => {
    const view = runView(finished, start);

    expect(view).toMatchObject({
      outcome: 'goal_reached',
      accuracy: 1,
      initialAccuracy: 0.6,
      parametersAtBirth: 38,
      parameters: 62,
      fossilized: 1,
      testAccuracy: 0.98,
      boundaries: 3,
      lastCheckpoint: 'c1',
      hookMsP95: 3,
    });
    expect(view.rollbacks).toEqual([
      { reason: 'not_finite', atStep: 35, toStep: 20, guilty: ['s2'], ms: 4.5 },
    ]);
    expect(view.faults).toEqual([{ step: 35, who: 'kasmina', what: 'seed_output_nan', injected: true }]);
    expect(view.resumes).toEqual([{ fromBoundary: 2, verified: 1, recoveryMs: 12 }]);
  });

  it('without an end is unfinished, and counts only the boundaries that stand', () => {
    const view = runView(unfinished, start);

    expect(view).toMatchObject({ outcome: 'unfinished', epoch: 20, germinated: 1, fossilized: 0 });
  });

  it('that goes on after its end is unfinished again', () => {
    expect(runView([...finished, boundary({ boundary: 4 })], start).outcome).toBe('unfinished');
  });
});

describe('a seed', () => {
  it('has a life from germination to its last stage', () => {
    const [first] = seedHistories(finished);

    expect(first).toMatchObject({
      seedId: 's1',
      born: { boundary: 1, epoch: 10 },
      stage: 'FOSSILIZED',
      alpha: 1,
      contribution: 4.2,
      undone: false,
      stages: [
        { stage: 'GERMINATED', epoch: 10 },
        { stage: 'FOSSILIZED', epoch: 30 },
      ],
    });
  });

  it('whose birth was taken back is still told, with what became of it', () => {
    expect(seedHistories(finished)[1]).toMatchObject({
      seedId: 's2',
      undone: true,
      stage: 'CULLED',
      cullReason: 'rolled_back',
    });
  });

  it('planted again after a rollback lives twice', () => {
    const again = unfinished.find(
      (record) => record.type === 'tolaria.boundary.committed' && record.boundary === 3,
    );
    const lives = seedHistories([...unfinished, ...(again ? [again] : [])]).filter(
      ({ seedId }) => seedId === 's2',
    );

    expect(lives.map(({ undone }) => undone)).toEqual([true, false]);
  });
});

describe('a decision', () => {
  const { seeds, waits } = decisionTrace(finished);

  it('keeps what was known when it was made: trigger, candidates, inputs', () => {
    expect(seeds[0]?.planted).toMatchObject({
      trigger: 'plateau',
      confidence: 0.8,
      inputs: { lossGain: 0.1 },
      chosen: { draw: 1, value: 3 },
    });
    expect(seeds[0]?.planted?.candidates).toHaveLength(2);
  });

  it('is followed by what the gates said and what came of it', () => {
    expect(seeds[0]?.gates).toMatchObject([
      { from: 'PROBATIONARY', to: 'FOSSILIZED', gate: { passed: true } },
    ]);
    expect(seeds[0]?.later).toMatchObject([{ type: 'FOSSILIZE', trigger: 'gate_passed', epoch: 30 }]);
    expect(seeds[0]).toMatchObject({ outcome: 'FOSSILIZED', contribution: 4.2 });
  });

  it('to wait is counted by its reason', () => {
    expect(waits).toEqual({ too_early: 1 });
  });
});
