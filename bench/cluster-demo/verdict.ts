/** What the demonstration must show, each with what was measured and whether that is enough. */
import type { JobCounts } from './jobs.ts';
import type { Comparison } from './rates.ts';

export interface Findings {
  readonly victim: string;
  readonly detectedMs: number | null;
  /** Until the last unit of the victim ran elsewhere; null when one never did. */
  readonly placedMs: number | null;
  readonly moved: readonly string[];
  readonly jobs: JobCounts;
  readonly speed: Comparison;
  /** Seeds planted, and nodes that made their kernels. */
  readonly germinated: number;
  readonly makers: readonly string[];
  readonly trainer: string;
}

export interface Criterion {
  readonly what: string;
  readonly measured: string;
  readonly wanted: string;
  readonly met: boolean;
}

const [DETECT_MS, PLACE_MS, SPEED] = [3_000, 10_000, 0.02];

export function criteria(found: Findings): readonly Criterion[] {
  const { detectedMs, placedMs, jobs, speed, germinated, makers, trainer } = found;
  const allowed = Math.max(SPEED, speed.noise);
  return [
    within(`loss of ${found.victim} noticed`, detectedMs, DETECT_MS),
    within(`${found.moved.join(', ') || 'its units'} placed elsewhere`, placedMs, PLACE_MS),
    count(`of ${jobs.asked} kernel jobs lost`, jobs.lost),
    count('jobs applied twice', jobs.appliedTwice),
    {
      what: 'change of the training step rate',
      measured: `${percent(speed.change)} (noise ${percent(speed.noise)})`,
      wanted: `at most ${percent(SPEED)} slower, or the noise`,
      met: speed.change >= -allowed,
    },
    {
      what: `seeds planted on ${trainer}, kernels made on`,
      measured: `${germinated}, ${makers.join(' and ') || 'nobody'}`,
      wanted: '1 or more, other nodes',
      met: germinated > 0 && makers.length > 0 && !makers.includes(trainer),
    },
  ];
}

const within = (what: string, ms: number | null, mostMs: number): Criterion => ({
  what,
  measured: ms === null ? 'never' : `${(ms / 1000).toFixed(2)} s`,
  wanted: `at most ${mostMs / 1000} s`,
  met: ms !== null && ms <= mostMs,
});

const count = (what: string, number: number): Criterion => ({
  what,
  measured: String(number),
  wanted: '0',
  met: number === 0,
});

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
