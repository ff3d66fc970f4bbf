import { describe, expect, it } from 'vitest';
import { readPlateau } from '../../../actors/tamiyo/plateau.ts';

const rules = { window: 3, gainPercent: 0.5 };

describe('reading a plateau', () => {
  it('says nothing before the window is full', () => {
    expect(readPlateau([1, 0.9, 0.8], rules)).toMatchObject({ plateau: false, gainPercent: null });
  });

  it('sees a loss that stands still, and one that rises', () => {
    expect(readPlateau([1, 1, 1, 1], rules).plateau).toBe(true);
    expect(readPlateau([1, 1.2, 1.1, 1.3], rules).plateau).toBe(true);
  });

  it('is not fooled by noise between two boundaries', () => {
    expect(readPlateau([1, 0.8, 0.95, 0.7], rules).plateau).toBe(false);
  });

  it('measures the gain in percent of the best loss before the window', () => {
    expect(readPlateau([2, 1, 0.9, 0.8, 0.75], rules).gainPercent).toBeCloseTo(25);
  });
});
