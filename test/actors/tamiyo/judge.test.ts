import { describe, expect, it } from 'vitest';
import { close, judge, rent } from '../../../actors/tamiyo/judge.ts';
import { growth, seed } from '../fixtures.ts';

const verdict = (fields: Partial<typeof seed>, rules = growth) =>
  judge({ ...seed, ...fields }, rules, 40, 50);

describe('judging a seed', () => {
  it('lets a seed train apart for its whole dwell before it may blend', () => {
    expect(verdict({ stage: 'TRAINING', dwell: 2 })).toBeNull();
    expect(verdict({ stage: 'TRAINING', dwell: 3 })).toMatchObject({
      type: 'ADVANCE',
      trigger: 'dwell_complete',
    });
  });

  it('sends a seed into the shadow only when it is fully blended', () => {
    expect(verdict({ stage: 'BLENDING', alpha: 0.9, dwell: 5 })).toBeNull();
    expect(verdict({ stage: 'BLENDING', alpha: 1, dwell: 2 })).toMatchObject({ type: 'ADVANCE' });
  });

  it('culls a seed without which the loss is lower', () => {
    expect(verdict({ stage: 'SHADOWING', contribution: -0.2 })).toMatchObject({
      type: 'CULL',
      cullReason: 'no_contribution',
    });
    expect(verdict({ stage: 'SHADOWING', contribution: null })).toBeNull();
  });

  it('makes a seed permanent that earns more than its price', () => {
    const price = growth.minContribution + rent(12, 40, growth.parameterRent);

    expect(verdict({ stage: 'PROBATIONARY', alpha: 1, contribution: price + 0.01, dwell: 2 })).toMatchObject({
      type: 'FOSSILIZE',
    });
    expect(verdict({ stage: 'PROBATIONARY', alpha: 1, contribution: price - 0.01, dwell: 2 })).toBeNull();
  });

  it('is not blackmailed: a seed the host depends on is culled when the run got worse since it came', () => {
    const hostage = {
      stage: 'PROBATIONARY',
      alpha: 1,
      dwell: 2,
      contribution: 30,
      improvementSinceBirth: -4,
    } as const;

    expect(verdict(hostage)).toMatchObject({ type: 'CULL', cullReason: 'ransomware' });
  });

  it('gives up a seed that never proves its worth', () => {
    expect(verdict({ stage: 'PROBATIONARY', alpha: 1, contribution: 0.1, dwell: 6 })).toMatchObject({
      cullReason: 'no_contribution',
    });
  });

  it('gives up a seed that keeps crashing or keeps being refused, whatever its stage', () => {
    expect(verdict({ failures: 3 })).toMatchObject({ cullReason: 'crashed' });
    expect(verdict({ refusals: 4 })).toMatchObject({ cullReason: 'gate_failed' });
  });

  it('takes out a live seed under which the loss rose by a quarter', () => {
    expect(verdict({ stage: 'BLENDING', improvementSinceBirth: -26 })).toMatchObject({
      cullReason: 'harmful',
    });
    expect(verdict({ stage: 'TRAINING', improvementSinceBirth: -26, dwell: 1 })).toBeNull();
  });

  it('charges more for larger seeds, but less and less', () => {
    const steps = [10, 20, 40, 80].map((parameters) => rent(parameters, 40, 1));
    const rises = steps.slice(1).map((value, i) => value - (steps[i] as number));

    expect(rises.every((rise) => rise > 0)).toBe(true);
    expect(rent(0, 40, 1)).toBe(0);
  });

  it('lets everybody through when gates are off, the control of the experiment', () => {
    const open = { ...growth, gates: false };

    expect(verdict({ stage: 'PROBATIONARY', alpha: 1, contribution: -3, dwell: 2 }, open)).toMatchObject({
      type: 'FOSSILIZE',
    });
  });
});

describe('the end of a run', () => {
  it('lets no seed into the output that could not be judged in time', () => {
    expect(judge({ ...seed, stage: 'TRAINING', dwell: 9 }, growth, 40, 5)).toMatchObject({
      cullReason: 'run_ended',
    });
    expect(judge({ ...seed, stage: 'TRAINING', dwell: 9 }, growth, 40, 6)).toMatchObject({ type: 'ADVANCE' });
  });

  it('keeps what has proven its worth and takes out the rest', () => {
    const proven = { ...seed, stage: 'PROBATIONARY' as const, alpha: 1, dwell: 2, contribution: 20 };

    expect(close(proven, growth, 40)).toMatchObject({ type: 'FOSSILIZE' });
    expect(close({ ...proven, contribution: 0.1 }, growth, 40)).toMatchObject({ cullReason: 'run_ended' });
    expect(close({ ...seed, stage: 'BLENDING' }, growth, 40)).toMatchObject({ cullReason: 'run_ended' });
  });
});
