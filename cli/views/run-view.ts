/** One run at a glance, told from its journal: where it stands, what it cost, what went wrong. */
import type { BoundaryCommitted, RunEnded, RunRecord, RunStarted } from '../../contracts/index.ts';
import { byHand } from './by-hand.ts';
import type { RunLine, RunView } from './documents.ts';
import { ofType, standing } from './timeline.ts';

/** The line of `runs ls`. A run without an end record is `unfinished`: running, killed or crashed. */
export function runLine(records: readonly RunRecord[], start: RunStarted): RunLine {
  const { config } = start;
  const boundaries = standing(records);
  const last = boundaries.at(-1);
  const ended = endOf(records);
  const seeds = seedCounts(records, ended);
  return {
    runId: start.runId,
    name: config.name,
    dataset: config.task.dataset,
    outcome: ended?.outcome ?? 'unfinished',
    epoch: ended?.epoch ?? last?.epoch ?? 0,
    epochs: config.training.epochs,
    accuracy: ended?.validationAccuracy ?? last?.validationAccuracy ?? null,
    loss: ended?.validationLoss ?? last?.validationLoss ?? null,
    parametersAtBirth: ended?.hostParametersAtBirth ?? boundaries[0]?.parameters ?? null,
    parameters: ended?.parameters ?? last?.parameters ?? null,
    fossilized: seeds.fossilized,
    culled: seeds.culled,
    startedAtMs: start.startedAtMs,
  };
}

/** Everything `run show` tells. */
export function runView(records: readonly RunRecord[], start: RunStarted): RunView {
  const boundaries = standing(records);
  const ended = endOf(records);
  const checkpoints = ofType(records, 'tolaria.checkpoint.written');
  return {
    ...runLine(records, start),
    backend: start.backend,
    engine: start.engine,
    seed: start.config.seed,
    boundaries: boundaries.length,
    initialAccuracy: boundaries[0]?.validationAccuracy ?? null,
    initialLoss: boundaries[0]?.validationLoss ?? null,
    germinated: seedCounts(records, ended).germinated,
    testAccuracy: ended?.testAccuracy ?? null,
    testLoss: ended?.testLoss ?? null,
    accuracyCurve: boundaries.flatMap(({ validationAccuracy }) => validationAccuracy ?? []),
    hookMsP95: percentile95(boundaries.map(({ hookMs }) => hookMs)),
    multiplyAdds: ended?.multiplyAdds ?? boundaries.at(-1)?.multiplyAdds ?? 0,
    rollbacks: ofType(records, 'tolaria.run.rolled_back').map(({ reason, atStep, toStep, guilty, ms }) => ({
      reason,
      atStep,
      toStep,
      guilty,
      ms,
    })),
    byHand: byHand(records),
    faults: ofType(records, 'tolaria.fault.contained').map(({ step, who, what, injected }) => ({
      step,
      who,
      what,
      injected,
    })),
    resumes: ofType(records, 'tolaria.run.resumed').map(({ fromBoundary, verified, recoveryMs }) => ({
      fromBoundary,
      verified,
      recoveryMs,
    })),
    checkpoints: checkpoints.length,
    lastCheckpoint: checkpoints.at(-1)?.file ?? null,
    faultPlan: start.config.faults,
  };
}

/** The end of the run; one that was resumed after its end counts as going on. */
function endOf(records: readonly RunRecord[]): RunEnded | null {
  const last = records.findLast(({ type }) =>
    ['tolaria.run.ended', 'tolaria.run.resumed', 'tolaria.boundary.committed'].includes(type),
  );
  return last?.type === 'tolaria.run.ended' ? last : null;
}

function seedCounts(records: readonly RunRecord[], ended: RunEnded | null) {
  if (ended) return ended;
  const moves = standing(records).flatMap(({ transitions }: BoundaryCommitted) => transitions);
  const arrivals = (stage: string) => moves.filter(({ to }) => to === stage).length;
  return {
    germinated: arrivals('GERMINATED'),
    fossilized: arrivals('FOSSILIZED'),
    culled: arrivals('CULLED'),
  };
}

function percentile95(readings: readonly number[]): number | null {
  const sorted = [...readings].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * 0.95) - 1)] ?? null;
}
