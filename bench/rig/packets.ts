/** The state packet that budgets speak of: 12 layers with 4 seeds each. */
import { SEED_STAGES, type SeedState, SystemStatePacket } from '../../contracts/index.ts';

const LAYERS = 12;
const SEEDS = 4;

export function packetOf48(): SystemStatePacket {
  const layers = Array.from({ length: LAYERS }, (_, layer) => layer);
  return SystemStatePacket.of({
    runId: 'bench-1',
    boundary: 120,
    tick: 118,
    regular: true,
    epoch: 60,
    step: 6_000,
    totalEpochs: 300,
    ticksLeft: 482,
    trainingLoss: 0.51234,
    validationLoss: 0.61234,
    validationAccuracy: 0.87,
    hostParameters: 84_000,
    liveParameters: 4_800,
    seeds: layers.flatMap((layer) => Array.from({ length: SEEDS }, (_, place) => seedOf(layer, place))),
    slots: layers.map((layer) => ({
      slotId: `h${layer + 1}/layer`,
      span: 'layer',
      vacant: [`s${layer * SEEDS + 1}`],
      embargo: 0,
      room: 12,
      width: 24,
    })),
    trainingMetrics: { goalReached: 0 },
  });
}

function seedOf(layer: number, place: number): SeedState {
  return {
    seedId: `s${layer * SEEDS + place + 1}`,
    slotId: `h${layer + 1}/layer`,
    // dormant, then three of the growing stages
    stage: SEED_STAGES[place + 1] ?? 'UNKNOWN',
    blueprintId: place === 0 ? 'none' : `widen-${2 ** place}-tanh`,
    alpha: place / (SEEDS - 1),
    dwell: place + 3,
    age: layer + 5,
    gradientNorm: 0.1234567 + layer / 7,
    gradientRatio: 0.77 * place,
    seedLoss: 0.3 / (layer + 1),
    hostLoss: 0.31 / (layer + 1),
    contribution: place === 0 ? null : 0.2 * place,
    improvementSinceBirth: 1.11 * place,
    parameters: 100 + layer,
    units: 2 ** place,
    refusals: 0,
    failures: 0,
  };
}
