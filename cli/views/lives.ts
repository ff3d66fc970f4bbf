/** Everything a run's journal says about one seed, from its germination on. */
import type { AdaptationDecision, RunRecord, SeedState, TransitionRecord } from '../../contracts/index.ts';
import { committed } from './timeline.ts';

/** What happened to a seed at one boundary. */
export interface Moment {
  readonly at: { readonly boundary: number; readonly epoch: number };
  readonly decisions: readonly AdaptationDecision[];
  readonly moves: readonly TransitionRecord[];
  readonly seen: SeedState | null;
}

export interface Life {
  readonly seedId: string;
  readonly slotId: string;
  readonly blueprintId: string;
  /** A rollback or restart took its birth back; if it is planted again, that is another life. */
  readonly undone: boolean;
  /** Its birth first. */
  readonly moments: readonly [Moment, ...Moment[]];
}

/** All lives in order of birth. */
export function livesIn(records: readonly RunRecord[]): readonly Life[] {
  const lives: (Life & { moments: Moment[] })[] = [];
  const current = new Map<string, Moment[]>();
  for (const { boundary, undone } of committed(records)) {
    const momentOf = (seedId: string): Moment => ({
      at: { boundary: boundary.boundary, epoch: boundary.epoch },
      decisions: boundary.decisions.filter((decision) => decision.seedId === seedId),
      moves: boundary.transitions.filter((move) => move.seedId === seedId),
      seen: boundary.seeds.find((seed) => seed.seedId === seedId) ?? null,
    });
    const born = boundary.transitions.filter(({ to }) => to === 'GERMINATED');
    for (const { seedId, slotId, blueprintId } of born) {
      const moments: [Moment, ...Moment[]] = [momentOf(seedId)];
      lives.push({ seedId, slotId, blueprintId, undone, moments });
      current.set(seedId, moments);
    }
    for (const [seedId, moments] of current) {
      if (!born.some((seed) => seed.seedId === seedId)) moments.push(momentOf(seedId));
    }
  }
  return lives;
}

/** Contribution as last measured, null when it never was. */
export const contributionOf = ({ moments }: Life): number | null =>
  moments.findLast(({ seen }) => seen !== null && seen.contribution !== null)?.seen?.contribution ?? null;

/** The stage it came to last. */
export const stageOf = ({ moments }: Life): string =>
  moments.flatMap(({ moves }) => moves).at(-1)?.to ?? 'GERMINATED';

export const cullReasonOf = ({ moments }: Life): string | null =>
  moments.flatMap(({ moves }) => moves.map(({ cullReason }) => cullReason)).findLast((why) => why !== null) ??
  null;
