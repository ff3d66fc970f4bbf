/** What a node bids for a unit, and who wins: pure, so that two who know the same decide the same. */
import type { Refusal } from '../../contracts/failure.ts';
import type { NodeFacts, UnitSpec } from '../../contracts/placement.ts';

export interface Bid {
  /** Higher is better; points, with 100 about what an idle node that fits well gets. */
  readonly score: number;
}

/** Points at most for each thing that counts. */
const POINTS = { memory: 30, idle: 30, near: 20, prompt: 20, warm: 25, stay: 15 } as const;
/** Points that each unit on the node costs: work is spread. */
const COMPANY = 4;
/** Milliseconds. Tasks that wait as long as that are not to get more company. */
const STARVING_MS = 5_000;
/** Milliseconds from which on a loop counts as late, and another node as far. */
const [LATE_MS, FAR_MS] = [100, 50];

const share = (part: number, whole: number): number =>
  whole <= 0 ? 1 : Math.min(1, Math.max(0, part / whole));

/**
 * @param near nodes where the units it wants to be near are now
 * @returns a score, or why the node cannot have the unit
 */
export function bid(spec: UnitSpec, facts: NodeFacts, near: readonly string[] = []): Bid | Refusal {
  return refusalOf(spec, facts) ?? { score: scoreOf(spec, facts, near) };
}

function refusalOf({ unit, labels, pin, apart, needs }: UnitSpec, facts: NodeFacts): Refusal | undefined {
  const { name, cordoned, able, starvingMs } = facts;
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
  if (starvingMs >= STARVING_MS) return no('NODE_STARVING', { starvingMs });
  return undefined;
}

function scoreOf({ unit, needs }: UnitSpec, facts: NodeFacts, near: readonly string[]): number {
  const { memoryMb, freeMemoryMb, cores, load, loopDelayMs, overcommit, ioHeat, starvingMs } = facts;
  const closeness = near.map((node) =>
    node === facts.name ? 1 : 1 - share(facts.latencyMs[node] ?? FAR_MS, FAR_MS),
  );
  const others = facts.units.filter((hosted) => hosted.unit !== unit);
  const score =
    POINTS.memory * share(freeMemoryMb - (needs.memoryMb ?? 0), memoryMb) +
    POINTS.idle * (1 - share(load, cores)) +
    POINTS.prompt * (1 - share(loopDelayMs, LATE_MS)) +
    POINTS.near *
      (closeness.length === 0 ? 1 : closeness.reduce((sum, one) => sum + one, 0) / closeness.length) +
    (facts.warm.includes(unit) ? POINTS.warm : 0) +
    (others.length < facts.units.length ? POINTS.stay : 0) -
    COMPANY * others.length -
    // A node that hungers, has too much in line or waits for its disk asks to be spared, without a word from anybody.
    20 * share(starvingMs, STARVING_MS) -
    10 * Math.min(3, Math.max(0, overcommit - 1)) -
    15 * ioHeat;
  return Math.round(score * 1_000) / 1_000;
}

/** The best of those that bid; of equals the first by name. */
export function choose(bids: readonly (Bid & { readonly node: string })[]): string | undefined {
  let best: (Bid & { readonly node: string }) | undefined;
  for (const one of bids) {
    const better = best === undefined || one.score > best.score;
    if (better || (one.score === best?.score && one.node < best.node)) best = one;
  }
  return best?.node;
}
