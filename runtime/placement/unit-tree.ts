/** The tree of one unit for one tenure: whatever happens in it, it has stopped before the lease can be somebody else's. */
import { EsperError } from '../../contracts/failure.ts';
import { supervisor } from '../supervisor/declare.ts';
import type { ChildSpec, SupervisorSpec } from '../supervisor/spec.ts';
import { UNITS } from './names.ts';
import type { UnitFactory, UnitStart } from './unit-factory.ts';

/** @throws UNIT_EMPTY, or what the factory throws */
export function unitTree(factory: UnitFactory, start: UnitStart): SupervisorSpec {
  // Half of the grace is for stopping, the other half for whatever delayed the word that the lease is lost.
  const children = factory.children(start).map((spec) => capped(spec, start.held.graceMs / 2));
  if (children.length === 0)
    throw new EsperError(
      'UNIT_EMPTY',
      `unit ${start.unit} has no actors`,
      { unit: start.unit },
      { hint: 'Its factory must give at least one child.' },
    );
  const { strategy = 'one_for_all', intensity = 3, periodMs = 60_000, backoff } = factory.supervision ?? {};
  const options = { strategy, intensity, periodMs, ...(backoff === undefined ? {} : { backoff }) };
  return { ...supervisor(start.unit, options, children), restart: 'temporary' };
}

/** Path of whoever takes the unit's messages. */
export const doorOf = (unit: string, factory: UnitFactory, tree: SupervisorSpec): string =>
  `${UNITS}/${unit}/${factory.door ?? (tree.children[0] as ChildSpec).id}`;

/** No actor in it takes longer to stop than that. */
function capped(spec: ChildSpec, mostMs: number): ChildSpec {
  if (spec.kind === 'supervisor')
    return { ...spec, children: spec.children.map((child) => capped(child, mostMs)) };
  if (spec.kind === 'pool') return { ...spec, template: cappedWorker(spec.template, mostMs) };
  return cappedWorker(spec, mostMs);
}

const cappedWorker = <S extends Extract<ChildSpec, { kind: 'worker' }>>(spec: S, mostMs: number): S =>
  spec.shutdown === 'brutal_kill'
    ? spec
    : { ...spec, shutdown: { withinMs: Math.min(spec.shutdown.withinMs, mostMs) } };
