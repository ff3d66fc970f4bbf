/** Commands that place: the steward says yes or no, and a move or a drain is answered when it is done or has come to nothing. */
import type { AdminHandlers } from '../../../actors/admin/targets.ts';
import type { Done } from '../../../contracts/index.ts';
import type { PlacementCommand } from '../../../contracts/placement.ts';
import { placementOf, toSteward } from './ask.ts';
import { inOwnWords } from './refusals.ts';
import { untilEmpty, untilMoved } from './until-placed.ts';
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

/** Seconds that an answer waits for a move or a drain unless somebody says otherwise. */
const WITHIN_S = 30;

export function deeds(world: AdminWorld): Deeds {
  const ask = async (command: PlacementCommand): Promise<Record<string, unknown>> => {
    try {
      const { accepted: _, ...details } = (await toSteward(world.system(), command)) ?? {};
      return details;
    } catch (thrown) {
      throw inOwnWords(thrown);
    }
  };
  const tell = async (command: PlacementCommand, done: string): Promise<Done> => ({
    done,
    details: await ask(command),
  });
  const waiting = (within: number) => ({
    clock: world.ports.clock,
    status: () => placementOf(world.system()),
    withinMs: within * 1_000,
  });
  return {
    'actors-restart': async ({ unit }) => {
      // A unit that was stopped is wanted again from now on.
      await ask({ do: 'start', unit });
      return tell({ do: 'restart', unit }, `${unit} is started anew`);
    },
    'actors-stop': ({ unit }) =>
      tell({ do: 'stop', unit }, `${unit} is stopped, until it is restarted: esper admin actors restart`),
    'actors-move': async ({ unit, to: wanted, within = WITHIN_S }) => {
      const details = await ask({ do: 'move', unit, ...(wanted === undefined ? {} : { to: wanted }) });
      const { from, to } = details as { readonly from: string; readonly to: string };
      if (within === 0) return { done: `${unit} is to move to ${to}`, details };
      return untilMoved({ unit, from, to, named: wanted !== undefined }, waiting(within));
    },
    'node-drain': async ({ node, within = WITHIN_S }) => {
      const details = await ask({ do: 'drain', node });
      if (within === 0) return { done: `everything is to move off ${node}`, details };
      return untilEmpty(node, waiting(within));
    },
    'node-cordon': ({ node }) => tell({ do: 'cordon', node }, `${node} gets nothing new`),
    'node-uncordon': ({ node }) => tell({ do: 'uncordon', node }, `${node} is used again`),
    'node-leave': () =>
      tell({ do: 'leave', node: world.name }, `${world.name} leaves as soon as it is empty`),
  };
}
