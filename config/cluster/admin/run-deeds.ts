/** Commands about a run, carried to the node that trains it. */
import type { AdminHandlers, Caller } from '../../../actors/admin/targets.ts';
import { type Done, EsperError, type RunCommand } from '../../../contracts/index.ts';
import { remotePath } from '../../../runtime/remote/remote-path.ts';
import type { CommandOutcome } from '../../training/order.ts';
import { answered, placementOf } from './ask.ts';
import { type CommandTaken, RunCommandGiven, RunOrdered, RunOutcomeWanted } from './desk-messages.ts';
import { RUN_DESK } from './run-desk.ts';
import { trainer } from './run-status.ts';
import type { AdminWorld } from './world.ts';

type RunDeeds = Pick<
  AdminHandlers,
  'run-pause' | 'run-resume' | 'run-checkpoint' | 'run-rollback' | 'seeds-germinate' | 'seeds-cull'
>;

/** A checkpoint is written in between, and those who command wait ten seconds unless they say otherwise. */
const WITHIN_MS = 9_000;
/** Seconds that an answer waits for a change by hand to act, unless somebody says otherwise. */
const CHANGE_WITHIN_S = 30;
/** Milliseconds between two questions whether it has. */
const LOOK_EVERY_MS = 250;

/** Who wants it, for which run, and how long they wait for it. */
export interface Wanted {
  readonly run?: string;
  readonly reason?: string;
  readonly within?: number;
}

export function runDeeds(world: AdminWorld): RunDeeds {
  const order = (deed: RunOrdered['deed']) => async (args: Wanted) => {
    const { node, desk } = await deskOf<RunOrdered>(world);
    const message = RunOrdered.of({ deed, run: args.run ?? null });
    const done = await answered<Done>(node, desk.ask(message, { withinMs: WITHIN_MS }));
    return { done: done.done, details: { ...done.details, node } };
  };
  return {
    'run-pause': order('pause'),
    'run-resume': order('resume'),
    'run-checkpoint': order('checkpoint'),
    'run-rollback': (args, caller) =>
      changeByHand(world, { do: 'rollback', blame: [...(args.blame ?? [])] }, args, caller),
    'seeds-germinate': (args, caller) => {
      const { slotId, blueprintId = null } = args;
      return changeByHand(world, { do: 'germinate', slotId, blueprintId }, args, caller);
    },
    'seeds-cull': (args, caller) => changeByHand(world, { do: 'cull', seedId: args.seedId }, args, caller),
  };
}

/**
 * Resolves when it has acted, or when whoever waits has waited long enough: it acts at its boundary all the same.
 * @throws the code of the guard that refused it; ADMIN_RUN_NOT_FOUND, ADMIN_TARGET_REFUSED, ADMIN_TARGET_SILENT
 */
export async function changeByHand(
  world: AdminWorld,
  command: RunCommand,
  { run, reason = '', within = CHANGE_WITHIN_S }: Wanted,
  { who, role, request }: Caller,
): Promise<Done> {
  const { node, desk } = await deskOf<RunCommandGiven | RunOutcomeWanted>(world);
  const by = { who, role, request, reason };
  const given = RunCommandGiven.of({ run: run ?? null, command, by });
  const taken = await inOwnWords<CommandTaken>(node, desk.ask(given, { withinMs: WITHIN_MS }));
  const { runId, number } = taken;
  const { clock } = world.ports;
  const until = clock.nowMs() + within * 1_000;
  for (;;) {
    const asked = desk.ask(RunOutcomeWanted.of({ number }), { withinMs: WITHIN_MS });
    const outcome = await inOwnWords<CommandOutcome | null>(node, asked);
    if (outcome !== null) return told(outcome, runId, node);
    if (clock.nowMs() >= until)
      return {
        done: `${runId}: put down as its command ${number}, for the next boundary; esper decisions ${runId} tells`,
        details: { run: runId, node, number, waiting: true },
      };
    await new Promise<void>((resolve) => void clock.after(LOOK_EVERY_MS, resolve));
  }
}

function told({ number, boundary, step, refused, text }: CommandOutcome, run: string, node: string): Done {
  const details = { run, node, number, boundary, step, waiting: false };
  if (refused === null) return { done: `${run}, boundary ${boundary}: ${text}`, details };
  const { code, message, hint } = refused;
  throw new EsperError(code, `${run}: ${message}`, details, { hint });
}

/** The desk of the node that trains, whichever it is now. @throws ADMIN_RUN_NOT_FOUND */
export async function deskOf<M extends { readonly type: string }>(world: AdminWorld) {
  const system = world.system();
  const node = trainer(world, await placementOf(system));
  if (node === null) throw nobodyTrains();
  return { node, desk: system.ref<M>(remotePath(node, RUN_DESK)) };
}

/** A refusal that says itself what it means is told under its own code. */
export async function inOwnWords<R>(node: string, asked: Promise<unknown>): Promise<R> {
  try {
    return await answered<R>(node, asked);
  } catch (thrown) {
    if (!(thrown instanceof EsperError)) throw thrown;
    const { refused, message, hint } = thrown.details as Record<string, unknown>;
    if (typeof refused !== 'string' || typeof message !== 'string' || typeof hint !== 'string') throw thrown;
    throw new EsperError(refused, message, { node }, { hint, cause: thrown });
  }
}

const nobodyTrains = () =>
  new EsperError(
    'ADMIN_RUN_NOT_FOUND',
    'no node has the triad now, so nothing is trained',
    {},
    { retryable: true, hint: 'esper admin actors ls says where it is, and why not' },
  );
