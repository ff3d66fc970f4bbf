/** Commands that place: the steward is told, says yes or no at once, and does it in its own time. */
import type { AdminHandlers } from '../../../actors/admin/targets.ts';
import type { PlacementCommand } from '../../../contracts/placement.ts';
import { toSteward } from './ask.ts';
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
  const tell = async (command: PlacementCommand, done: string) => {
    const { accepted: _, ...details } = (await toSteward(world.system(), command)) ?? {};
    return { done, details };
  };
  return {
    'actors-restart': async ({ unit }) => {
      // A unit that was stopped is wanted again from now on.
      await tell({ do: 'start', unit }, '');
      return tell({ do: 'restart', unit }, `${unit} is started anew`);
    },
    'actors-stop': ({ unit }) =>
      tell({ do: 'stop', unit }, `${unit} is stopped, until it is restarted: esper admin actors restart`),
    'actors-move': ({ unit, to }) =>
      tell(
        { do: 'move', unit, ...(to === undefined ? {} : { to }) },
        to === undefined ? `${unit} moves to whoever offers best` : `${unit} moves to ${to}`,
      ),
    'node-drain': ({ node }) => tell({ do: 'drain', node }, `everything moves off ${node}`),
    'node-cordon': ({ node }) => tell({ do: 'cordon', node }, `${node} gets nothing new`),
    'node-uncordon': ({ node }) => tell({ do: 'uncordon', node }, `${node} is used again`),
    'node-leave': () =>
      tell({ do: 'leave', node: world.name }, `${world.name} leaves as soon as it is empty`),
  };
}
