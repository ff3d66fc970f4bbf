/** Whether what people ask for can come true: said before anything is written down, with the reason. */
import type { Refusal } from '../../contracts/failure.ts';
import type { PlacementRecord, UnitSpec } from '../../contracts/placement.ts';
import { refuse } from '../actor/decision.ts';
import { bid } from './bid.ts';
import { type NodeView, nearOf, withRules } from './reconcile.ts';

export interface Wish {
  readonly spec: UnitSpec;
  /** Where it runs now; empty while nobody runs it. */
  readonly from: string;
  /** Where somebody wants it; undefined for wherever is best. */
  readonly to: string | undefined;
}

/** Why that unit cannot go there now; undefined when it can. */
export function moveRefusal(
  { spec, from, to }: Wish,
  record: PlacementRecord,
  nodes: readonly NodeView[],
): Refusal | undefined {
  const { unit } = spec;
  if (record.stopped.includes(unit)) return refusal('UNIT_NOT_RUNNING', { unit, why: 'it was stopped' });
  if (to === undefined)
    return from === '' ? refusal('UNIT_NOT_RUNNING', { unit }) : nowhere(spec, from, record, nodes);
  const view = nodes.find(({ name }) => name === to);
  if (view === undefined) return unknownNode(to, nodes);
  if (from === to) return refusal('UNIT_ALREADY_THERE', { unit, node: to });
  return obstacle(spec, view, record, nodes);
}

/** Why that node cannot become empty; undefined when all that is on it can go elsewhere. */
export function drainRefusal(
  node: string,
  record: PlacementRecord,
  nodes: readonly NodeView[],
): Refusal | undefined {
  const view = nodes.find(({ name }) => name === node);
  if (view === undefined) return unknownNode(node, nodes);
  const there = view.facts.units.filter(({ phase }) => phase !== 'stopping').map(({ unit }) => unit);
  const wanted = record.plan.units.filter(
    ({ unit }) => there.includes(unit) && !record.stopped.includes(unit),
  );
  for (const spec of wanted) {
    const no = nowhere(spec, node, record, nodes);
    if (no !== undefined) return no;
  }
  return undefined;
}

export const unknownNode = (node: string, nodes: readonly NodeView[]): Refusal =>
  refusal('PLACEMENT_UNKNOWN_NODE', { node, known: nodes.map(({ name }) => name) });

/** What each of the others lacks, when none of them can have it. */
function nowhere(
  spec: UnitSpec,
  from: string,
  record: PlacementRecord,
  nodes: readonly NodeView[],
): Refusal | undefined {
  const others = nodes.filter(({ name }) => name !== from);
  const reasons = others.map((view) => [view.name, obstacle(spec, view, record, nodes)?.refused] as const);
  if (reasons.some(([, why]) => why === undefined)) return undefined;
  return refusal('PLACEMENT_NOWHERE_ELSE', { unit: spec.unit, node: from, why: Object.fromEntries(reasons) });
}

function obstacle(
  spec: UnitSpec,
  { name, state, facts }: NodeView,
  record: PlacementRecord,
  nodes: readonly NodeView[],
): Refusal | undefined {
  if (state !== 'up') return refusal('NODE_UNREACHABLE', { node: name, unit: spec.unit });
  const answer = bid(spec, withRules(facts, record), nearOf(spec, { nodes }));
  return 'refused' in answer ? answer : undefined;
}

const refusal = (code: string, details: Record<string, unknown>): Refusal => refuse(code, details) as Refusal;
