/** What one steward knows in its tenure: what shall run, who is there, and what has become of each unit. */
import type { Assignment, HostedUnit, NodeFacts, UnitSpec } from '../../contracts/placement.ts';
import { NodeFacts as NodeFactsSchema } from '../../contracts/placement.ts';
import { checkerOf } from '../checker.ts';
import type { Cluster } from '../remote/cluster.ts';
import type { Held } from '../remote/tenure.ts';
import { weightOf } from './bid.ts';
import type { Desired } from './desired.ts';
import type { PlacementLimits, PlacementOptions } from './options.ts';
import type { NodeView, Picture, UnderWay } from './reconcile.ts';

const factsChecker = checkerOf(NodeFactsSchema);

/** Looks that a unit may be missing from what its node says, before that counts: beats are late now and then. */
const MISSES = 6;

export interface StewardWorld {
  readonly options: PlacementOptions;
  readonly limits: PlacementLimits;
  readonly cluster: Pick<Cluster, 'peers' | 'node'>;
  /** Of this node, now. */
  facts(): NodeFacts;
  /** Monotonic milliseconds when placement began here: a node that has just come knows nobody yet. */
  readonly openedMs: number;
}

/** What the steward takes for true of one unit. */
export interface Belief extends Assignment {
  /** Life of the node it runs on. */
  readonly nodeEpoch: number;
  /** When its node last said so. */
  readonly seenMs: number;
}

export class Stewardship {
  readonly world: StewardWorld;
  readonly held: Held;
  desired: Desired | null = null;
  /** Of units that used up their restarts: when they are tried again. */
  readonly givenUp = new Map<string, number>();
  readonly #beliefs = new Map<string, Belief>();
  /** Tenures of units that are known to be over. */
  readonly #buried = new Map<string, number>();
  #nodes: readonly NodeView[] = [];
  #orders = 0;

  constructor(world: StewardWorld, held: Held) {
    this.world = world;
    this.held = held;
  }

