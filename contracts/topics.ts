/** Where on the bus each thing is told. Words are joined by dots; a pattern's `*` takes one word, `>` all that follow. */
export const TOPICS = {
  proposalsWanted: 'innovation.proposals.wanted',
  proposalsMade: 'innovation.proposals.made',
  fieldReports: 'innovation.field_reports',
  blueprintSubmitted: 'compilation.blueprint.submitted',
  blueprintRejected: 'compilation.blueprint.rejected',
  kernelCompiled: 'compilation.kernel.compiled',
  kernelReady: 'compilation.kernel.ready',
  kernelCharacterized: 'validation.kernel.characterized',
  blueprintQuarantined: 'validation.blueprint.quarantined',
  catalogueWanted: 'innovation.catalogue.wanted',
  catalogueReady: 'innovation.catalogue.ready',
  messageDied: 'system.messages.died',
  runEvents: 'system.events.run',
  boundaries: 'system.events.epoch',
  progress: 'telemetry.training.progress',
  taskFeedback: 'telemetry.tasks.feedback',
} as const;

/** Where the triad's news belongs, by message type: whoever empties its outbox need not choose. */
export const TOPIC_OF_NEWS = {
  'tolaria.training.progressed': TOPICS.progress,
  'tolaria.state.gathered': TOPICS.boundaries,
  'tolaria.boundary.committed': TOPICS.boundaries,
  'tolaria.run.rolled_back': TOPICS.runEvents,
  'tolaria.fault.contained': TOPICS.runEvents,
  'tolaria.run.ended': TOPICS.runEvents,
  'nissa.run_event.reported': TOPICS.runEvents,
  'tamiyo.field_report.issued': TOPICS.fieldReports,
  'innovation.blueprint.quarantined': TOPICS.blueprintQuarantined,
} as const;

/**
 * `critical`: kept until it was dealt with. `plain`: at most once, when there is a connection. `telemetry`: likewise, in
 * large batches, and the first to go under load.
 */
export type TopicClass = 'critical' | 'plain' | 'telemetry';

export interface TopicRule {
  readonly pattern: string;
  readonly class: TopicClass;
}

/** How much a topic matters: the first pattern that fits counts, and what fits none is plain. */
export const TOPIC_RULES: readonly TopicRule[] = [
  { pattern: 'innovation.proposals.*', class: 'critical' },
  { pattern: 'innovation.catalogue.*', class: 'critical' },
  { pattern: TOPICS.fieldReports, class: 'critical' },
  { pattern: 'compilation.>', class: 'critical' },
  { pattern: 'validation.>', class: 'critical' },
  { pattern: TOPICS.messageDied, class: 'critical' },
  { pattern: 'telemetry.>', class: 'telemetry' },
];
