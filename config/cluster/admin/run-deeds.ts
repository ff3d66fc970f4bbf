/** Commands about a run, carried to the node that trains it. */
import type { AdminHandlers } from '../../../actors/admin/targets.ts';
import { type Done, EsperError } from '../../../contracts/index.ts';
import { remotePath } from '../../../runtime/remote/remote-path.ts';
import { answered, placementOf } from './ask.ts';
import { RunOrdered } from './desk-messages.ts';
import { RUN_DESK } from './run-desk.ts';
import { trainer } from './run-status.ts';
import type { AdminWorld } from './world.ts';

type RunDeeds = Pick<AdminHandlers, 'run-pause' | 'run-resume' | 'run-checkpoint'>;

/** A checkpoint is written in between, and those who command wait ten seconds unless they say otherwise. */
const WITHIN_MS = 9_000;

export function runDeeds(world: AdminWorld): RunDeeds {
  const order = (deed: RunOrdered['deed']) => async (args: { readonly run?: string }) => {
    const system = world.system();
    const node = trainer(world, await placementOf(system));
    if (node === null) throw nobodyTrains();
    const desk = system.ref<RunOrdered>(remotePath(node, RUN_DESK));
    const message = RunOrdered.of({ deed, run: args.run ?? null });
    const done = await answered<Done>(node, desk.ask(message, { withinMs: WITHIN_MS }));
    return { done: done.done, details: { ...done.details, node } };
  };
  return {
    'run-pause': order('pause'),
    'run-resume': order('resume'),
    'run-checkpoint': order('checkpoint'),
  };
}

const nobodyTrains = () =>
  new EsperError(
    'ADMIN_RUN_NOT_FOUND',
    'no node has the triad now, so nothing is trained',
    {},
    { retryable: true, hint: 'esper admin actors ls says where it is, and why not' },
  );
