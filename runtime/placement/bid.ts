/** What a node bids for a unit, and who wins: pure, so that two who know the same decide the same. */
import type { Refusal } from '../../contracts/failure.ts';
import type { NodeFacts, UnitSpec } from '../../contracts/placement.ts';
import { STARVING_MS } from './strain.ts';

export interface Bid {
  /** Higher is better; points, with 100 about what an idle node that fits well gets. */
  readonly score: number;
  /** Weight of the other units that the score counts: whoever knows of more takes that off too. */
  readonly company: number;
}

interface Scored {
  readonly node: string;
  readonly score: number;
}

/** Points at most for each thing that counts. */
const POINTS = { memory: 30, idle: 30, near: 20, prompt: 20, warm: 25, stay: 15 } as const;
/**
 * Points that each unit on the node costs, by weight: work is spread. More than the figures of two like machines differ by
 * from beat to beat, and less than it takes to leave where one is.
 */
const COMPANY = 12;
/** Milliseconds from which on a loop counts as late, and another node as far. */
const [LATE_MS, FAR_MS] = [100, 50];

const share = (part: number, whole: number): number =>
  whole <= 0 ? 1 : Math.min(1, Math.max(0, part / whole));

/**
 * @param near nodes where the units it wants to be near are now
 * @returns a score, or why the node cannot have the unit
 */
export function bid(spec: UnitSpec, facts: NodeFacts, near: readonly string[] = []): Bid | Refusal {
  return refusalOf(spec, facts) ?? { score: scoreOf(spec, facts, near), company: companyOf(spec, facts) };
}

function refusalOf({ unit, labels, pin, apart, needs }: UnitSpec, facts: NodeFacts): Refusal | undefined {
  const { name, cordoned, able, starvingMs, starving = starvingMs >= STARVING_MS } = facts;
  const no = (refused: string, details: Record<string, unknown> = {}): Refusal => ({
    refused,
    details: { unit, node: name, ...details },
  });
  const missing = labels.filter((label) => !facts.labels.includes(label));
  const rivals = facts.units.filter((hosted) => apart.includes(hosted.unit)).map((hosted) => hosted.unit);
  // What it has here already it need not find room for once more.
  const here = facts.units.some((hosted) => hosted.unit === unit);
  if (!able.includes(unit)) return no('NODE_CANNOT_RUN');
  if (pin !== undefined && pin !== name) return no('NODE_NOT_THE_PIN', { pin });
  if (missing.length > 0) return no('NODE_LACKS_LABELS', { missing });
  if (rivals.length > 0) return no('NODE_HAS_RIVALS', { rivals });
  if (here) return undefined;
  if (cordoned) return no('NODE_CORDONED');
  if (facts.freeMemoryMb < (needs.memoryMb ?? 0)) return no('NODE_LACKS_MEMORY', { has: facts.freeMemoryMb });
  if (facts.cores < (needs.cores ?? 0)) return no('NODE_LACKS_CORES', { has: facts.cores });
  if (facts.freeGpus < (needs.gpus ?? 0)) return no('NODE_LACKS_GPUS', { has: facts.freeGpus });
  if (starving) return no('NODE_STARVING', { starvingMs });
  return undefined;
}

function scoreOf({ unit, needs }: UnitSpec, facts: NodeFacts, near: readonly string[]): number {
  const { memoryMb, freeMemoryMb, cores, load, loopDelayMs, overcommit, ioHeat, starvingMs } = facts;
  const closeness = near.map((node) =>
    node === facts.name ? 1 : 1 - share(facts.latencyMs[node] ?? FAR_MS, FAR_MS),
  );
  const score =
    POINTS.memory * share(freeMemoryMb - (needs.memoryMb ?? 0), memoryMb) +
    POINTS.idle * (1 - share(load, cores)) +
    POINTS.prompt * (1 - share(loopDelayMs, LATE_MS)) +
    POINTS.near *
      (closeness.length === 0 ? 1 : closeness.reduce((sum, one) => sum + one, 0) / closeness.length) +
    (facts.warm.includes(unit) ? POINTS.warm : 0) +
    (facts.units.some((hosted) => hosted.unit === unit) ? POINTS.stay : 0) -
    COMPANY * companyOf({ unit }, facts) -
    // A node that hungers, has too much in line or waits for its disk asks to be spared, without a word from anybody.
    20 * share(starvingMs, STARVING_MS) -
    10 * Math.min(3, Math.max(0, overcommit - 1)) -
    15 * ioHeat;
  return Math.round(score * 1_000) / 1_000;
}

/** How much a unit is to its node: a group weighs as much as those in it, one that wants cores as much as they are. */
export const weightOf = ({ actors, needs }: Pick<UnitSpec, 'actors' | 'needs'>): number =>
  Math.max(1, actors.length, needs.cores ?? 0);

/** Weight of what else is on the node, or on its way up there. */
export const companyOf = ({ unit }: Pick<UnitSpec, 'unit'>, { units }: Pick<NodeFacts, 'units'>): number =>
  units.reduce(
    (sum, one) => sum + (one.unit === unit || one.phase === 'stopping' ? 0 : (one.weight ?? 1)),
    0,
  );

/**
 * Offers as they are worth now. Auctions overlap: a node bids for the second unit before it has heard that the first is its.
 * @param promised weight of the other units that a node has, or was just given
 */
export const withPromises = <B extends Bid & { readonly node: string }>(
  bids: readonly B[],
  promised: (node: string) => number,
): readonly B[] =>
  bids.map((one) => ({ ...one, score: one.score - COMPANY * Math.max(0, promised(one.node) - one.company) }));

/** The best of those that bid; of equals the first by name. */
export function choose(bids: readonly Scored[]): string | undefined {
  let best: Scored | undefined;
  for (const one of bids) {
    const better = best === undefined || one.score > best.score;
    if (better || (one.score === best?.score && one.node < best.node)) best = one;
  }
  return best?.node;
}
