/** Commands that place: the steward says yes or no, and a move or a drain is answered when it is done or has come to nothing. */
import type { Deadline } from '../../../actors/admin/deadline.ts';
import type { AdminHandlers } from '../../../actors/admin/targets.ts';
import { ADMIN_WITHIN_S, type Done } from '../../../contracts/index.ts';
import type { PlacementCommand } from '../../../contracts/placement.ts';
import { placementOf, toSteward } from './ask.ts';
import { inOwnWords } from './refusals.ts';
import { untilEmpty, untilGone, untilMoved } from './until-placed.ts';
import type { AdminWorld } from './world.ts';

type Deeds = Pick<
  AdminHandlers,
  | 'actors-restart'
  | 'actors-stop'
  | 'actors-move'
  | 'node-drain'
  | 'node-cordon'
  | 'node-uncordon'
  | 'node-leave'
>;

export function deeds(world: AdminWorld): Deeds {
  const ask = async (
    command: PlacementCommand,
    deadline: Deadline,
    withinS = 0,
  ): Promise<Record<string, unknown>> => {
    try {
      const withinMs = deadline.hopMs(withinS * 1_000);
      const { accepted: _, ...details } = (await toSteward(world.system(), command, withinMs)) ?? {};
      return details;
    } catch (thrown) {
      throw inOwnWords(thrown);
    }
  };
  const tell = async (command: PlacementCommand, deadline: Deadline, done: string): Promise<Done> => ({
    done,
    details: await ask(command, deadline),
  });
  const waiting = (within: number, deadline: Deadline) => ({
    clock: world.ports.clock,
    status: (withinMs: number) => placementOf(world.system(), withinMs),
    withinMs: deadline.within(within),
  });
  return {
    'actors-restart': async ({ unit }, { deadline }) => {
      // A unit that was stopped is wanted again from now on. That may be said twice: it is the restart that happens once.
      await ask({ do: 'start', unit }, deadline);
      return tell({ do: 'restart', unit }, deadline, `${unit} is started anew`);
    },
    'actors-stop': ({ unit }, { deadline }) => {
      const done = `${unit} is stopped, until it is restarted: esper admin actors restart`;
      return tell({ do: 'stop', unit }, deadline, done);
    },
    'actors-move': async ({ unit, to: wanted, within = ADMIN_WITHIN_S }, { deadline }) => {
      const move = { do: 'move', unit, ...(wanted === undefined ? {} : { to: wanted }) } as const;
      const details = await ask(move, deadline, within);
      const { from, to } = details as { readonly from: string; readonly to: string };
      if (within === 0) return { done: `${unit} is to move to ${to}`, details };
      return untilMoved({ unit, from, to, named: wanted !== undefined }, waiting(within, deadline));
    },
    'node-drain': async ({ node, within = ADMIN_WITHIN_S }, { deadline }) => {
      const details = await ask({ do: 'drain', node }, deadline, within);
      if (within === 0) return { done: `everything is to move off ${node}`, details };
      return untilEmpty(node, waiting(within, deadline));
    },
    'node-cordon': ({ node }, { deadline }) =>
      tell({ do: 'cordon', node }, deadline, `${node} gets nothing new`),
    'node-uncordon': ({ node }, { deadline }) =>
      tell({ do: 'uncordon', node }, deadline, `${node} is used again`),
    'node-leave': async ({ within = ADMIN_WITHIN_S }, { deadline }) => {
      const node = world.name;
      const details = await ask({ do: 'leave', node }, deadline, within);
      if (within === 0) return { done: `${node} leaves as soon as it is empty`, details };
      const units = () => world.placed.facts().units.map(({ unit }) => unit);
      return untilGone(node, units, waiting(within, deadline));
    },
  };
}
