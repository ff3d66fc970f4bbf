/** The epoch boundary on the real triad: gather, packet, decide, act. Measuring losses and scoring candidates is not part of the hook. */
import { adapt, type BoundaryContext, type BoundaryOutcome } from '../../actors/tolaria/boundary.ts';
import { freshScars, freshState } from '../../actors/tolaria/run-state.ts';
import { EsperError } from '../../contracts/index.ts';
import { germinate, letTrain, momentAt, trainStep } from '../rig/garden.ts';
import { startTriad, type TriadRig } from '../rig/triad.ts';
import { type Effort, nowMs, repeat, times } from '../sampling.ts';
import { spread } from '../statistics.ts';
import { type Figure, figure, type Suite } from '../suite.ts';

const SEEDS = 32;
const MEASURED = { validationLoss: 0.5, trials: [] };

export const boundary: Suite = {
  name: 'boundary',
  about: 'gather, packet, decide and act at an epoch boundary, 32 and 0 live seeds',
  async run(effort) {
    const rig = await startTriad({ inputs: 16, hidden: Array(8).fill(24), places: 4, rows: 64 });
    const empty = await hooks(rig, effort, { decisions: 0, tick: 1 });
    germinate(rig, SEEDS);
    rig.capture();
    const busy = await allMove(rig, effort);
    letTrain(rig, SEEDS);
    for (let step = 0; step < 3; step++) await trainStep(rig);
    const waiting = await hooks(rig, effort, { decisions: 0, tick: 3 });
    await rig.close();
    return [
      figure('hook-32-seeds', 'ms', spread(busy.map(({ hookMs }) => hookMs))),
      ...parts(busy),
      figure('hook-32-waiting', 'ms', spread(waiting.map(({ hookMs }) => hookMs))),
      figure('hook-0-seeds', 'ms', spread(empty.map(({ hookMs }) => hookMs))),
    ];
  },
};

interface Hook {
  readonly hookMs: number;
  /** Milliseconds by what was done: gather, packet, candidates, decide, act, outcome. */
  readonly parts: Readonly<Record<string, number>>;
}

/** Every seed has a decision and moves: the most that a boundary can have to do. Then the group goes back, and again. */
async function allMove(rig: TriadRig, effort: Effort): Promise<readonly Hook[]> {
  const found: Hook[] = [];
  await repeat(times(effort, 300), async () => {
    found.push(await hook(rig, { decisions: SEEDS, tick: 2 }));
    rig.goBack();
    await rig.settled();
    return 0;
  });
  return found.slice(-times(effort, 300));
}

async function hooks(
  rig: TriadRig,
  effort: Effort,
  { decisions, tick }: { readonly decisions: number; readonly tick: number },
): Promise<readonly Hook[]> {
  const found: Hook[] = [];
  await repeat(times(effort, 500), async (i) => {
    found.push(await hook(rig, { decisions, tick: tick + i }));
    return 0;
  });
  return found.slice(-times(effort, 500));
}

/** One boundary. @throws BENCH_BOUNDARY_IDLE when it did something else than was to be measured */
async function hook(rig: TriadRig, expected: { readonly decisions: number; readonly tick: number }) {
  const { neighbours, parts: took } = timed(rig);
  const cx: BoundaryContext = {
    args: rig.args,
    state: { ...freshState(1), trainingLoss: 0.5, validationLoss: 0.5 },
    scars: structuredClone(freshScars),
    neighbours,
    scoreRows: rig.rows,
  };
  const outcome = await adapt(cx, momentAt(expected.tick), MEASURED);
  check(outcome, expected.decisions);
  return { hookMs: outcome.hookMs, parts: took };
}

function check({ decisions, transitions }: BoundaryOutcome, expected: number): void {
  if (decisions.length === expected && transitions.length >= expected) return;
  throw new EsperError(
    'BENCH_BOUNDARY_IDLE',
    `${decisions.length} decisions and ${transitions.length} transitions, not ${expected}`,
  );
}

/** The neighbours with a stopwatch each; what lies between gathering and the next call is the packet. */
function timed(rig: TriadRig) {
  const parts: Record<string, number> = {};
  let gatheredAt = 0;
  const watch =
    <M extends { readonly type: string }>(call: <R>(message: M) => R) =>
    <R>(message: M): R => {
      const started = nowMs();
      if (message.type === 'tamiyo.candidates') parts.packet = started - gatheredAt;
      const reply = call<R>(message);
      gatheredAt = nowMs();
      parts[message.type.slice(message.type.indexOf('.') + 1)] = gatheredAt - started;
      return reply;
    };
  return { parts, neighbours: { kasmina: watch(rig.kasmina), tamiyo: watch(rig.tamiyo) } };
}

const parts = (found: readonly Hook[]): readonly Figure[] =>
  ['gather', 'packet', 'candidates', 'decide', 'act', 'outcome'].map((part) =>
    figure(`of-which-${part}`, 'ms', spread(found.map((hook) => hook.parts[part] ?? 0))),
  );
