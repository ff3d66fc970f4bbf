import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from '../../../actors/urabrask/behaviour.ts';
import { limits, WEIGHTS } from '../../../actors/urabrask/options.ts';
import type { Readings } from '../../../actors/urabrask/readings.ts';
import type { Kernel } from '../../../contracts/index.ts';

const kernel: Kernel = {
  kernelId: `sha256:${'a'.repeat(64)}-fast`,
  blueprint: {
    id: 'widen-1',
    family: 'widen',
    spans: ['layer'],
    nodes: [
      { op: 'dense', id: 'o', from: 'in', units: 'out', activation: 'linear', bias: false, start: 'zero' },
    ],
    output: 'o',
    onFossilize: 'trainable',
    tags: [],
    description: '',
  },
  pipeline: 'fast',
  compileMs: 1,
  referenceParameters: 10,
};
const healthy: Readings = {
  crashed: null,
  finiteNormal: true,
  finiteLarge: true,
  finiteZero: true,
  finiteAdversarial: true,
  finiteTraining: true,
  outputRange: 3,
  identity: true,
  gradientNorm: 1,
  smallestGradient: 1e-3,
  precisionError: 1e-4,
  lossChange: -0.1,
  oscillation: 1e-4,
  stepP50Ms: 1,
  stepP95Ms: 2,
  latencyRatio: 1.2,
  bytes: 100,
  leakedTensors: 0,
};
const verdictOf = (change: Partial<Readings>) => judge(kernel, { ...healthy, ...change }, limits);

describe('Urabrask', () => {
  it('certifies a kernel that nothing speaks against, with tags for its merits', () => {
    expect(verdictOf({})).toMatchObject({
      verdict: 'VALIDATED',
      riskScore: 0,
      hazardBand: 'LOW',
      reasons: [],
      tags: ['high_precision', 'high_speed', 'low_memory', 'op:dense'],
    });
  });

  it.each([
    ['crashed NN_SLOT_MISFIT', { crashed: 'NN_SLOT_MISFIT' }, 'CRITICAL'],
    ['changes_the_host_at_birth', { identity: false }, 'HIGH'],
    ['not_finite', { finiteAdversarial: false }, 'HIGH'],
    ['not_finite', { finiteTraining: false }, 'HIGH'],
    ['output_out_of_range', { outputRange: 1e9 }, 'MEDIUM'],
    ['gradient_explodes', { gradientNorm: 1001 }, 'MEDIUM'],
    ['gradient_vanishes', { smallestGradient: 0 }, 'MEDIUM'],
    ['gradient_imprecise', { precisionError: 0.11 }, 'MEDIUM'],
    ['training_diverges', { lossChange: 0.06 }, 'MEDIUM'],
    ['memory_over_limit', { bytes: 65 * 2 ** 20 }, 'MEDIUM'],
    ['leaks_tensors', { leakedTensors: 1 }, 'MEDIUM'],
    ['too_slow', { latencyRatio: 51 }, 'MEDIUM'],
  ] as const)('rejects for "%s"', (reason, change, hazardBand) => {
    expect(verdictOf(change)).toMatchObject({ verdict: 'REJECTED', reasons: [reason], hazardBand });
  });

  it('forgives oscillation alone, and a slow machine', () => {
    expect(verdictOf({ oscillation: 0.06 })).toMatchObject({
      verdict: 'VALIDATED',
      riskScore: WEIGHTS.training_oscillates,
    });
    expect(verdictOf({ stepP50Ms: 500, stepP95Ms: 4000, latencyRatio: 40 }).verdict).toBe('VALIDATED');
  });

  it('never lowers the risk for one more finding, and never lets risk leave 0 to 1', () => {
    const worse: readonly Partial<Readings>[] = [
      { identity: false },
      { finiteLarge: false },
      { gradientNorm: 1e4 },
      { lossChange: 1 },
      { oscillation: 1 },
      { latencyRatio: 100 },
      { leakedTensors: 3 },
    ];
    fc.assert(
      fc.property(fc.subarray([...worse]), fc.constantFrom(...worse), (some, one) => {
        const before = judge(kernel, Object.assign({}, healthy, ...some), limits).riskScore;
        const after = judge(kernel, Object.assign({}, healthy, ...some, one), limits).riskScore;
        expect(after).toBeGreaterThanOrEqual(before);
        expect(after).toBeLessThanOrEqual(1);
      }),
    );
  });
});
