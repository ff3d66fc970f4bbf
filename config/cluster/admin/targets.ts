/** Everything a node can be commanded to do, and why it cannot do the rest. */
import type { AdminTargets } from '../../../actors/admin/targets.ts';
import type { AdminVerb } from '../../../contracts/index.ts';
import { placementOf } from './ask.ts';
import { deadLetters } from './dead-letters.ts';
import { deeds } from './deeds.ts';
import { looks } from './looks.ts';
import { nodeSettings } from './node-settings.ts';
import type { RunBoard } from './run-board.ts';
import { runDeeds } from './run-deeds.ts';
import type { AdminWorld } from './world.ts';

const NO_RECORD =
  'a run is repeated from its journal to the bit, and the journal has no record for a change by hand';

const WHY_NOT: { readonly [V in AdminVerb]?: string } = {
  'run-rollback': `${NO_RECORD}; Tolaria rolls back by itself when training goes wrong`,
  'seeds-germinate': `${NO_RECORD}; Tamiyo decides where something grows`,
  'seeds-cull': `${NO_RECORD}; Tamiyo decides what is taken out`,
};

export function adminTargets(world: AdminWorld, board: RunBoard): AdminTargets {
  return {
    handlers: {
      ...looks(world, board),
      ...deeds(world),
      ...runDeeds(world),
      ...deadLetters(world),
      ...nodeSettings(world),
    },
    whyNot: (verb) => WHY_NOT[verb] ?? 'this node has nobody who could do it',
    async epochOf(verb, args) {
      const status = await placementOf(world.system());
      const { unit } = args as { unit?: string };
      if (unit !== undefined) return status?.units.find((one) => one.unit === unit)?.epoch ?? null;
      return verb.startsWith('node-') ? (status?.epoch ?? null) : null;
    },
  };
}
