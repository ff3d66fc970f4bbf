/** Which metrics a piece of news moves: the names that dashboards know, with few and closed labels. */
import type {
  BlueprintQuarantined,
  BoundaryCommitted,
  FaultContained,
  FieldReport,
  KernelCharacterized,
  MessageDied,
  RolledBack,
  RunEnded,
  RunEvent,
  SystemStatePacket,
  TrainingProgress,
} from '../../contracts/index.ts';
import type { Labels } from '../../runtime/index.ts';

export type News =
  | RunEvent
  | TrainingProgress
  | SystemStatePacket
  | BoundaryCommitted
  | RolledBack
  | FaultContained
  | RunEnded
  | FieldReport
  | KernelCharacterized
  | BlueprintQuarantined
  | MessageDied;

export interface Measurement {
  readonly kind: 'count' | 'gauge' | 'observe';
  readonly name: string;
  /** Added to a counter; the new value of a gauge; one observation in seconds. */
  readonly value: number;
  readonly labels: Labels;
}

const count = (name: string, labels: Labels = {}, value = 1): Measurement => ({
  kind: 'count',
  name,
  value,
  labels,
});
const observe = (name: string, ms: number): Measurement => ({
  kind: 'observe',
  name,
  value: ms / 1000,
  labels: {},
});
/** A reading that was not taken moves no gauge. */
const gauge = (name: string, value: number | null, labels: Labels = {}): readonly Measurement[] =>
  value === null ? [] : [{ kind: 'gauge', name, value, labels }];

/** Measurements of one piece of news. */
export function measurementsOf(news: News): readonly Measurement[] {
  switch (news.type) {
    case 'tolaria.training.progressed':
      return [
        ...gauge('esper_training_loss', news.trainingLoss),
        ...gauge('esper_training_accuracy', news.validationAccuracy),
        ...gauge('esper_training_samples_per_second', news.samplesPerSecond),
        ...gauge('esper_parameters', news.parameters),
        ...gauge('esper_seed_active_count', news.seeds.filter(({ alpha }) => alpha > 0).length),
      ];
    case 'tolaria.state.gathered':
      return [
        ...gauge('esper_validation_loss', news.validationLoss),
        ...gauge('esper_parameters', news.hostParameters + news.liveParameters),
      ];
    case 'tolaria.boundary.committed':
      return ofBoundary(news);
    case 'tolaria.run.rolled_back':
      return [
        count('esper_rollbacks_total', { tier: 'fast' }),
        observe('esper_rollback_duration_seconds', news.ms),
      ];
    case 'tolaria.fault.contained':
      return [count('esper_faults_contained_total', { injected: String(news.injected) })];
    case 'tolaria.run.ended':
      return [count('esper_runs_total', { outcome: news.outcome })];
    case 'tamiyo.field_report.issued':
      return [count('esper_field_reports_total', { outcome: news.outcome })];
    case 'urabrask.kernel.characterized':
      return [count('esper_blueprints', { status: news.certificate.verdict })];
    case 'innovation.blueprint.quarantined':
      return [count('esper_blueprints', { status: 'QUARANTINED' })];
    case 'oona.message.died':
      return [count('esper_dead_letters_total', { reason: 'undeliverable' })];
    case 'nissa.run_event.reported':
      return [count('esper_run_events_total', { level: news.level })];
  }
}

function ofBoundary(news: BoundaryCommitted): readonly Measurement[] {
  const decided = news.decisions.map(({ type }) => count('esper_adaptations_total', { type }));
  const moved = news.transitions.map(({ from, to }) => count('esper_seed_transitions_total', { from, to }));
  return [
    ...gauge('esper_training_loss', news.trainingLoss),
    ...gauge('esper_training_accuracy', news.validationAccuracy),
    ...gauge('esper_parameters', news.parameters),
    observe('esper_epoch_boundary_duration_seconds', news.hookMs),
    ...decided,
    ...moved,
  ];
}
