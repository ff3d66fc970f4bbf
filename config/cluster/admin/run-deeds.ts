/** Commands about a run, carried to the node that trains it. */

import type { Deadline } from '../../../actors/admin/deadline.ts';
import type { AdminHandlers, Caller } from '../../../actors/admin/targets.ts';
import { inOtherWords, untouched } from '../../../actors/admin/untouched.ts';
import { ADMIN_WITHIN_S, type Done, EsperError, type RunCommand } from '../../../contracts/index.ts';
import { remotePath } from '../../../runtime/remote/remote-path.ts';
import type { CommandOutcome } from '../../training/order.ts';
import { answered, placementFor } from './ask.ts';
import {
  type CommandTaken,
  RunCommandGiven,
  RunOrdered,
  RunOutcomeWanted,
  type RunSettingsWanted,
} from './desk-messages.ts';
import { RUN_DESK, RUN_WINDOW } from './run-desk.ts';
import { trainer } from './run-status.ts';
import type { AdminWorld } from './world.ts';

type RunDeeds = Pick<
  AdminHandlers,
  'run-pause' | 'run-resume' | 'run-checkpoint' | 'run-rollback' | 'seeds-germinate' | 'seeds-cull'
>;

/** Milliseconds between two questions whether it has. */
const LOOK_EVERY_MS = 250;

/** Who wants it, for which run, and how long they wait for it. */
export interface Wanted {
  readonly run?: string;
  readonly reason?: string;
  readonly within?: number;
}

export function runDeeds(world: AdminWorld): RunDeeds {
  const order =
    (deed: RunOrdered['deed']) =>
    async (args: Wanted, { deadline }: Caller) => {
      const { node, desk } = await deskOf<RunOrdered>(world, deadline);
      const message = RunOrdered.of({ deed, run: args.run ?? null });
      const done = await answered<Done>(node, desk.ask(message, { withinMs: deadline.hopMs() }));
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
 * @throws the code of the guard that refused it; RUN_COMMAND_LOST (retryable) when it is certain that it never acted;
 * ADMIN_RUN_NOT_FOUND, ADMIN_TARGET_REFUSED, ADMIN_TARGET_SILENT
 */
export async function changeByHand(
  world: AdminWorld,
  command: RunCommand,
  { run, reason = '', within = ADMIN_WITHIN_S }: Wanted,
  { who, role, request, deadline }: Caller,
): Promise<Done> {
  const { node, desk, window } = await deskOf<RunCommandGiven>(world, deadline, within * 1_000);
  const by = { who, role, request, reason };
  const given = RunCommandGiven.of({ run: run ?? null, command, by });
  const giving = desk.ask(given, { withinMs: deadline.hopMs(within * 1_000) });
  const { runId, number, life } = await inOwnWords<CommandTaken>(node, giving);
  const { clock } = world.ports;
  const until = clock.nowMs() + deadline.within(within);
  for (;;) {
    const wanted = RunOutcomeWanted.of({ life, number, request });
    const asked = window.ask(wanted, { withinMs: deadline.hopMs() });
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
  throw untouched(new EsperError(code, `${run}: ${message}`, details, { hint }));
}

/** The desk of the node that trains, whichever it is now. @throws ADMIN_RUN_NOT_FOUND, ADMIN_NO_STEWARD */
export async function deskOf<M extends { readonly type: string } = never>(
  world: AdminWorld,
  deadline: Deadline,
  withinMs = 0,
) {
  const system = world.system();
  const node = trainer(world, await placementFor(system, deadline, withinMs + deadline.glanceMs));
  if (node === null) throw nobodyTrains();
  return {
    node,
    desk: system.ref<M>(remotePath(node, RUN_DESK)),
    window: system.ref<RunOutcomeWanted | RunSettingsWanted>(remotePath(node, RUN_WINDOW)),
  };
}

/** A refusal that says itself what it means is told under its own code. */
export async function inOwnWords<R>(node: string, asked: Promise<unknown>): Promise<R> {
  try {
    return await answered<R>(node, asked);
  } catch (thrown) {
    if (!(thrown instanceof EsperError)) throw thrown;
    const { refused, message, hint, retryable } = thrown.details as Record<string, unknown>;
    if (typeof refused !== 'string' || typeof message !== 'string' || typeof hint !== 'string') throw thrown;
    const options = { hint, cause: thrown, retryable: retryable === true };
    throw inOtherWords(thrown, new EsperError(refused, message, { node }, options));
  }
}

const nobodyTrains = () =>
  untouched(
    new EsperError(
      'ADMIN_RUN_NOT_FOUND',
      'no node has the triad now, so nothing is trained',
      {},
      { retryable: true, hint: 'esper admin actors ls says where it is, and why not' },
    ),
  );
