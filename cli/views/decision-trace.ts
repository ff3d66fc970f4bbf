/** Why each seed was planted, let through or culled: the decisions as they were made, not as they look afterwards. */
import type { AdaptationDecision, RunRecord } from '../../contracts/index.ts';
import { byHand } from './by-hand.ts';
import type { ByHand, SeedTrace } from './documents.ts';
import { contributionOf, cullReasonOf, type Life, livesIn, type Moment, stageOf } from './lives.ts';
import { standing } from './timeline.ts';

export interface DecisionTrace {
  /** In order of birth. */
  readonly seeds: SeedTrace[];
  /** How often Tamiyo chose to wait, by trigger. */
  readonly waits: Record<string, number>;
  /** What people commanded, and what came of it. */
  readonly byHand: ByHand[];
}

/** The trace of a whole run. */
export function decisionTrace(records: readonly RunRecord[]): DecisionTrace {
  const waits: Record<string, number> = {};
  for (const { decisions } of standing(records)) {
    for (const { type, trigger } of decisions) {
      if (type === 'WAIT') waits[trigger] = (waits[trigger] ?? 0) + 1;
    }
  }
  return { seeds: livesIn(records).map(traceOf), waits, byHand: byHand(records) };
}

function traceOf(life: Life): SeedTrace {
  const birth = life.moments[0];
  const planting = birth.decisions.find(({ type }) => type === 'GERMINATE');
  return {
    seedId: life.seedId,
    slotId: life.slotId,
    blueprintId: life.blueprintId,
    outcome: stageOf(life),
    contribution: contributionOf(life),
    cullReason: cullReasonOf(life),
    undone: life.undone,
    planted: planting ? plantedBy(planting, birth) : null,
    gates: life.moments.flatMap(({ at, moves }) =>
      moves.flatMap(({ from, to, gate }) => (gate ? [{ ...at, from, to, gate }] : [])),
    ),
    later: life.moments.flatMap(({ at, decisions }) =>
      decisions
        .filter((decision) => decision !== planting && decision.type !== 'WAIT')
        .map(({ type, trigger, reason }) => ({ ...at, type, trigger, reason })),
    ),
  };
}

const plantedBy = (decision: AdaptationDecision, { at }: Moment): SeedTrace['planted'] => ({
  ...at,
  decisionId: decision.decisionId,
  trigger: decision.trigger,
  reason: decision.reason,
  confidence: decision.confidence,
  expectedImpact: decision.expectedImpact,
  inputs: decision.inputs,
  chosen: decision.chosen,
  candidates: decision.candidates,
});
