/** What nodes ask each other so that any of them can answer those who command the cluster. */
import { Type } from '@sinclair/typebox';
import {
  CommandedBy,
  type MessageOf,
  message,
  RunCommand,
  type RunSettings,
} from '../../../contracts/index.ts';

/** "How is your tree?" Answered with a `TreeBranch`. */
export const TreeWanted = message('node.tree.wanted', 1, {});
export type TreeWanted = MessageOf<typeof TreeWanted>;

export const RunDeed = Type.Union([
  Type.Literal('pause'),
  Type.Literal('resume'),
  Type.Literal('checkpoint'),
]);

/** To the node that trains. Answered with a `Done`; with a run that is not its own it is refused. */
export const RunOrdered = message('node.run.ordered', 1, {
  deed: RunDeed,
  run: Type.Union([Type.String(), Type.Null()]),
});
export type RunOrdered = MessageOf<typeof RunOrdered>;

/** "What do you train?" Answered with a `RunHere`, or null. */
export const RunWanted = message('node.run.wanted', 1, {});
export type RunWanted = MessageOf<typeof RunWanted>;

export interface RunHere {
  readonly runId: string;
  readonly paused: boolean;
}

/** To the node that trains: a change by hand, which is taken on at once and acts at a boundary. Answered with a `CommandTaken`. */
export const RunCommandGiven = message('node.run.command_given', 1, {
  run: Type.Union([Type.String(), Type.Null()]),
  command: RunCommand,
  by: CommandedBy,
});
export type RunCommandGiven = MessageOf<typeof RunCommandGiven>;

export interface CommandTaken {
  readonly runId: string;
  readonly number: number;
  /** Of the training thread's lives the one it waits in: its number may be another command's in the next. */
  readonly life: number;
}

/** "What became of that command?" Answered with a `CommandOutcome`, or null while it waits; refused when it was lost. */
export const RunOutcomeWanted = message('node.run.outcome_wanted', 1, {
  life: Type.Integer({ minimum: 1 }),
  number: Type.Integer({ minimum: 1 }),
  request: Type.String({ maxLength: 256 }),
});
export type RunOutcomeWanted = MessageOf<typeof RunOutcomeWanted>;

/** "How is your run set?" Answered with `RunSettingsHere`. */
export const RunSettingsWanted = message('node.run.settings_wanted', 1, {});
export type RunSettingsWanted = MessageOf<typeof RunSettingsWanted>;

export interface RunSettingsHere {
  readonly runId: string;
  readonly settings: RunSettings;
}
