/** Everything a node can be commanded to do, and why it cannot do the rest. */
import type { AdminTargets } from '../../../actors/admin/targets.ts';
import { withinOf } from '../../../contracts/index.ts';
import { placementFor } from './ask.ts';
import { deadLetters } from './dead-letters.ts';
import { deeds } from './deeds.ts';
import { looks } from './looks.ts';
import { nodeSettings } from './node-settings.ts';
import type { RunBoard } from './run-board.ts';
import { runDeeds } from './run-deeds.ts';
import { settingsOfBoth } from './run-settings.ts';
import type { AdminWorld } from './world.ts';

export function adminTargets(world: AdminWorld, board: RunBoard): AdminTargets {
  const own = nodeSettings(world);
  return {
    handlers: {
      ...looks(world, board),
      ...deeds(world),
      ...runDeeds(world),
      ...deadLetters(world),
      ...own,
      ...settingsOfBoth(world, own),
    },
    whyNot: () => 'this node has nobody who could do it',
    async epochOf(verb, args, deadline) {
      const { unit } = args as { unit?: string };
      if (unit === undefined && !verb.startsWith('node-')) return null;
      const { units, epoch } = await placementFor(world.system(), deadline, withinOf(verb, args) * 1_000);
      return unit === undefined ? epoch : (units.find((one) => one.unit === unit)?.epoch ?? null);
    },
  };
}
