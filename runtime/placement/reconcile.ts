/** Compares what shall run with what does: pure, and quiet as soon as the two agree. */
import type { HostedUnit, NodeFacts, PlacementRecord, UnitSpec } from '../../contracts/placement.ts';
import { bid, choose } from './bid.ts';

/** One node as the steward sees it now. Nodes that are down are not in the picture. */
export interface NodeView {
  readonly name: string;
  readonly state: 'up' | 'unreachable';
  readonly facts: NodeFacts;
}

/** What is under way for a unit already: nothing else is begun meanwhile. */
export interface UnderWay {
  readonly kind: 'bidding' | 'starting' | 'moving';
  /** Where it is to run; empty while that is open. */
  readonly node: string;
}

export type PlacementAction =
  /** Nobody runs it: ask who can. */
  | { readonly do: 'place'; readonly unit: string }
  /** It runs there, and nobody here knew. */
  | { readonly do: 'adopt'; readonly unit: string; readonly node: string; readonly epoch: number }
  | { readonly do: 'stop'; readonly unit: string; readonly node: string; readonly why: string }
  /** It runs where it must not, or where somebody does not want it. */
  | { readonly do: 'move'; readonly unit: string; readonly from: string; readonly to: string }
  /** What somebody wished for has happened, or cannot. */
  | { readonly do: 'forget_wish'; readonly unit: string; readonly why: string }
  /** The node shall keep exactly these ready. */
  | { readonly do: 'warm'; readonly node: string; readonly units: readonly string[] };

export interface Picture {
  readonly nodes: readonly NodeView[];
  /** Where each unit runs as far as whoever compares has taken note; empty for nowhere. */
  readonly known: ReadonlyMap<string, string>;
  readonly underWay: ReadonlyMap<string, UnderWay>;
}

interface Place extends HostedUnit {
  readonly node: string;
  readonly up: boolean;
}

/** What is to be done now. Done, and looked at again, nothing is left. */
export function reconcile(record: PlacementRecord, picture: Picture): readonly PlacementAction[] {
  const moving = new Set<string>();
  for (const { facts } of picture.nodes)
    if (facts.units.some(({ phase }) => phase === 'moving')) moving.add(facts.name);
  const specs = new Map(record.plan.units.map((spec) => [spec.unit, spec]));
  const names = new Set([
    ...specs.keys(),
    ...picture.nodes.flatMap(({ facts }) => facts.units.map((one) => one.unit)),
  ]);
  const actions: PlacementAction[] = [];
  for (const unit of names) {
    const spec = record.stopped.includes(unit) ? undefined : specs.get(unit);
    const places = placesOf(unit, picture);
    if (spec === undefined) actions.push(...ended(unit, places));
    else actions.push(...settled(spec, places, record, picture, moving));
  }
  return [...actions, ...warmth(record, picture)];
}

/** Best first: who has the lease, then who is nearest to having it. */
function placesOf(unit: string, { nodes }: Picture): readonly Place[] {
  const rank = { running: 0, moving: 1, starting: 2, waiting: 3, stopping: 4 } as const;
  return nodes
    .flatMap(({ name, state, facts }) =>
      facts.units
        .filter((hosted) => hosted.unit === unit)
        .map((hosted) => ({ ...hosted, node: name, up: state === 'up' })),
    )
    .sort((a, b) => b.epoch - a.epoch || rank[a.phase] - rank[b.phase] || (a.node < b.node ? -1 : 1));
}

function ended(unit: string, places: readonly Place[]): PlacementAction[] {
  return places
    .filter(({ up, phase }) => up && phase !== 'stopping')
    .map(({ node }) => ({ do: 'stop', unit, node, why: 'it shall not run' }));
}

function settled(
  spec: UnitSpec,
  places: readonly Place[],
  record: PlacementRecord,
  picture: Picture,
  moving: Set<string>,
): PlacementAction[] {
  const { unit } = spec;
  const underWay = picture.underWay.get(unit);
  const runs = places.find(({ phase, up }) => phase === 'running' && up);
  // A unit that gives its state away is busy until it has, or has taken it back.
  if (places.some(({ phase, up }) => phase === 'moving' && up)) return [];
  if (underWay?.kind === 'moving') return [];
  if (runs === undefined) {
    if (underWay !== undefined || places.some(({ up }) => up)) return [];
    return [{ do: 'place', unit }];
  }
  const rest: PlacementAction[] = places
    .filter(({ node, up, phase }) => node !== runs.node && up && phase !== 'stopping')
    .map(({ node }) => ({ do: 'stop', unit, node, why: `it runs on ${runs.node}` }));
  if (picture.known.get(unit) !== runs.node)
    return [...rest, { do: 'adopt', unit, node: runs.node, epoch: runs.epoch }];
  if (underWay !== undefined) return rest;
  return [...rest, ...relocated(spec, runs.node, record, picture, moving)];
}

