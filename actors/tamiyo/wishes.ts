/** What a person wants grown or taken out, judged by the rules that Tamiyo's own ideas obey. Pure. */
import type {
  AdaptationDecision,
  Candidate,
  CatalogueEntry,
  CommandRefusal,
  GrowthConfig,
  SlotState,
  SystemStatePacket,
} from '../../contracts/index.ts';
import type { CandidateDraw, CandidateScore } from '../../nn/index.ts';
import type { Granted, Wish, WishAnswer } from '../triad.ts';
import { lifetime } from './behaviour.ts';
import { drawCandidates, type Fits, isAllowed, liveSeeds, weigh, winners } from './choose.ts';
import type { TamiyoMemory } from './memory.ts';

export interface Ground {
  readonly packet: SystemStatePacket;
  readonly memory: TamiyoMemory;
  readonly catalogue: readonly CatalogueEntry[];
  readonly growth: GrowthConfig;
  readonly fits: Fits;
}

/** Names the trigger of every decision that a person commanded. */
const COMMANDED = 'commanded';
const HINT_NAMES = 6;

/** What the boundary should score for these wishes; a wish that a guard refuses brings none. */
export const wishedDraws = (ground: Ground, wishes: readonly Wish[]): readonly CandidateDraw[] =>
  wishes.flatMap((wish) => {
    const draws = wish.command.do === 'germinate' ? drawsFor(ground, wish.command) : [];
    return 'code' in draws ? [] : draws;
  });

/**
 * One decision for each wish that no guard refuses, and the packet as it looks to Tamiyo after them.
 * @param scores of what `wishedDraws` gave; at most one of the wishes is to germinate
 */
export function grant(
  ground: Ground,
  wishes: readonly Wish[],
  scored: { readonly draws: readonly CandidateDraw[]; readonly scores: readonly CandidateScore[] },
): Granted & { readonly memory: TamiyoMemory } {
  let { packet, memory } = ground;
  const decisions: AdaptationDecision[] = [];
  const answers: WishAnswer[] = [];
  for (const wish of wishes) {
    const here = { ...ground, packet, memory };
    const draft = wish.command.do === 'cull' ? cull(here, wish) : germinate(here, wish, scored);
    if ('code' in draft) {
      answers.push({ number: wish.number, decisionId: null, refused: draft });
      continue;
    }
    const decision = { ...draft, decisionId: `d${memory.decisions + 1}` };
    const lastGermination = decision.type === 'GERMINATE' ? packet.tick : memory.lastGermination;
    memory = { ...memory, decisions: memory.decisions + 1, lastGermination };
    packet = packetAfter(packet, decision);
    decisions.push(decision);
    answers.push({ number: wish.number, decisionId: decision.decisionId, refused: null });
  }
  return { packet, decisions, answers, memory };
}

type Draft = Omit<AdaptationDecision, 'decisionId'>;

function cull({ packet }: Ground, { command, by }: Wish): Draft | CommandRefusal {
  const { seedId } = command as Extract<Wish['command'], { do: 'cull' }>;
  const seed = liveSeeds(packet).find((one) => one.seedId === seedId);
  if (seed === undefined) {
    const growing = names(liveSeeds(packet).map((one) => one.seedId));
    return refuse('TAMIYO_SEED_NOT_GROWING', `no seed ${seedId} is growing`, `growing now: ${growing}`);
  }
  return {
    ...blank,
    type: 'CULL',
    seedId,
    slotId: seed.slotId,
    reason: told(by, `${seedId} is taken out`),
    expectedImpact: seed.contribution,
    cullReason: 'cancelled',
    inputs: { contribution: seed.contribution, alpha: seed.alpha, dwell: seed.dwell },
  };
}

function germinate(
  ground: Ground,
  { command, by }: Wish,
  { draws, scores }: { readonly draws: readonly CandidateDraw[]; readonly scores: readonly CandidateScore[] },
): Draft | CommandRefusal {
  const wanted = command as Extract<Wish['command'], { do: 'germinate' }>;
  const possible = drawsFor(ground, wanted);
  if ('code' in possible) return possible;
  const { packet, growth, memory } = ground;
  const weighed = weigh(draws, scores, packet, growth, memory);
  const chosen = winners(weighed, packet, growth)[0];
  if (chosen === undefined)
    return refuse(
      'TAMIYO_NO_ROOM',
      `what would grow in ${wanted.slotId} is more than growth.maxParameters leaves`,
      'name a smaller blueprint, or cull something',
    );
  return {
    ...blank,
    type: 'GERMINATE',
    seedId: possible[0]?.seedId ?? null,
    slotId: wanted.slotId,
    reason: told(by, sentence(chosen, weighed.length)),
    chosen,
    candidates: [...weighed],
    inputs: { validationLoss: packet.validationLoss, trainingLoss: packet.trainingLoss, epoch: packet.epoch },
  };
}

const sentence = ({ blueprintId, slotId }: Candidate, rivals: number) =>
  `${blueprintId} scored best of ${rivals} in ${slotId}`;

