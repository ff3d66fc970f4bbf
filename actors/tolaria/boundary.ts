/** The epoch boundary: see, decide, act, remember - in this order, and the middle without a single wait. */
import {
  type AdaptationDecision,
  BoundaryCommitted,
  EsperError,
  FaultContained,
  type FieldReport,
  type RunCommanded,
  type SeedState,
  SystemStatePacket,
  type TransitionRecord,
} from '../../contracts/index.ts';
import type { CandidateDraw, Evaluation } from '../../nn/index.ts';
import type { Acted, Gathered, Measurements, Moment, SeedTrial, TrialOrder } from '../triad.ts';
import { type Here, obey } from './commanded.ts';
import type { TolariaArgs } from './deps.ts';
import { boundaryDigest } from './digest.ts';
import { type Alarm, watch } from './governor.ts';
import { pauseAt } from './pause.ts';
import type { Scars } from './run-state.ts';

/** Rows that candidates are scored on: the first of the training set, one pass. */
export const SCORE_ROWS = 1024;
/**
 * Ticks that Tamiyo is left in peace after its second crash, and how much longer after each further one: so much that
 * its supervisor's patience, which is for crashes of all three, is not used up by one that always fails.
 */
const TAMIYO_REST_TICKS = 10;
const TAMIYO_REST_GROWTH = 8;

export interface BoundaryContext extends Here {
  readonly scars: Scars;
}

export interface BoundaryOutcome {
  readonly moment: Moment;
  readonly seeds: readonly SeedState[];
  readonly decisions: readonly AdaptationDecision[];
  readonly transitions: readonly TransitionRecord[];
  readonly hookMs: number;
  /** Tamiyo was asked; false where adaptation paused. */
  readonly asked: boolean;
  /** What people commanded and what came of it. */
  readonly commanded: readonly RunCommanded[];
}

/** Step 1: metrics, and whether the governor lets training go on. A probe boundary measures nothing but the shadow. */
export async function assess(cx: BoundaryContext, moment: Moment): Promise<Alarm | null> {
  const { args, state } = cx;
  if (!moment.regular) return null;
  const { config } = args.work;
  const seen: Evaluation = await args.work.plan.evaluate(args.validation);
  state.trainingLoss = state.lossCount > 0 ? state.lossSum / state.lossCount : seen.loss;
  state.lossSum = 0;
  state.lossCount = 0;
  state.validationLoss = seen.loss;
  state.validationAccuracy = seen.accuracy;
  state.validationMargin = seen.margin;
  state.goalReached = reached(config.training.goal, seen);
  if (!Number.isFinite(seen.loss)) return { kind: 'divergence', reason: 'the validation loss is not finite' };
  const classes =
    args.train.kind === 'classes' && config.host.loss === 'softmax_cross_entropy' ? args.train.outputs : null;
  const verdict = watch(state.governor, state.trainingLoss, classes);
  state.governor = verdict.state;
  return verdict.alarm;
}

/** Step 2: what each seed is worth, by passes with and without it. Outside the hook's budget, inside the compute budget. */
export async function measure(cx: BoundaryContext, moment: Moment): Promise<Measurements> {
  const { args, state, neighbours } = cx;
  const orders = neighbours.kasmina<readonly TrialOrder[]>({
    type: 'kasmina.trials',
    regular: moment.regular,
  });
  const live = state.validationLoss ?? Number.NaN;
  const reference =
    orders.length > 0 && !moment.regular ? (await args.work.plan.evaluate(args.validation)).loss : live;
  const trials: SeedTrial[] = [];
  for (const { seedId, how } of orders) {
    const view = how === 'shadow' ? { withShadow: [seedId] } : { without: [seedId] };
    const { loss } = await args.work.plan.evaluate(args.validation, view);
    trials.push(
      how === 'shadow'
        ? { seedId, lossWith: loss, lossWithout: reference }
        : { seedId, lossWith: reference, lossWithout: loss },
    );
  }
  return { validationLoss: live, trials };
}

/** Steps 3 and 4: packet, decision, action. Synchronous but for the scoring pass, which runs only when something may be planted. */
export async function adapt(
  cx: BoundaryContext,
  moment: Moment,
  measured: Measurements,
): Promise<BoundaryOutcome> {
  const { args, neighbours, state } = cx;
  const started = args.clock.nowMs();
  const gathered = neighbours.kasmina<Gathered>({ type: 'kasmina.gather', moment, measured });
  const gatheredPacket = packetOf(cx, moment, gathered);
  const asked = mayAdapt(cx, moment);
  const obeyed = await obey(cx, moment, gatheredPacket, asked ? args.orders.at(moment) : []);
  const { packet } = obeyed;
  if (!asked && moment.step >= args.work.totalSteps) clearOut(cx, moment, gathered);
  const draws = asked
    ? neighbours.tamiyo<readonly CandidateDraw[]>({ type: 'tamiyo.candidates', packet })
    : [];
  const beforeScoring = args.clock.nowMs();
  const scores = draws.length > 0 ? await args.work.plan.score(draws, cx.scoreRows) : [];
  const scoredAt = args.clock.nowMs();
  const ownIdeas = asked
    ? neighbours.tamiyo<readonly AdaptationDecision[]>({ type: 'tamiyo.decide', packet, draws, scores })
    : [];
  const decisions = [...obeyed.decisions, ...ownIdeas];
  const { transitions, probeAt } = neighbours.kasmina<Acted>({ type: 'kasmina.act', moment, decisions });
  const reports = asked
    ? neighbours.tamiyo<readonly FieldReport[]>({
        type: 'tamiyo.outcome',
        transitions,
        packet: gatheredPacket,
      })
    : [];
  follow(cx, transitions, moment);
  const regularNext = (Math.floor(state.step / args.work.stepsPerBoundary) + 1) * args.work.stepsPerBoundary;
  state.nextBoundary = Math.min(regularNext, args.work.totalSteps, probeAt ?? regularNext);
  const hookMs = args.clock.nowMs() - scoredAt + (beforeScoring - started);
  for (const news of [gatheredPacket, ...reports]) args.publish(news);
  const commanded = obeyed.records(transitions);
  return { moment, seeds: gathered.seeds, decisions, transitions, hookMs, asked, commanded };
}

