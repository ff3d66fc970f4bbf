/** How the cluster demonstration judges: rates in windows, noise said, and each criterion on its own. */
import { describe, expect, it } from 'vitest';
import { compare, ratesOf } from '../../bench/cluster-demo/rates.ts';
import { criteria, type Findings } from '../../bench/cluster-demo/verdict.ts';

/** Marks four times a second at a steady rate of steps per second. */
const steady = (fromMs: number, toMs: number, rate: number, first = 0) =>
  Array.from({ length: (toMs - fromMs) / 250 + 1 }, (_, i) => ({
    atMs: fromMs + i * 250,
    step: first + (i * rate) / 4,
  }));

const jobs = { asked: 9, applied: 9, appliedTwice: 0, suppressed: 1, lost: 0, medianMs: 5, slowestMs: 9 };
const good: Findings = {
  victim: 'b',
  detectedMs: 2_500,
  placedMs: 7_000,
  moved: ['karn'],
  jobs,
  speed: { before: 100, after: 99, change: -0.01, noise: 0.001, windows: [9, 9] },
  germinated: 2,
  makers: ['b', 'c'],
  trainer: 'a',
};
const unmet = (found: Findings) => criteria(found).filter(({ met }) => !met).length;

describe('the rates of a demonstration', () => {
  it('are steps per second in windows of a second', () => {
    expect(ratesOf(steady(0, 3_000, 400))).toEqual([400, 400, 400]);
  });

  it('compare what came before a cut with what came after, and say what nothing at all does', () => {
    const marks = [...steady(0, 8_000, 400), ...steady(8_250, 16_250, 300, 3_200)];

    expect(compare(marks, 8_001)).toMatchObject({ before: 400, after: 300, change: -0.25, noise: 0 });
  });
});

describe('the verdict of a demonstration', () => {
  it('is good when everything held', () => expect(unmet(good)).toBe(0));

  it.each([
    ['nobody noticed', { detectedMs: null }],
    ['it was noticed late', { detectedMs: 3_001 }],
    ['a unit never ran again', { placedMs: null }],
    ['a job was lost', { jobs: { ...jobs, lost: 1 } }],
    ['a job was applied twice', { jobs: { ...jobs, appliedTwice: 1 } }],
    ['training slowed down', { speed: { ...good.speed, change: -0.03 } }],
    ['nothing grew', { germinated: 0 }],
    ['kernels were made where training is', { makers: ['a'] }],
  ])('is bad when %s', (_, broken) => expect(unmet({ ...good, ...broken })).toBe(1));
});