/** At most one unit leaves a node at a time: a node empties in order. */
function relocated(
  spec: UnitSpec,
  from: string,
  record: PlacementRecord,
  picture: Picture,
  moving: Set<string>,
): PlacementAction[] {
  const { unit } = spec;
  const wish = record.wished[unit];
  const must = misplaced(spec, from, record, picture);
  if (wish === from && !must) return [{ do: 'forget_wish', unit, why: 'it is there' }];
  if (wish === undefined && !must) return [];
  if (moving.has(from)) return [];
  const bids = bidsElsewhere(spec, from, record, picture);
  const able = wish === undefined ? undefined : bids.find(({ node }) => node === wish);
  if (wish !== undefined && wish !== from && able === undefined)
    return [{ do: 'forget_wish', unit, why: 'that node cannot have it' }];
  const to = able?.node ?? choose(bids);
  if (to === undefined) return [];
  moving.add(from);
  return [{ do: 'move', unit, from, to }];
}

/** What the nodes within reach, other than `from`, would bid. */
export function bidsElsewhere(
  spec: UnitSpec,
  from: string,
  record: PlacementRecord,
  picture: Pick<Picture, 'nodes'>,
): readonly { readonly node: string; readonly score: number }[] {
  return picture.nodes
    .filter(({ name, state }) => state === 'up' && name !== from)
    .flatMap(({ name, facts }) => {
      const answer = bid(spec, withRules(facts, record), nearOf(spec, picture));
      return 'score' in answer ? [{ node: name, score: answer.score }] : [];
    });
}

function misplaced(spec: UnitSpec, node: string, record: PlacementRecord, { nodes }: Picture): boolean {
  if (record.draining.includes(node) || node in record.leaving) return true;
  const facts = nodes.find(({ name }) => name === node)?.facts;
  if (facts === undefined) return false;
  const misfit = spec.labels.some((label) => !facts.labels.includes(label));
  if (misfit || (spec.pin !== undefined && spec.pin !== node)) return true;
  // Of two that must be apart the later one by name goes.
  return facts.units.some(
    ({ unit, phase }) => phase === 'running' && unit < spec.unit && spec.apart.includes(unit),
  );
}

/** The facts of a node with what people have said about it. */
export const withRules = (facts: NodeFacts, { cordoned, draining, leaving }: PlacementRecord): NodeFacts => {
  const { name } = facts;
  const closed = cordoned.includes(name) || draining.includes(name) || name in leaving;
  return closed ? { ...facts, cordoned: true } : facts;
};

/** Nodes where the units that `spec` wants to be near run. */
export const nearOf = ({ near }: UnitSpec, { nodes }: Pick<Picture, 'nodes'>): readonly string[] =>
  nodes
    .filter(({ facts }) => facts.units.some(({ unit, phase }) => phase === 'running' && near.includes(unit)))
    .map(({ name }) => name);

/** Each unit's best nodes beside the one it runs on. */
function warmth(record: PlacementRecord, picture: Picture): PlacementAction[] {
  const up = picture.nodes.filter(({ state }) => state === 'up');
  const wanted = new Map<string, string[]>(up.map(({ name }) => [name, []]));
  for (const spec of record.plan.units) {
    if (spec.warm === 0 || record.stopped.includes(spec.unit)) continue;
    const ranked = up
      .filter(({ facts }) => !facts.units.some(({ unit }) => unit === spec.unit))
      .flatMap(({ name, facts }) => {
        const answer = bid(spec, withRules(facts, record));
        return 'score' in answer ? [{ name, score: answer.score }] : [];
      })
      .sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
    for (const { name } of ranked.slice(0, spec.warm)) wanted.get(name)?.push(spec.unit);
  }
  return up
    .filter(({ name, facts }) => !sameSet(facts.warm, wanted.get(name) ?? []))
    .map(({ name }) => ({ do: 'warm', node: name, units: wanted.get(name) ?? [] }));
}

const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((one) => b.includes(one));
