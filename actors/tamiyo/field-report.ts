/** How a seed's life ended, told to whoever invents blueprints. Pure. */
import { FieldReport, type SystemStatePacket, type TransitionRecord } from '../../contracts/index.ts';

/** One report for every seed that became permanent or was taken out at this boundary. */
export function fieldReports(
  packet: SystemStatePacket,
  transitions: readonly TransitionRecord[],
): readonly FieldReport[] {
  return transitions.flatMap(({ seedId, slotId, blueprintId, to, cullReason }) => {
    if (to !== 'FOSSILIZED' && to !== 'CULLED') return [];
    const seed = packet.seeds.find((candidate) => candidate.seedId === seedId);
    const improvement = seed?.improvementSinceBirth ?? null;
    const lossAfter = packet.validationLoss;
    return [
      FieldReport.of({
        runId: packet.runId,
        seedId,
        slotId,
        blueprintId,
        outcome: to,
        cullReason,
        bornBoundary: Math.max(0, packet.tick - (seed?.age ?? 0)),
        endedBoundary: packet.tick,
        lossBefore: lossBefore(lossAfter, improvement),
        lossAfter,
        contribution: seed?.contribution ?? null,
        parameters: seed?.parameters ?? 0,
      }),
    ];
  });
}

/** The loss at birth, from the loss now and the percent it fell since. */
function lossBefore(now: number | null, improvementPercent: number | null): number | null {
  if (now === null || improvementPercent === null || improvementPercent >= 100) return null;
  return now / (1 - improvementPercent / 100);
}
