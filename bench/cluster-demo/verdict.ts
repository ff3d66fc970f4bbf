/** What the demonstration must show, each with what was measured and whether that is enough. */
import type { JobCounts } from './jobs.ts';
import type { Made } from './origins.ts';
import type { Change, Comparison } from './rates.ts';

export interface Findings {
  readonly victim: string;
  readonly detectedMs: number | null;
  /** Until the last unit of the victim ran elsewhere; null when one never did. */
  readonly placedMs: number | null;
  readonly moved: readonly string[];
  readonly jobs: JobCounts;
  readonly speed: Comparison;
  readonly germinated: number;
  /** The kernel of each blueprint that was planted, with the node that compiled it; null for one that nobody was heard to make. */
  readonly made: readonly (Made | null)[];
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
  const { detectedMs, placedMs, jobs, germinated, made, trainer } = found;
  const makers = [...new Set(made.map((kernel) => kernel?.node ?? 'nobody'))].sort();
  return [
    within(`loss of ${found.victim} noticed`, detectedMs, DETECT_MS),
    within(`${found.moved.join(', ') || 'its units'} placed elsewhere`, placedMs, PLACE_MS),
    count(`of ${jobs.asked} kernel jobs lost`, jobs.lost),
    count('jobs applied twice', jobs.appliedTwice),
    stepTime(found.speed),
    {
      what: `seeds planted on ${trainer}, their kernels compiled on`,
      measured: `${germinated}, ${makers.join(' and ')}`,
      wanted: '1 or more, other nodes',
      met:
        germinated > 0 &&
        made.length > 0 &&
        made.every((kernel) => kernel !== null && kernel.node !== trainer),
    },
  ];
}

/** By the clock, unless others on the same cores make the clock tremble more than what is to be seen. */
function stepTime({ wall, cpu }: Comparison): Criterion {
  const byCpu = cpu !== null && wall.noise > SPEED;
  const { change, noise } = byCpu ? cpu : wall;
  return {
    what: `change of the step time from the kill until all ran again, by ${byCpu ? 'processor time' : 'the clock'}`,
    measured: `${percent(change)} (noise ${percent(noise)})`,
    wanted: `at most ${percent(SPEED)} slower`,
    met: change <= SPEED,
  };
}

/** One line of the report. */
export const changeLine = (
  kind: string,
  { before, during, after, change, changeAfter, noise }: Change,
): string =>
  `ms a step, ${kind}: ${before.toFixed(4)} before, ${during.toFixed(4)} from kill to re-placed (${percent(change)}), ${after.toFixed(4)} after (${percent(changeAfter)}); noise ${percent(noise)}`;

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
