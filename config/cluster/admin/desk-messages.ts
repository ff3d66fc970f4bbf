/** What nodes ask each other so that any of them can answer those who command the cluster. */
import { Type } from '@sinclair/typebox';
import { type MessageOf, message } from '../../../contracts/index.ts';

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
