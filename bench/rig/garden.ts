/** Fills a triad with living seeds, the way Tamiyo would: by decisions that Kasmina carries out. */
import type { Acted, Gathered, Moment } from '../../actors/triad.ts';
import { type AdaptationDecision, EsperError, type SeedStage } from '../../contracts/index.ts';
import type { TriadRig } from './triad.ts';

/** @param tick regular boundaries so far */
export const momentAt = (tick: number): Moment => ({
  boundary: tick,
  tick,
  regular: true,
  epoch: tick,
  step: tick,
});

/**
 * Germinates a seed in every dormant place, at tick 1.
 * @throws BENCH_GARDEN_POOR when fewer than `count` came up
 */
export function germinate(rig: TriadRig, count: number): void {
  const dormant = seedsOf(rig, 'DORMANT').slice(0, count);
  const [entry] = rig.work.catalogue;
  if (entry === undefined) throw new EsperError('BENCH_GARDEN_POOR', 'nothing to plant');
  const { kernelId, blueprint, referenceParameters: parameters } = entry.kernel;
  const decisions = dormant.map(({ seedId, slotId }, draw): AdaptationDecision => {
    const chosen = { slotId, blueprintId: blueprint.id, kernelId, draw, score: 1, parameters, value: 1 };
    return { ...decision('GERMINATE', seedId, slotId), chosen };
  });
  moved(rig.kasmina<Acted>({ type: 'kasmina.act', moment: momentAt(1), decisions }), count);
}

/** Lets all germinated seeds train on their own, at tick 2. */
export function letTrain(rig: TriadRig, count: number): void {
  const decisions = seedsOf(rig, 'GERMINATED').map(({ seedId, slotId }) =>
    decision('ADVANCE', seedId, slotId),
  );
  moved(rig.kasmina<Acted>({ type: 'kasmina.act', moment: momentAt(2), decisions }), count);
}

/** A real optimiser step on all rows; Kasmina hears its report. */
export async function trainStep({ work, rows, kasmina }: TriadRig): Promise<void> {
  const all = Uint32Array.from({ length: rows.count }, (_, row) => row);
  const inputs = new Float32Array(rows.count * rows.inputs);
  const targets = new Float32Array(rows.count * rows.outputs);
  rows.fillInputs(all, inputs);
  rows.fillTargets(all, targets);
  const rates = Object.fromEntries(
    ['host', ...work.network.seeds().map(({ seedId }) => seedId)].map((group) => [group, 1e-3]),
  );
  const report = await work.plan.step(inputs, targets, rows.count, rates);
  kasmina({ type: 'kasmina.after_step', step: 0, report });
}

const seedsOf = (rig: TriadRig, stage: SeedStage) =>
  rig
    .kasmina<Gathered>({
      type: 'kasmina.gather',
      moment: momentAt(1),
      measured: { validationLoss: 1, trials: [] },
    })
    .seeds.filter((seed) => seed.stage === stage);

function moved({ transitions }: Acted, count: number): void {
  const now = transitions.filter(({ to }) => to !== 'DORMANT').length;
  if (now !== count)
    throw new EsperError('BENCH_GARDEN_POOR', `${now} seeds of ${count} moved`, { now, count });
}

const decision = (type: AdaptationDecision['type'], seedId: string, slotId: string): AdaptationDecision => ({
  decisionId: `bench-${seedId}`,
  type,
  seedId,
  slotId,
  trigger: 'scheduled',
  reason: 'the benchmark said so',
  confidence: 1,
  expectedImpact: null,
  chosen: null,
  candidates: [],
  cullReason: null,
  inputs: {},
});