/** Never empty: at least one draw, or why there can be none. */
function drawsFor(
  ground: Ground,
  { slotId, blueprintId }: Extract<Wish['command'], { do: 'germinate' }>,
): readonly CandidateDraw[] | CommandRefusal {
  const { packet, growth, catalogue, memory, fits } = ground;
  const slot = packet.slots.find((one) => one.slotId === slotId);
  if (slot === undefined) {
    const known = names(packet.slots.map((one) => one.slotId));
    return refuse('TAMIYO_SLOT_UNKNOWN', `the network has no slot ${slotId}`, `slots: ${known}`);
  }
  const closed = closedNow(slot, packet, growth);
  if (closed !== null) return closed;
  const there = { ...packet, slots: [slot] };
  if (blueprintId === null) {
    const draws = drawCandidates(there, catalogue, growth, memory, fits);
    return draws.length > 0 ? draws : unfit(`nothing of this run's catalogue may grow in ${slotId} now`);
  }
  const entry = catalogue.find(({ kernel }) => kernel.blueprint.id === blueprintId);
  if (entry === undefined) {
    const known = names(catalogue.map(({ kernel }) => kernel.blueprint.id));
    return refuse('TAMIYO_BLUEPRINT_UNKNOWN', `this run has no blueprint ${blueprintId}`, `it has: ${known}`);
  }
  // Whoever names a blueprint knows that it failed here; what is quarantined stays so.
  const patient = { ...memory, penalties: {} };
  if (!isAllowed(entry, slot, growth, patient))
    return memory.quarantined.includes(blueprintId)
      ? refuse('TAMIYO_BLUEPRINT_BARRED', `${blueprintId} is quarantined in this run`, 'name another one')
      : unfit(`the rules of this run do not let ${blueprintId} grow in ${slotId}`);
  const draws = drawCandidates(there, [entry], growth, patient, fits);
  return draws.length > 0 ? draws : unfit(`${blueprintId} cannot grow in ${slotId}`);
}

/** Why nothing at all may be planted there at this boundary; null when something may. */
function closedNow(slot: SlotState, packet: SystemStatePacket, growth: GrowthConfig): CommandRefusal | null {
  if ((packet.trainingMetrics.goalReached ?? 0) === 1)
    return refuse('TAMIYO_TOO_LATE', 'the goal of the run is reached: it only waits for its seeds', LATE);
  if (packet.ticksLeft < lifetime(growth))
    return refuse(
      'TAMIYO_TOO_LATE',
      `${packet.ticksLeft} boundaries are left, and a seed needs ${lifetime(growth)}`,
      LATE,
    );
  if (liveSeeds(packet).length >= growth.maxLiveSeeds)
    return refuse(
      'TAMIYO_NO_ROOM',
      `${growth.maxLiveSeeds} seeds are growing, and growth.maxLiveSeeds allows no more`,
      'esper admin seeds cull, or config set run.growth.maxLiveSeeds',
    );
  const { slotId, embargo, vacant, room } = slot;
  if (embargo > 0) return taken(`${slotId} rests for ${embargo} more boundaries after a cull`);
  if (vacant.length === 0) return taken(`every place in ${slotId} is taken`);
  return room === 0 ? taken(`the layer of ${slotId} is as wide as it is to be`) : null;
}

const LATE = 'start a run with more epochs';
const taken = (message: string) => refuse('TAMIYO_SLOT_TAKEN', message, 'esper admin seeds ls');
const unfit = (message: string) => refuse('TAMIYO_BLUEPRINT_UNFIT', message, 'name another one, or none');

/** Tamiyo sees what was granted as if it were so already: it plants no more than there is room for, and judges no seed twice. */
function packetAfter(packet: SystemStatePacket, decision: AdaptationDecision): SystemStatePacket {
  const { seedId, slotId, type, chosen } = decision;
  const stage = type === 'CULL' ? ('CULLED' as const) : ('GERMINATED' as const);
  const parameters = chosen?.parameters ?? 0;
  return {
    ...packet,
    liveParameters: packet.liveParameters + parameters,
    seeds: packet.seeds.map((seed) =>
      seed.seedId === seedId ? { ...seed, stage, dwell: 0, age: 0, refusals: 0 } : seed,
    ),
    slots: packet.slots.map((slot) =>
      slot.slotId === slotId ? { ...slot, vacant: slot.vacant.filter((one) => one !== seedId) } : slot,
    ),
  };
}

const blank = {
  trigger: COMMANDED,
  confidence: 1,
  expectedImpact: null,
  chosen: null,
  candidates: [],
  cullReason: null,
};

const told = ({ who, role, reason }: Wish['by'], what: string) =>
  `commanded by ${who} (${role})${reason === '' ? '' : `, "${reason}"`}: ${what}`;

const names = (all: readonly string[]) =>
  all.length === 0
    ? 'none'
    : `${all.slice(0, HINT_NAMES).join(', ')}${all.length > HINT_NAMES ? ' ...' : ''}`;

const refuse = (code: string, message: string, hint: string): CommandRefusal => ({ code, message, hint });
