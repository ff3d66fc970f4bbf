/** The run of a node, for those who command it from anywhere: it stands still, goes on, saves, and is changed. One order at a time. */
import { hopMs } from '../../../actors/admin/deadline.ts';
import { ADMIN_WAIT_S, toFailure } from '../../../contracts/index.ts';
import { accept, type Cx, type Decision, defineActor, isRefusal, refuse } from '../../../runtime/index.ts';
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
/** The same once more, for those who ask how it goes: they do not queue behind an order that takes its time. */
export const RUN_WINDOW = 'esper/run-window';

export interface RunDeskArgs {
  /** Null on a node that was given nothing to train. */
  readonly run: RunUnit | null;
}

type RunDeskMessage = RunOrdered | RunWanted | RunCommandGiven | RunOutcomeWanted | RunSettingsWanted;

/** Milliseconds for what the desk asks in its turn: less than whoever asked still waits. */
const hop = (cx: Cx<RunDeskMessage>): number => hopMs(cx.deadlineMs() ?? ADMIN_WAIT_S * 1_000);

export const runDesk = defineActor<RunDeskArgs, RunDeskMessage, never, RunDeskArgs>({
  name: 'run-desk',
  fresh: (_cx, args) => args,
  decide: {
    'node.run.wanted': ({ run }) => accept<never>((run?.present ?? null) satisfies RunHere | null),
    'node.run.ordered': async ({ run }, message, cx): Promise<Decision> => {
      const order = opened(RunOrdered, message);
      if (isRefusal(order)) return order;
      return withRun(run, order.run, (unit, runId) => obey(unit, runId, order.deed, hop(cx)));
    },
    'node.run.command_given': async ({ run }, message, cx): Promise<Decision> => {
      const given = opened(RunCommandGiven, message);
      if (isRefusal(given)) return given;
      return withRun(run, given.run, async (unit, runId) => {
        const taken = await unit.command(given.command, given.by, hop(cx));
        return { runId, ...taken } satisfies CommandTaken;
      });
    },
    'node.run.outcome_wanted': async ({ run }, message, cx): Promise<Decision> => {
      const wanted = opened(RunOutcomeWanted, message);
      if (isRefusal(wanted)) return wanted;
      // also of a run that is not open any more
      return run === null ? noRun() : answered(run.outcome(wanted, hop(cx)));
    },
    'node.run.settings_wanted': ({ run }, _message, cx): Promise<Decision> =>
      withRun(run, null, async (unit, runId): Promise<RunSettingsHere> => {
        return { runId, settings: await unit.settings(hop(cx)) };
      }),
  },
});

const DONE = {
  pause: (acted: boolean, runId: string) =>
    acted ? `${runId} stands still after the step under way` : `${runId} stood still already`,
  resume: (acted: boolean, runId: string) => (acted ? `${runId} goes on` : `${runId} had not been paused`),
};

const noRun = () => refuse('RUN_NO_TRAINING', { message: 'no run is open here' });

/** @param wanted the run it is meant for; null: any */
async function withRun(
  run: RunUnit | null,
  wanted: string | null,
  work: (unit: RunUnit, runId: string) => Promise<unknown>,
): Promise<Decision> {
  const here = run?.present ?? null;
  if (run === null || here === null) return noRun();
  const { runId } = here;
  if (wanted !== null && wanted !== runId) return refuse('RUN_OTHER', { run: runId, wanted });
  return answered(work(run, runId));
}

/** What is asked fails, not the desk: whoever asked hears why. */
async function answered(work: Promise<unknown>): Promise<Decision> {
  try {
    return accept(await work);
  } catch (thrown) {
    const { code, message, details, retryable } = toFailure(thrown);
    // a hint crosses threads among the details
    const { hint } = details;
    return refuse(code, {
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(retryable ? { retryable } : {}),
    });
  }
}

async function obey(run: RunUnit, runId: string, deed: RunOrdered['deed'], withinMs: number) {
  if (deed !== 'checkpoint') {
    const acted = await run.order(deed, withinMs);
    return { done: DONE[deed](acted === true, runId), details: { run: runId } };
  }
  const boundary = await run.order(deed, withinMs);
  return { done: `${runId}: boundary ${boundary} is on disk`, details: { run: runId, boundary } };
}