/** Step 5: the boundary as one record, with the checksum of what it left behind. @throws TOLARIA_DIVERGED */
export async function commit(
  cx: BoundaryContext,
  outcome: BoundaryOutcome,
  saved: { readonly scars: unknown },
) {
  const { args, state } = cx;
  const image = await args.work.network.image();
  const sum = boundaryDigest(image, saved);
  const expected = args.resumed?.expected.get(outcome.moment.boundary);
  if (expected !== undefined && expected !== sum) {
    throw diverged(cx, outcome.moment.boundary, { expected, got: sum });
  }
  if (!outcome.asked) args.log.append(pauseAt(outcome.moment.step));
  for (const record of outcome.commanded) args.log.append(record);
  args.log.append(
    BoundaryCommitted.of({
      boundary: outcome.moment.boundary,
      epoch: outcome.moment.epoch,
      step: outcome.moment.step,
      trainingLoss: state.trainingLoss,
      validationLoss: state.validationLoss,
      validationAccuracy: state.validationAccuracy,
      parameters: args.work.network.parameterCount().total,
      seeds: [...outcome.seeds],
      decisions: [...outcome.decisions],
      transitions: [...outcome.transitions],
      digest: sum,
      hookMs: Math.max(0, outcome.hookMs),
      multiplyAdds: cx.scars.spent,
    }),
  );
  return image;
}

function diverged(
  { args, state }: BoundaryContext,
  boundary: number,
  sums: { readonly expected: string; readonly got: string },
): EsperError {
  const { began, goesOn } = args.resumed!.engines;
  const why = began === goesOn ? '' : `: it began on ${began} and goes on on ${goesOn}`;
  return new EsperError(
    'TOLARIA_DIVERGED',
    `boundary ${boundary} was run again and differs from the journal${why}`,
    { ...sums, step: state.step, began, goesOn, plan: args.work.plan.name },
    {
      hint: 'resume with the same backend, Node, library and Esper versions that started the run (`esper run show`)',
    },
  );
}

/** Tamiyo crashed and its supervisor took the group back: from the second time on leave it in peace, each time for longer. */
export function restTamiyo(cx: BoundaryContext, what: string): void {
  const { scars, state, args } = cx;
  scars.tamiyoCrashes += 1;
  if (scars.tamiyoCrashes < 2) return;
  scars.tamiyoRestsUntil = state.tick + TAMIYO_REST_TICKS * TAMIYO_REST_GROWTH ** (scars.tamiyoCrashes - 2);
  args.log.append(
    FaultContained.of({ step: state.step, who: 'tamiyo', what: `breaker open: ${what}`, injected: false }),
  );
}

/** No adaptation while the journal is down or Tamiyo rests, nor where it paused when this boundary was run before. */
const mayAdapt = ({ args, scars, state }: BoundaryContext, { step }: Moment) =>
  !args.log.degraded && state.tick >= scars.tamiyoRestsUntil && !args.resumed?.paused.has(step);

/** The run ends while nobody can judge what still grows, so it goes. */
function clearOut({ neighbours }: BoundaryContext, moment: Moment, { seeds }: Gathered): void {
  const seedIds = seeds.map(({ seedId }) => seedId);
  neighbours.kasmina({ type: 'kasmina.cull', moment, seedIds, reason: 'run_ended' });
}

function follow(
  { state, args }: BoundaryContext,
  transitions: readonly TransitionRecord[],
  moment: Moment,
): void {
  for (const { seedId, to } of transitions) {
    if (to === 'GERMINATED') {
      state.germinated += 1;
      state.growing += 1;
    }
    if (to === 'TRAINING') args.rates.admit(seedId, moment.step);
    if (to === 'CULLED') {
      state.culled += 1;
      state.growing -= 1;
      args.rates.dismiss(seedId);
    }
    if (to === 'FOSSILIZED') {
      state.fossilized += 1;
      state.growing -= 1;
      args.rates.dismiss(seedId);
    }
  }
}

function packetOf({ args, state }: BoundaryContext, moment: Moment, gathered: Gathered): SystemStatePacket {
  const { host, seeds } = args.work.network.parameterCount();
  return SystemStatePacket.of({
    runId: args.work.runId,
    boundary: moment.boundary,
    tick: moment.tick,
    regular: moment.regular,
    epoch: moment.epoch,
    step: moment.step,
    totalEpochs: args.work.config.training.epochs,
    ticksLeft: Math.ceil((args.work.totalSteps - moment.step) / args.work.stepsPerBoundary),
    trainingLoss: state.trainingLoss,
    validationLoss: state.validationLoss,
    validationAccuracy: state.validationAccuracy,
    hostParameters: host,
    liveParameters: seeds,
    seeds: [...gathered.seeds],
    slots: [...gathered.slots],
    trainingMetrics: { goalReached: state.goalReached ? 1 : 0 },
  });
}

function reached(goal: TolariaArgs['work']['config']['training']['goal'], seen: Evaluation): boolean {
  if (goal === null) return false;
  if (goal.metric === 'loss') return seen.loss <= goal.value;
  const value = goal.metric === 'accuracy' ? seen.accuracy : seen.margin;
  return value !== null && value >= goal.value;
}
