/** Tamiyo decides if, when, where and what to grow. Pure: memory and packet in, decisions and memory out. */
import {
  type AdaptationDecision,
  type Candidate,
  type CatalogueEntry,
  type GrowthConfig,
  type RandomState,
  resumeStream,
  type SystemStatePacket,
  type TransitionRecord,
} from '../../contracts/index.ts';
import type { CandidateDraw, CandidateScore } from '../../nn/index.ts';
import { drawCandidates, type Fits, liveSeeds, weigh, winners } from './choose.ts';
import { close, judge } from './judge.ts';
import { freshMemory, type TamiyoMemory } from './memory.ts';
import { readPlateau } from './plateau.ts';

const HISTORY_MAX = 256;

export interface Thought {
  readonly memory: TamiyoMemory;
  readonly decisions: readonly AdaptationDecision[];
}

/** Is now a moment to plant, and what called for it? A trigger is a plug-in; what to plant is another (`choose.ts`). */
export interface Trigger {
  readonly name: string;
  readonly reason: string;
  readonly confidence: number;
}

export function newMemory(random: RandomState): TamiyoMemory {
  return freshMemory(random);
}

/** What the boundary should score before it asks for a decision. Same inputs, same draws: nothing random here. */
export function candidates(
  memory: TamiyoMemory,
  packet: SystemStatePacket,
  catalogue: readonly CatalogueEntry[],
  growth: GrowthConfig,
  fits: Fits = () => true,
): readonly CandidateDraw[] {
  const seen = observe(memory, packet);
  return trigger(seen, packet, growth) === null ? [] : drawCandidates(packet, catalogue, growth, seen, fits);
}

/** One boundary's decisions: first for the living, then for new life. */
export function decide(
  memory: TamiyoMemory,
  packet: SystemStatePacket,
  growth: GrowthConfig,
  draws: readonly CandidateDraw[],
  scores: readonly CandidateScore[],
): Thought {
  const seen = observe(memory, packet);
  const forTheLiving = judgeAll(packet, growth);
  const called = trigger(seen, packet, growth);
  const forNewLife =
    called && draws.length > 0
      ? germinations(called, packet, growth, weigh(draws, scores, packet, growth, seen))
      : [];
  const decisions = [...forTheLiving, ...forNewLife].map((decision, i) => ({
    ...decision,
    decisionId: `d${seen.decisions + i + 1}`,
  }));
  return { memory: remember(seen, packet, growth, decisions), decisions };
}

/** What happened to the seeds: penalties for the culled, diversity for the fossils. */
export function learn(
  memory: TamiyoMemory,
  transitions: readonly TransitionRecord[],
  familyOf: (blueprintId: string) => string,
): TamiyoMemory {
  let { penalties, fossils } = memory;
  for (const { to, blueprintId } of transitions) {
    if (to === 'CULLED') penalties = { ...penalties, [blueprintId]: (penalties[blueprintId] ?? 0) + 2 };
    if (to === 'FOSSILIZED')
      fossils = { ...fossils, [familyOf(blueprintId)]: (fossils[familyOf(blueprintId)] ?? 0) + 1 };
  }
  return { ...memory, penalties, fossils };
}

export function quarantine(memory: TamiyoMemory, blueprintIds: readonly string[]): TamiyoMemory {
  return { ...memory, quarantined: [...new Set([...memory.quarantined, ...blueprintIds])] };
}

/** Takes a new loss into the history; probe boundaries teach nothing about progress. */
function observe(memory: TamiyoMemory, packet: SystemStatePacket): TamiyoMemory {
  if (!packet.regular || packet.validationLoss === null) return memory;
  const losses = [...memory.losses, packet.validationLoss].slice(-HISTORY_MAX);
  const { stabilised } = readPlateau(losses, { window: 1, gainPercent: 0 });
  return { ...memory, losses, stabilised: memory.stabilised || stabilised };
}

function trigger(memory: TamiyoMemory, packet: SystemStatePacket, growth: GrowthConfig): Trigger | null {
  const { tempo } = growth;
  if (!growth.enabled || !packet.regular || (packet.trainingMetrics.goalReached ?? 0) === 1) return null;
  if (packet.tick < tempo.earliest || packet.epoch >= tempo.latest * packet.totalEpochs) return null;
  if (packet.ticksLeft < lifetime(growth)) return null;
  if (memory.lastGermination !== null && packet.tick - memory.lastGermination < tempo.spacing) return null;
  switch (growth.policy) {
    case 'schedule':
      return { name: 'scheduled', reason: `growth is due every ${times(tempo.spacing)}`, confidence: 1 };
    case 'random': {
      const draw = resumeStream(memory.random).next();
      return draw < 1 / Math.max(1, tempo.spacing)
        ? { name: 'random', reason: 'the dice said so', confidence: draw }
        : null;
    }
    case 'heuristic':
      return plateauTrigger(memory, growth);
  }
}

