/** Turns a boundary's transitions into lines a person understands. Pure. */
import { type AdaptationDecision, RunEvent, type TransitionRecord } from '../../contracts/index.ts';
import type { BoundaryOutcome } from './boundary.ts';

/** Stages worth a line above the bar; the rest is housekeeping. */
const TOLD: ReadonlySet<string> = new Set([
  'GERMINATED',
  'TRAINING',
  'BLENDING',
  'SHADOWING',
  'PROBATIONARY',
  'FOSSILIZED',
  'CULLED',
]);

export function adaptationEvents(
  runId: string,
  { moment, transitions, decisions }: BoundaryOutcome,
): readonly RunEvent[] {
  return transitions
    .filter(({ to }) => TOLD.has(to))
    .map((transition) => {
      const decision = decisions.find(({ decisionId }) => decisionId === transition.decisionId);
      return RunEvent.of({
        runId,
        epoch: moment.epoch,
        step: moment.step,
        level: transition.to === 'CULLED' ? 'notice' : 'info',
        who: decision ? 'tamiyo' : 'kasmina',
        what: transition.to.toLowerCase(),
        text: line(transition, decision),
        details: { ...transition },
      });
    });
}

function line(
  { seedId, slotId, blueprintId, to, cullReason }: TransitionRecord,
  decision: AdaptationDecision | undefined,
): string {
  const why = decision?.reason ?? cullReason ?? '';
  const what =
    to === 'GERMINATED'
      ? `${blueprintId} planted as ${seedId} in ${slotId}`
      : `${seedId} ${to.toLowerCase()} in ${slotId}`;
  return why === '' ? what : `${what}: ${why}`;
}
