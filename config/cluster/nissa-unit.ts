/** Nissa as a unit: she only listens, so she needs no thread of her own. */
import { nissa } from '../../actors/nissa/actor.ts';
import { oona } from '../../actors/oona/actor.ts';
import { observerRoutes } from '../../actors/oona/routes.ts';
import { seated } from '../../actors/tree.ts';
import { UNITS, type UnitFactory } from '../../runtime/placement/index.ts';
import type { UnitOptions } from './unit-options.ts';

/** How long she may take over one message before it is tried again. */
const DELIVER_WITHIN_MS = 5_000;

export const nissaUnit = (unit: string, { bus, tell }: UnitOptions): UnitFactory => ({
  children({ held }) {
    tell({ what: 'unit', unit, state: 'running', epoch: held.epoch });
    const routes = observerRoutes(`${UNITS}/${unit}/nissa`);
    return [seated([nissa, {}]), seated([oona, { bus: bus(), routes, deliverWithinMs: DELIVER_WITHIN_MS }])];
  },
});