function plateauTrigger(memory: TamiyoMemory, growth: GrowthConfig): Trigger | null {
  const { plateauWindow, plateauGain } = growth.tempo;
  const reading = readPlateau(memory.losses, { window: plateauWindow, gainPercent: plateauGain });
  if (!memory.stabilised || !reading.plateau || reading.gainPercent === null) return null;
  return {
    name: 'plateau',
    reason: `the validation loss ${moved(reading.gainPercent)} in ${times(plateauWindow)}, a plateau below ${plateauGain} %`,
    confidence: Math.min(1, Math.max(0, 1 - reading.gainPercent / Math.max(plateauGain, 1e-9))),
  };
}

/** Boundaries a seed needs from germination to fossil: one planted later could only be cut off. */
export const lifetime = ({ tempo }: GrowthConfig) => 3 + tempo.training + tempo.blending + tempo.probation;

type Draft = Omit<AdaptationDecision, 'decisionId'>;

function judgeAll(packet: SystemStatePacket, growth: GrowthConfig): readonly Draft[] {
  const seeds = packet.regular
    ? liveSeeds(packet)
    : packet.seeds.filter(({ stage }) => stage === 'SHADOWING');
  return seeds.flatMap((seed) => {
    const verdict =
      packet.regular && packet.ticksLeft === 0
        ? close(seed, growth, packet.hostParameters)
        : judge(seed, growth, packet.hostParameters, packet.ticksLeft);
    if (!verdict) return [];
    return [
      {
        ...verdict,
        seedId: seed.seedId,
        slotId: seed.slotId,
        expectedImpact: seed.contribution,
        chosen: null,
        candidates: [],
        inputs: {
          contribution: seed.contribution,
          gradientRatio: seed.gradientRatio,
          seedLoss: seed.seedLoss,
          hostLoss: seed.hostLoss,
          improvementSinceBirth: seed.improvementSinceBirth,
          alpha: seed.alpha,
          dwell: seed.dwell,
        },
      },
    ];
  });
}

function germinations(
  called: Trigger,
  packet: SystemStatePacket,
  growth: GrowthConfig,
  weighed: readonly Candidate[],
): readonly Draft[] {
  return winners(weighed, packet, growth).map((chosen) => {
    const rivals = weighed.filter(({ slotId }) => slotId === chosen.slotId);
    const seedId = packet.slots.find(({ slotId }) => slotId === chosen.slotId)?.vacant[0] ?? null;
    return {
      type: 'GERMINATE' as const,
      seedId,
      slotId: chosen.slotId,
      trigger: called.name,
      reason: `${called.reason}; ${chosen.blueprintId} scored best of ${rivals.length} in ${chosen.slotId}`,
      confidence: called.confidence,
      expectedImpact: null,
      chosen,
      candidates: [...rivals],
      cullReason: null,
      inputs: {
        validationLoss: packet.validationLoss,
        trainingLoss: packet.trainingLoss,
        epoch: packet.epoch,
      },
    };
  });
}

/** Penalties fade at each regular boundary; the dice move on whenever they were looked at. */
function remember(
  memory: TamiyoMemory,
  packet: SystemStatePacket,
  growth: GrowthConfig,
  decisions: readonly AdaptationDecision[],
): TamiyoMemory {
  if (!packet.regular) return { ...memory, decisions: memory.decisions + decisions.length };
  const stream = resumeStream(memory.random);
  if (growth.policy === 'random') stream.next();
  const penalties = Object.fromEntries(
    Object.entries(memory.penalties)
      .map(([id, penalty]) => [id, penalty / 2] as const)
      .filter(([, penalty]) => penalty > 0.01),
  );
  const germinated = decisions.some(({ type }) => type === 'GERMINATE');
  return {
    ...memory,
    penalties,
    decisions: memory.decisions + decisions.length,
    lastGermination: germinated ? packet.tick : memory.lastGermination,
    random: stream.save(),
  };
}

const times = (n: number) => (n === 1 ? 'one boundary' : `${n} boundaries`);
const moved = (gain: number) => (gain < 0 ? `rose ${(-gain).toFixed(2)} %` : `fell ${gain.toFixed(2)} %`);
