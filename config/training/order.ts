/** What a training host is told to do, and what it answers: plain data, so that it can cross a thread. */
import { Type } from '@sinclair/typebox';
import {
  CatalogueEntry,
  CommandedBy,
  CommandRefusal,
  type MessageOf,
  message,
  QuarantinedBlueprint,
  RunCommand,
  RunConfig,
  RunEnded,
  TaskConfig,
} from '../../contracts/index.ts';

/** Train: a new run when `resume` is false, else whatever the journal in `folder` says. */
export const TrainOrder = message('config.training.ordered', 1, {
  runId: Type.String(),
  folder: Type.String(),
  dataDirs: Type.Array(Type.String()),
  resume: Type.Boolean(),
  /** The configuration of a new run; a resumed one has its own in the journal. */
  config: Type.Union([RunConfig, Type.Null()]),
  catalogue: Type.Array(CatalogueEntry),
  quarantined: Type.Array(QuarantinedBlueprint),
  engine: Type.String(),
});
export type TrainOrder = MessageOf<typeof TrainOrder>;

/** A new run on this data will be ordered in a moment: it may be read already. */
export const TrainingPrepared = message('config.training.prepared', 1, {
  task: TaskConfig,
  dataDirs: Type.Array(Type.String()),
  seed: Type.Integer(),
});
export type TrainingPrepared = MessageOf<typeof TrainingPrepared>;

/** The run is open and steps are about to be taken. */
export const TrainingOpened = message('config.training.opened', 1, {
  runId: Type.String(),
  backend: Type.String(),
  /** What computes and why, and why nothing else does. */
  engineRoom: Type.String(),
  /** The same in a line for a person. */
  engineLine: Type.String(),
  data: Type.String(),
  resumedFrom: Type.Union([Type.Integer(), Type.Null()]),
});
export type TrainingOpened = MessageOf<typeof TrainingOpened>;

/** What is asked of a run that is open, and how long whoever asks waits. */
export const TrainingAsked = message('config.training.asked', 1, { withinMs: Type.Number({ minimum: 0 }) });
export type TrainingAsked = MessageOf<typeof TrainingAsked>;

/** A person wants something changed. Answered with its number as soon as it is taken on. */
export const TrainingCommanded = message('config.training.commanded', 1, {
  command: RunCommand,
  by: CommandedBy,
});
export type TrainingCommanded = MessageOf<typeof TrainingCommanded>;

/** "What became of it?" Answered with a `CommandOutcome`, or null while it waits. */
export const TrainingOutcomeWanted = message('config.training.outcome_wanted', 1, { number: Type.Integer() });
export type TrainingOutcomeWanted = MessageOf<typeof TrainingOutcomeWanted>;

export const CommandOutcome = message('config.training.outcome', 1, {
  number: Type.Integer(),
  boundary: Type.Integer(),
  step: Type.Integer(),
  refused: Type.Union([CommandRefusal, Type.Null()]),
  text: Type.String(),
});
export type CommandOutcome = MessageOf<typeof CommandOutcome>;

/** The run is over and everything it left is on disk. */
export const TrainingClosed = message('config.training.closed', 1, {
  runId: Type.String(),
  ended: Type.Object({}, { additionalProperties: true }),
  files: Type.Record(Type.String(), Type.String()),
});
export type TrainingClosed = MessageOf<typeof TrainingClosed>;

/** The closing record inside, checked. @throws ContractError */
export const endedOf = (closed: TrainingClosed): RunEnded => RunEnded.parse(closed.ended);
