/** Invariants 6 to 9: seeds on their paths, memory as it was, code that was verified, steps without a gap. */
import type { SeedStage } from '../../../contracts/index.ts';
import { isLegal } from '../../../machines/index.ts';
import type { Violation } from '../../../runtime/simulation/index.ts';
import { pick, type SimHistory } from './pick.ts';

/** Each step is one of the statechart's, and begins where the last one ended. */
export function seedsKeepToTheirPaths(history: SimHistory): Violation[] {
  const stages = new Map<string, string>();
  return pick(history, 'seed').flatMap(({ event: { seed, from, to } }) => {
    const before = stages.get(seed) ?? from;
    stages.set(seed, to);
    if (before !== from)
      return [{ invariant: 'seed path', message: `${seed}: ${before}, then from ${from}` }];
    if (isLegal(from as SeedStage, to as SeedStage)) return [];
    return [{ invariant: 'seed path', message: `${seed}: ${from} to ${to} is no step` }];
  });
}

/** Back at a checkpoint, every bit is what it was then. */
export function rollbackIsIdentical(history: SimHistory): Violation[] {
  const digests = new Map<string, string>();
  return pick(history, 'captured', 'rolled_back').flatMap(({ event }) => {
    const id = event.checkpoint;
    if (event.kind === 'captured') digests.set(id, event.digest);
    const same = digests.get(id) === event.digest;
    return same
      ? []
      : [{ invariant: 'rollback is identical', message: `${event.checkpoint} came back changed` }];
  });
}

export function nothingUnverifiedRuns(history: SimHistory): Violation[] {
  return pick(history, 'executed')
    .filter(({ event }) => event.digest !== event.expected)
    .map(({ event: { kernel } }) => ({
      invariant: 'nothing unverified runs',
      message: `${kernel} ran changed`,
    }));
}

/** One after the other from wherever it was resumed, each with a loss that is a number. */
export function stepsWithoutGap(history: SimHistory): Violation[] {
  const reached = new Map<string, number>();
  return pick(history, 'step', 'resumed').flatMap(({ event }) => {
    const before = reached.get(event.run);
    reached.set(event.run, event.n);
    if (event.kind === 'resumed') {
      if (event.n <= (before ?? 0)) return [];
      return [{ invariant: 'steps without gap', message: `resumed at ${event.n}, reached ${before ?? 0}` }];
    }
    if (before === undefined || event.n !== before + 1)
      return [{ invariant: 'steps without gap', message: `${event.n} after ${before ?? 'nothing'}` }];
    return Number.isFinite(event.loss)
      ? []
      : [{ invariant: 'steps without gap', message: `no loss at ${event.n}` }];
  });
}
