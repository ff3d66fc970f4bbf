/** What people want, as all stewards agree on it: one record in the lease store, written by compare-and-set. */
import { decode, encode } from '../../contracts/codec.ts';
import { EsperError, type Refusal } from '../../contracts/failure.ts';
import { type PlacementCommand, type PlacementPlan, PlacementRecord } from '../../contracts/placement.ts';
import { refuse } from '../actor/decision.ts';
import { checkerOf } from '../checker.ts';
import type { Leases } from '../ports/leases.ts';

const checker = checkerOf(PlacementRecord);

export interface Desired {
  readonly record: PlacementRecord;
  /** In the store; 0 before it was written. */
  readonly revision: number;
}

/**
 * Reads what the stewards before have left, and begins with the own plan where that is newer.
 * @throws LEASES_UNREACHABLE, PLACEMENT_RECORD_INVALID
 */
export async function readDesired(
  leases: Leases,
  key: string,
  plan: PlacementPlan,
  epoch: number,
): Promise<Desired> {
  const entry = await leases.get(key);
  if (entry === undefined) return { record: first(plan, epoch), revision: 0 };
  const found: unknown = decode(entry.value);
  if (!checker.check(found))
    throw new EsperError(
      'PLACEMENT_RECORD_INVALID',
      `what is written under ${key} is no placement`,
      { key, ...checker.firstError(found) },
      { hint: 'Look who else writes to this key; remove it, and the plan of the file counts again.' },
    );
  const newer = plan.generation > found.plan.generation ? mutual(plan) : found.plan;
  return { record: { ...found, plan: newer, epoch }, revision: entry.revision };
}

/**
 * @returns what is written now
 * @throws PLACEMENT_OVERTAKEN when another steward has written meanwhile, LEASES_UNREACHABLE
 */
export async function writeDesired(
  leases: Leases,
  key: string,
  { record, revision }: Desired,
): Promise<Desired> {
  const written = await leases.put(key, encode(record), revision);
  if (written !== undefined) return { record, revision: written };
  throw new EsperError(
    'PLACEMENT_OVERTAKEN',
    'another steward has written the placement',
    { key, epoch: record.epoch },
    { retryable: true, hint: 'The newer steward goes on; ask it again.' },
  );
}

/**
 * The record after a command, or why it cannot be obeyed. Pure.
 * @param epochOf the present life of a node
 */
export function commanded(
  record: PlacementRecord,
  command: PlacementCommand,
  epochOf: (node: string) => number,
): PlacementRecord | Refusal {
  if ('unit' in command && !record.plan.units.some(({ unit }) => unit === command.unit))
    return refuse('PLACEMENT_UNKNOWN_UNIT', {
      unit: command.unit,
      known: record.plan.units.map(({ unit }) => unit),
    });
  switch (command.do) {
    case 'move':
      return command.to === undefined ? record : wish(record, command.unit, command.to);
    case 'restart':
      return record;
    case 'stop':
      return { ...record, stopped: withOne(record.stopped, command.unit) };
    case 'start':
      return { ...record, stopped: without(record.stopped, command.unit) };
    case 'cordon':
      return { ...record, cordoned: withOne(record.cordoned, command.node) };
    case 'uncordon':
      return forgotten(record, command.node);
    case 'drain':
      return { ...record, draining: withOne(record.draining, command.node) };
    case 'leave':
      return { ...record, leaving: { ...record.leaving, [command.node]: epochOf(command.node) } };
    case 'plan':
      return planned(record, command.plan);
  }
}

/** Nothing is held against the node any more: it was asked back, or it has left. */
export const forgotten = (record: PlacementRecord, node: string): PlacementRecord => ({
  ...record,
  cordoned: without(record.cordoned, node),
  draining: without(record.draining, node),
  leaving: Object.fromEntries(Object.entries(record.leaving).filter(([name]) => name !== node)),
});

export function unwished(record: PlacementRecord, unit: string): PlacementRecord {
  const { [unit]: _, ...wished } = record.wished;
  return { ...record, wished };
}

const first = (plan: PlacementPlan, epoch: number): PlacementRecord => ({
  v: 1,
  epoch,
  plan: mutual(plan),
  stopped: [],
  cordoned: [],
  draining: [],
  leaving: {},
  wished: {},
});

function planned(record: PlacementRecord, plan: PlacementPlan): PlacementRecord | Refusal {
  const { generation } = record.plan;
  if (plan.generation <= generation)
    return refuse('PLACEMENT_PLAN_OLD', { generation: plan.generation, newest: generation });
  const names = plan.units.map(({ unit }) => unit);
  if (new Set(names).size < names.length) return refuse('PLACEMENT_PLAN_TWICE', { units: names });
  const stopped = record.stopped.filter((unit) => names.includes(unit));
  return { ...record, plan: mutual(plan), stopped, wished: {} };
}

/** Who must be apart from somebody has them apart from it. */
const mutual = (plan: PlacementPlan): PlacementPlan => ({
  ...plan,
  units: plan.units.map((spec) => {
    const others = plan.units.filter(({ apart }) => apart.includes(spec.unit)).map(({ unit }) => unit);
    return { ...spec, apart: [...new Set([...spec.apart, ...others])].filter((unit) => unit !== spec.unit) };
  }),
});

const wish = (record: PlacementRecord, unit: string, to: string): PlacementRecord => ({
  ...record,
  wished: { ...record.wished, [unit]: to },
});

const withOne = (names: readonly string[], name: string): string[] => [...new Set([...names, name])];
const without = (names: readonly string[], name: string): string[] => names.filter((one) => one !== name);
