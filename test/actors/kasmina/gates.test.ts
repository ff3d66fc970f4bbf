import { describe, expect, it } from 'vitest';
import { ask, type GateInputs } from '../../../actors/kasmina/gates.ts';
import { gradientRatio, newLife, smooth } from '../../../actors/kasmina/life.ts';
import { entry, growth } from '../fixtures.ts';

const inputs: GateInputs = {
  growth,
  tick: 10,
  hostParameters: 100,
  certificate: entry('widen2', 2).certificate,
  misfit: null,
  planted: true,
};
const life = (fields: object) => ({
  ...newLife('s1', 'h1/layer'),
  blueprintId: 'widen2',
  parameters: 25,
  stageTick: 5,
  ...fields,
});

describe('the gates', () => {
  it('G0 asks for a certified blueprint that fits', () => {
    expect(ask('G0', life({}), inputs).passed).toBe(true);
    expect(ask('G0', life({ blueprintId: 'none' }), inputs).reasons).toEqual(['missing_blueprint_id']);
    expect(ask('G0', life({}), { ...inputs, certificate: null }).reasons).toEqual(['not_certified']);
    expect(ask('G0', life({}), { ...inputs, misfit: 'widths differ' }).reasons).toEqual(['widths differ']);
  });

  it('G1 asks that the kernel is attached', () => {
    expect(ask('G1', life({}), { ...inputs, planted: false }).reasons).toEqual(['kernel_not_attached']);
  });

  it('G2 refuses a free rider, a seed that learnt nothing, and one whose gradient was never measured', () => {
    const learnt = { gradientNorm: 1, hostGradientNorm: 1, seedLoss: 0.3, hostLoss: 0.4 };

    expect(ask('G2', life(learnt), inputs).passed).toBe(true);
    expect(ask('G2', life({ ...learnt, gradientNorm: 0.01 }), inputs).reasons).toEqual(['free_rider']);
    expect(ask('G2', life({ ...learnt, seedLoss: 0.5 }), inputs).reasons).toEqual(['no_gain_over_host']);
    expect(ask('G2', life({ ...learnt, gradientNorm: null }), inputs).reasons).toEqual([
      'gradient_not_measured',
    ]);
    expect(ask('G2', life({ ...learnt, stageTick: 9 }), inputs).reasons).toEqual(['dwell_too_short']);
  });

  it('G3 asks that blending is complete', () => {
    expect(ask('G3', life({ alpha: 1 }), inputs).passed).toBe(true);
    expect(ask('G3', life({ alpha: 0.99 }), inputs).reasons).toEqual(['alpha_incomplete']);
  });

  it('G4 asks twice: does it no harm, then does it earn its place', () => {
    expect(ask('G4_HEALTH', life({ contribution: 0.1 }), inputs).passed).toBe(true);
    expect(ask('G4_HEALTH', life({ contribution: -0.1 }), inputs).reasons).toEqual(['harmful_in_shadow']);
    expect(ask('G4_CONTRIBUTION', life({ contribution: 2, improvement: 1 }), inputs).passed).toBe(true);
    expect(ask('G4_CONTRIBUTION', life({ contribution: 0.2, improvement: 1 }), inputs).reasons).toEqual([
      'contribution_too_small',
    ]);
    expect(ask('G4_CONTRIBUTION', life({ contribution: 40, improvement: -1 }), inputs).reasons).toEqual([
      'ransomware',
    ]);
  });

  it('G5 asks that nothing of the seed is left', () => {
    expect(ask('G5', life({}), inputs).reasons).toEqual(['slot_not_clean']);
    expect(ask('G5', life({}), { ...inputs, planted: false }).passed).toBe(true);
  });

  it('stay shut for the unsafe even in the experiment with gates off', () => {
    const open = { ...inputs, growth: { ...growth, gates: false } };

    expect(ask('G4_CONTRIBUTION', life({ contribution: -9 }), open).passed).toBe(true);
    expect(ask('G0', life({}), { ...open, certificate: null }).passed).toBe(false);
  });
});

describe('smoothing', () => {
  it('starts at the first reading and passes over what is not finite', () => {
    expect(smooth(null, 4)).toBe(4);
    expect(smooth(4, Number.NaN)).toBe(4);
    expect(smooth(4, 14)).toBeCloseTo(5);
  });

  it('compares gradients per parameter, so that size is no merit', () => {
    const ratio = gradientRatio(life({ gradientNorm: 1, hostGradientNorm: 2 }), 100);

    expect(ratio).toBeCloseTo(1 / 5 / (2 / 10));
  });
});
