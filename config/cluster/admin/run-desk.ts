/** The run of a node, for those who command it from anywhere: it stands still, goes on, and saves. One order at a time. */
import { toFailure } from '../../../contracts/index.ts';
import { accept, type Decision, defineActor, isRefusal, refuse } from '../../../runtime/index.ts';
import { opened } from '../../../runtime/placement/checked.ts';
import type { RunUnit } from '../run-unit.ts';
import { type RunHere, RunOrdered, type RunWanted } from './desk-messages.ts';

export const RUN_DESK = 'esper/run-desk';

export interface RunDeskArgs {
  /** Null on a node that was given nothing to train. */
  readonly run: RunUnit | null;
}

export const runDesk = defineActor<RunDeskArgs, RunOrdered | RunWanted, never, RunDeskArgs>({
  name: 'run-desk',
  fresh: (_cx, args) => args,
  decide: {
    'node.run.wanted': ({ run }) => accept<never>((run?.present ?? null) satisfies RunHere | null),
    'node.run.ordered': async ({ run }, message): Promise<Decision> => {
      const order = opened(RunOrdered, message);
      return isRefusal(order) ? order : obey(run, order);
    },
  },
});

const DONE = {
  pause: (acted: boolean, runId: string) =>
    acted ? `${runId} stands still after the step under way` : `${runId} stood still already`,
  resume: (acted: boolean, runId: string) => (acted ? `${runId} goes on` : `${runId} had not been paused`),
};

async function obey(run: RunUnit | null, { deed, run: wanted }: RunOrdered): Promise<Decision> {
  const here = run?.present ?? null;
  if (run === null || here === null) return refuse('RUN_NO_TRAINING', { message: 'no run is open here' });
  const { runId } = here;
  if (wanted !== null && wanted !== runId) return refuse('RUN_OTHER', { run: runId, wanted });
  try {
    if (deed !== 'checkpoint') {
      const acted = await run.order(deed);
      return accept({ done: DONE[deed](acted === true, runId), details: { run: runId } });
    }
    const boundary = await run.order(deed);
    return accept({ done: `${runId}: boundary ${boundary} is on disk`, details: { run: runId, boundary } });
  } catch (thrown) {
    // The order failed, not the desk: whoever gave it hears why.
    const { code, message } = toFailure(thrown);
    return refuse(code, { message });
  }
}
