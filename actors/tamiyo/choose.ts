/** Chooses what could be planted where: which candidates are worth scoring, and which of the scored ones wins. Pure. */
import type {
  Candidate,
  CatalogueEntry,
  GrowthConfig,
  Kernel,
  SlotState,
  SystemStatePacket,
} from '../../contracts/index.ts';
import { widenedUnits } from '../../contracts/index.ts';
import type { CandidateDraw, CandidateScore } from '../../nn/index.ts';
import { rent } from './judge.ts';
import type { TamiyoMemory } from './memory.ts';

/** Could a kernel grow in a slot? An image, a sequence and a list of numbers take different plans. */
export type Fits = (slotId: string, kernel: Kernel) => boolean;

/** A blueprint whose penalty has reached this is left alone until it fades. */
const PENALTY_LIMIT = 3;
/** Share of the best score that one penalty point or one surplus fossil of a family costs. */
const PENALTY_SHARE = 0.1;

/** Seeds in a stage of life that takes a place and attention. */
const GROWING = new Set(['GERMINATED', 'TRAINING', 'BLENDING', 'SHADOWING', 'PROBATIONARY']);

export const liveSeeds = (packet: SystemStatePacket) =>
  packet.seeds.filter((seed) => GROWING.has(seed.stage));

/**
 * Draws to score at this boundary: for each slot with a vacancy, its fitting kernels in turn until the pool is full.
 * Empty when nothing may be planted.
 */
export function drawCandidates(
  packet: SystemStatePacket,
  catalogue: readonly CatalogueEntry[],
  growth: GrowthConfig,
  memory: TamiyoMemory,
  fits: Fits,
): readonly CandidateDraw[] {
  if (liveSeeds(packet).length >= growth.maxLiveSeeds) return [];
  return packet.slots.flatMap((slot) => {
    const seedId = slot.vacant[0];
    if (seedId === undefined || slot.embargo > 0 || slot.room === 0) return [];
    const kernels = largestFirst(
      catalogue.filter((entry) => isAllowed(entry, slot, growth, memory) && fits(slot.slotId, entry.kernel)),
      slot,
    );
    if (kernels.length === 0) return [];
    return Array.from({ length: growth.candidatePool }, (_, draw) => ({
      slotId: slot.slotId,
      seedId,
      draw,
      kernel: (kernels[draw % kernels.length] as CatalogueEntry).kernel,
    }));
  });
}

/** May a blueprint be drawn for a slot at all, by certificate, family, quarantine, penalty and width? */
export function isAllowed(
  entry: CatalogueEntry,
  slot: SlotState,
  growth: GrowthConfig,
  memory: TamiyoMemory,
): boolean {
  const { blueprint } = entry.kernel;
  return (
    entry.certificate.verdict === 'VALIDATED' &&
    blueprint.spans.some((span) => span === slot.span) &&
    (growth.families.length === 0 || growth.families.includes(blueprint.family)) &&
    !memory.quarantined.includes(blueprint.id) &&
    (memory.penalties[blueprint.id] ?? 0) < PENALTY_LIMIT &&
    (slot.room === null || unitsOf(entry) <= slot.room)
  );
}

const unitsOf = ({ kernel }: CatalogueEntry): number => widenedUnits(kernel.blueprint);

/**
 * With a target width in sight, only one size of widening is worth a place in the pool: half of the way there, or all of
 * it when that adds no more than half of what the layer has. Few grafts, so that most epochs run at full size.
 */
function largestFirst(
  entries: readonly CatalogueEntry[],
  { room, width }: SlotState,
): readonly CatalogueEntry[] {
  const widening = entries.filter((entry) => entry.kernel.blueprint.family === 'widen');
  if (room === null || widening.length === 0) return entries;
  const wanted = room <= (width ?? 0) / 2 ? room : Math.ceil(room / 2);
  const fitting = widening.filter((entry) => unitsOf(entry) <= wanted);
  const size = Math.max(...(fitting.length > 0 ? fitting : widening).map(unitsOf));
  return [
    ...widening.filter((entry) => unitsOf(entry) === size),
    ...entries.filter((entry) => !widening.includes(entry)),
  ];
}

/** Puts a price on each scored draw: the score as a share of the slot's best, less rent, penalty and monoculture. */
export function weigh(
  draws: readonly CandidateDraw[],
  scores: readonly CandidateScore[],
  packet: SystemStatePacket,
  growth: GrowthConfig,
  memory: TamiyoMemory,
): readonly Candidate[] {
  const best = Math.max(...scores.map(({ score }) => score), Number.MIN_VALUE);
  const fossils = Object.values(memory.fossils).reduce((sum, n) => sum + n, 0);
  return draws.map((draw, i) => {
    const { score, parameters } = scores[i] as CandidateScore;
    const { family, id } = draw.kernel.blueprint;
    const surplus =
      fossils === 0 || growth.families.length === 1 ? 0 : (memory.fossils[family] ?? 0) / fossils;
    const value =
      score / best -
      rent(parameters, packet.hostParameters, growth.parameterRent) * PENALTY_SHARE -
      (memory.penalties[id] ?? 0) * PENALTY_SHARE -
      surplus * PENALTY_SHARE;
    return {
      slotId: draw.slotId,
      blueprintId: id,
      kernelId: draw.kernel.kernelId,
      draw: draw.draw,
      score,
      parameters,
      value,
    };
  });
}

/** The best candidate of each slot, best slot first, that the parameter budget still allows. */
export function winners(
  candidates: readonly Candidate[],
  packet: SystemStatePacket,
  growth: GrowthConfig,
): readonly Candidate[] {
  const bySlot = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const leader = bySlot.get(candidate.slotId);
    if (!leader || candidate.value > leader.value) bySlot.set(candidate.slotId, candidate);
  }
  let places = growth.maxLiveSeeds - liveSeeds(packet).length;
  let budget = growth.maxParameters === null ? Number.POSITIVE_INFINITY : growth.maxParameters;
  budget -= packet.hostParameters + packet.liveParameters;
  const chosen: Candidate[] = [];
  for (const candidate of [...bySlot.values()].sort((a, b) => b.value - a.value)) {
    if (places <= 0 || candidate.parameters > budget) continue;
    chosen.push(candidate);
    places -= 1;
    budget -= candidate.parameters;
  }
  return chosen;
}
