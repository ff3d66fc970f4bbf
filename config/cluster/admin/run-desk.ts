/** The run of a node, for those who command it from anywhere: it stands still, goes on, saves, and is changed. One order at a time. */
import { toFailure } from '../../../contracts/index.ts';
import { accept, type Decision, defineActor, isRefusal, refuse } from '../../../runtime/index.ts';
import { opened } from '../../../runtime/placement/checked.ts';
import type { RunUnit } from '../run-unit.ts';
import {
  type CommandTaken,
  RunCommandGiven,
  type RunHere,
  RunOrdered,
  RunOutcomeWanted,
  type RunSettingsHere,
  type RunSettingsWanted,
  type RunWanted,
} from './desk-messages.ts';

export const RUN_DESK = 'esper/run-desk';

export interface RunDeskArgs {
  /** Null on a node that was given nothing to train. */
  readonly run: RunUnit | null;
}

type RunDeskMessage = RunOrdered | RunWanted | RunCommandGiven | RunOutcomeWanted | RunSettingsWanted;

export const runDesk = defineActor<RunDeskArgs, RunDeskMessage, never, RunDeskArgs>({
  name: 'run-desk',
  fresh: (_cx, args) => args,
  decide: {
    'node.run.wanted': ({ run }) => accept<never>((run?.present ?? null) satisfies RunHere | null),
    'node.run.ordered': async ({ run }, message): Promise<Decision> => {
      const order = opened(RunOrdered, message);
      if (isRefusal(order)) return order;
      return withRun(run, order.run, (unit, runId) => obey(unit, runId, order.deed));
    },
    'node.run.command_given': async ({ run }, message): Promise<Decision> => {
      const given = opened(RunCommandGiven, message);
      if (isRefusal(given)) return given;
      return withRun(run, given.run, async (unit, runId) => {
        const number = await unit.command(given.command, given.by);
        return { runId, number } satisfies CommandTaken;
      });
    },
    'node.run.outcome_wanted': async ({ run }, message): Promise<Decision> => {
      const wanted = opened(RunOutcomeWanted, message);
      return isRefusal(wanted) ? wanted : withRun(run, null, (unit) => unit.outcome(wanted.number));
    },
    'node.run.settings_wanted': ({ run }): Promise<Decision> =>
      withRun(run, null, async (unit, runId): Promise<RunSettingsHere> => {
        return { runId, settings: await unit.settings() };
      }),
  },
});

const DONE = {
  pause: (acted: boolean, runId: string) =>
    acted ? `${runId} stands still after the step under way` : `${runId} stood still already`,
  resume: (acted: boolean, runId: string) => (acted ? `${runId} goes on` : `${runId} had not been paused`),
};

/** What is asked fails, not the desk: whoever asked hears why. @param wanted the run it is meant for; null: any */
async function withRun(
  run: RunUnit | null,
  wanted: string | null,
  work: (unit: RunUnit, runId: string) => Promise<unknown>,
): Promise<Decision> {
  const here = run?.present ?? null;
  if (run === null || here === null) return refuse('RUN_NO_TRAINING', { message: 'no run is open here' });
  const { runId } = here;
  if (wanted !== null && wanted !== runId) return refuse('RUN_OTHER', { run: runId, wanted });
  try {
    return accept(await work(run, runId));
  } catch (thrown) {
    const { code, message, details } = toFailure(thrown);
    // a hint crosses threads among the details
    const { hint } = details;
    return refuse(code, hint === undefined ? { message } : { message, hint });
  }
}

async function obey(run: RunUnit, runId: string, deed: RunOrdered['deed']) {
  if (deed !== 'checkpoint') {
    const acted = await run.order(deed);
    return { done: DONE[deed](acted === true, runId), details: { run: runId } };
  }
  const boundary = await run.order(deed);
  return { done: `${runId}: boundary ${boundary} is on disk`, details: { run: runId, boundary } };
}