  get nodes(): readonly NodeView[] {
    return this.#nodes;
  }
  get beliefs(): readonly Belief[] {
    return [...this.#beliefs.values()];
  }

  belief(unit: string): Belief | undefined {
    return this.#beliefs.get(unit);
  }

  spec(unit: string): UnitSpec | undefined {
    return this.desired?.record.plan.units.find((spec) => spec.unit === unit);
  }

  /** Weight of the units other than `unit` that are on a node, or were just given to it. */
  weightOn(node: string, unit: string): number {
    const there = this.beliefs.filter(
      (belief) =>
        belief.node === node &&
        belief.unit !== unit &&
        (belief.state === 'running' || belief.state === 'starting' || belief.state === 'moving'),
    );
    return there.reduce((sum, belief) => {
      const spec = this.spec(belief.unit);
      return sum + (spec === undefined ? 1 : weightOf(spec));
    }, 0);
  }

  nextOrder(unit: string): string {
    return `${this.held.epoch}.${unit}.${++this.#orders}`;
  }

  believe(
    unit: string,
    state: Assignment['state'],
    rest: Partial<Pick<Belief, 'node' | 'epoch' | 'why'>> = {},
  ): void {
    const { node = '', epoch = 0, why = '' } = rest;
    const nodeEpoch = this.nodeEpoch(node);
    this.#beliefs.set(unit, {
      unit,
      state,
      node,
      epoch,
      why: why.slice(0, 128),
      nodeEpoch,
      seenMs: this.world.options.clock.nowMs(),
    });
  }

  forget(unit: string): void {
    this.#beliefs.delete(unit);
  }

  /** Why it is not where somebody wanted it; nothing else about it changes. */
  excuse(unit: string, why: string): void {
    const belief = this.#beliefs.get(unit);
    if (belief?.state === 'running') this.#beliefs.set(unit, { ...belief, why: why.slice(0, 128) });
  }

  /** That tenure of the unit is over, whatever a late beat says. */
  bury(unit: string, epoch: number): void {
    this.#buried.set(unit, Math.max(epoch, this.#buried.get(unit) ?? 0));
  }

  /** Where it runs within reach, by what the nodes say. */
  found(unit: string): (HostedUnit & { readonly node: string }) | undefined {
    for (const { name, state, facts } of this.#nodes) {
      const hosted = facts.units.find((one) => one.unit === unit && one.phase === 'running');
      if (state === 'up' && hosted !== undefined) return { ...hosted, node: name };
    }
    return undefined;
  }

  /** Looks at everybody anew. */
  look(): void {
    const { cluster, facts } = this.world;
    const views: NodeView[] = [{ name: cluster.node.name, state: 'up', facts: this.#believable(facts()) }];
    for (const { node, state, inventory } of cluster.peers()) {
      if (state !== 'up' && state !== 'unreachable') continue;
      const said = inventory.placement;
      if (factsChecker.check(said) && said.name === node)
        views.push({ name: node, state, facts: this.#believable(said) });
    }
    this.#nodes = views.sort((a, b) => (a.name < b.name ? -1 : 1)).map((view) => this.#completed(view));
  }

  /** Units that were thought to run and do not, or cannot be heard of. */
  lost(): readonly { readonly unit: string; readonly why: string }[] {
    const up = new Set(this.#nodes.filter(({ state }) => state === 'up').map(({ name }) => name));
    return this.beliefs.flatMap(({ unit, state, node, nodeEpoch }) => {
      if (state !== 'running' && state !== 'starting') return [];
      if (!up.has(node)) return [{ unit, why: `${node} is out of reach` }];
      if (nodeEpoch !== this.nodeEpoch(node)) return [{ unit, why: `${node} has begun a new life` }];
      const shown = this.#nodes.some(
        ({ name, facts }) => name === node && facts.units.some((one) => one.unit === unit),
      );
      return state === 'running' && !shown ? [{ unit, why: `${node} does not run it any more` }] : [];
    });
  }

  picture(): Picture {
    const underWay = new Map<string, UnderWay>();
    const known = new Map<string, string>();
    for (const { unit, state, node } of this.beliefs) {
      if (state === 'running') known.set(unit, node);
      if (state === 'bidding' || state === 'starting' || state === 'moving')
        underWay.set(unit, { kind: state, node });
    }
    return { nodes: this.#nodes, known, underWay };
  }

  /** The life of a node that is there now; 0 when none was heard of. */
  nodeEpoch(node: string): number {
    const { cluster } = this.world;
    if (node === cluster.node.name) return cluster.node.epoch;
    return cluster.peers().find((peer) => peer.node === node)?.epoch ?? 0;
  }

  /** Without tenures that are known to be over. */
  #believable(facts: NodeFacts): NodeFacts {
    const units = facts.units.filter(
      ({ unit, epoch }) => epoch === 0 || epoch > (this.#buried.get(unit) ?? 0),
    );
    return { ...facts, units };
  }

  /** With what was reported since its last beat. */
  #completed(view: NodeView): NodeView {
    const nowMs = this.world.options.clock.nowMs();
    const missing = this.beliefs.filter(({ unit, node, state, epoch, nodeEpoch, seenMs }) => {
      if (state !== 'running' || node !== view.name) return false;
      const shown = view.facts.units.some((one) => one.unit === unit && one.epoch >= epoch);
      if (shown) this.#beliefs.set(unit, { ...(this.#beliefs.get(unit) as Belief), seenMs: nowMs });
      const recent = nowMs - seenMs < MISSES * this.world.limits.lookMs;
      return !shown && recent && nodeEpoch === this.nodeEpoch(node);
    });
    if (missing.length === 0) return view;
    const added = missing.map(({ unit, epoch }) => ({ unit, epoch, phase: 'running' as const }));
    const units = view.facts.units.filter(({ unit }) => !added.some((one) => one.unit === unit));
    return { ...view, facts: { ...view.facts, units: [...units, ...added] } };
  }
}
