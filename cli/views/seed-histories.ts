/** The life of every seed, told from the journal: born where, came how far, worth how much. */
import type { RunRecord } from '../../contracts/index.ts';
import type { SeedHistory } from './documents.ts';
import { contributionOf, cullReasonOf, type Life, livesIn, stageOf } from './lives.ts';

/** One history for each life, in order of birth. */
export const seedHistories = (records: readonly RunRecord[]): readonly SeedHistory[] =>
  livesIn(records).map(historyOf);

function historyOf(life: Life): SeedHistory {
  const seen = life.moments.findLast((moment) => moment.seen !== null)?.seen;
  return {
    seedId: life.seedId,
    slotId: life.slotId,
    blueprintId: life.blueprintId,
    born: life.moments[0].at,
    stage: stageOf(life),
    alpha: seen?.alpha ?? 0,
    parameters: seen?.parameters ?? 0,
    contribution: contributionOf(life),
    cullReason: cullReasonOf(life),
    undone: life.undone,
    stages: life.moments.flatMap(({ at, moves }) => moves.map(({ to }) => ({ ...at, stage: to }))),
  };
}
