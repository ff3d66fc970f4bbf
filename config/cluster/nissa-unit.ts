/** Nissa as a unit: she only listens, so she needs no thread of her own. What she remembers goes along when she moves. */
import { Brought } from '../../actors/brought.ts';
import { nissa } from '../../actors/nissa/actor.ts';
import { oona } from '../../actors/oona/actor.ts';
import { observerRoutes } from '../../actors/oona/routes.ts';
import type { StateWanted } from '../../actors/state-wanted.ts';
import { seated } from '../../actors/tree.ts';
import type { Ref } from '../../runtime/index.ts';
import { UNITS, type UnitFactory } from '../../runtime/placement/index.ts';
import { Ears } from './ears.ts';
import type { UnitOptions } from './unit-options.ts';

/** How long she may take over one message before it is tried again. */
const DELIVER_WITHIN_MS = 5_000;

export function nissaUnit(unit: string, { bus, tell }: Pick<UnitOptions, 'bus' | 'tell'>): UnitFactory {
  /** Of the present tenure. */
  let ears: Ears | null = null;
  return {
    children({ held, given }) {
      tell({ what: 'unit', unit, state: 'running', epoch: held.epoch });
      const routes = observerRoutes(`${UNITS}/${unit}/nissa`);
      ears = new Ears(bus());
      return [
        seated([nissa, { brought: new Brought(given) }]),
        seated([oona, { bus: ears, routes, deliverWithinMs: DELIVER_WITHIN_MS }]),
      ];
    },
    handover: {
      async take(door, withinMs) {
        ears?.shut();
        try {
          return await (door as Ref<StateWanted>).ask({ type: 'unit.state.wanted' }, { withinMs });
        } catch (thrown) {
          ears?.open();
          throw thrown;
        }
      },
    },
  };
}
