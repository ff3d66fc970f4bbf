/** Boundaries at which nobody asks Tamiyo: written down, so that a resumed run leaves it in peace at the same ones. */
import { FaultContained, type RunRecord } from '../../contracts/index.ts';

const PAUSED = 'adaptation paused';

export const pauseAt = (step: number): FaultContained =>
  FaultContained.of({ step, who: 'tamiyo', what: PAUSED, injected: false });

/** Steps of the boundaries at which adaptation paused. */
export function pausesIn(records: readonly RunRecord[]): ReadonlySet<number> {
  const steps = new Set<number>();
  for (const record of records)
    if (record.type === 'tolaria.fault.contained' && record.what === PAUSED) steps.add(record.step);
  return steps;
}
