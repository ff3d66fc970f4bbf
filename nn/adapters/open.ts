/** Chooses where tensors live: the fastest backend that gives right answers. */
import { BACKENDS, type BackendChoice, type BackendName } from '../../contracts/run-config.ts';
import type { Attempt, TensorRuntime } from '../runtime.ts';
import { withBudget } from './budget.ts';
import type { Timing } from './calibration.ts';
import { CANDIDATES, type Candidate } from './candidates.ts';
import { unusableBackend } from './refusals.ts';
import { smokeCheck } from './smoke.ts';

export interface Opening {
  /** How long a step of the real model takes on a runtime. Asked only where there is a choice; it frees what it makes. */
  readonly calibrate?: ((runtime: TensorRuntime) => Promise<Timing>) | undefined;
  /** Bytes of tensors that may exist at once. */
  readonly maxBytes?: number | undefined;
  /** What `auto` may choose from; everything unless said. */
  readonly among?: readonly BackendName[];
}

/** A backend that opened and gave right answers. */
interface Rival {
  readonly candidate: Candidate;
  readonly runtime: TensorRuntime;
}

/** One that also trained the real model. */
type Timed = Rival & Timing;

/**
 * Starts a backend and makes it the active one. `auto` looks at each in turn; what is installed, works and is fastest
 * on the real model is taken, and `tried` says why nothing else was. Without optional packages that is wasm, untimed.
 * @throws NN_BACKEND_UNUSABLE when a backend was demanded, or none is left
 */
export async function openTensorRuntime(
  choice: BackendChoice,
  opening: Opening = {},
): Promise<TensorRuntime> {
  const runtime = choice === 'auto' ? await choose(CANDIDATES, opening) : await demand(choice);
  return opening.maxBytes === undefined ? runtime : withBudget(runtime, opening.maxBytes);
}

async function demand(name: BackendName): Promise<TensorRuntime> {
  const candidate = CANDIDATES.find((one) => one.name === name)!;
  const missing = candidate.missing();
  if (missing.length > 0) throw unusableBackend(name, `${missing.join(' and ')} not installed`);
  return start(candidate, 'asked for', true);
}

/** The best of `candidates`, which are looked at in order. @throws NN_BACKEND_UNUSABLE when none is left */
export async function choose(
  candidates: readonly Candidate[],
  { calibrate, among = BACKENDS }: Opening,
): Promise<TensorRuntime> {
  const passed: Attempt[] = [];
  const rivals: Rival[] = [];
  for (const candidate of candidates) {
    if (!among.includes(candidate.name)) continue;
    const settled = rivals.length > 0 && (calibrate === undefined || candidate.name === 'cpu');
    if (settled) break;
    const found = await look(candidate, calibrate !== undefined);
    if (typeof found === 'string') passed.push({ name: candidate.name, stepMs: null, whyNot: found });
    else rivals.push({ candidate, runtime: found });
  }
  const [only] = rivals;
  if (only === undefined) throw unusableBackend('cpu', passed.map(told).join('; '));
  if (calibrate === undefined || rivals.length === 1) {
    // one that was looked at after it may have taken its place
    await only.candidate.activate();
    return crown({ ...only, stepMs: null }, 'the fastest here whose sums are right', passed);
  }
  return race(rivals, calibrate, passed);
}

/** @returns the opened runtime, or why it is passed over */
async function look(candidate: Candidate, timed: boolean): Promise<TensorRuntime | string> {
  const missing = candidate.missing();
  if (missing.length > 0) return `${missing.join(' and ')} not installed`;
  if (candidate.mustWin && !timed) return 'only taken when timed and faster';
  try {
    const runtime = await start(candidate, '', false);
    const objection = candidate.objection(runtime);
    if (objection === null) return runtime;
    runtime.dispose();
    return objection;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

async function start(candidate: Candidate, reason: string, demanded: boolean): Promise<TensorRuntime> {
  const runtime = await candidate.open(reason, demanded);
  const wrong = await smokeCheck(runtime);
  if (wrong === null) return runtime;
  runtime.dispose();
  throw unusableBackend(candidate.name, wrong);
}

/** One that has to win needs less than this share of another's time: clocks alone differ by a tenth. */
const CLEARLY = 0.8;

/** @throws NN_BACKEND_UNUSABLE when none gets through the steps */
async function race(
  rivals: readonly Rival[],
  calibrate: (runtime: TensorRuntime) => Promise<Timing>,
  passed: readonly Attempt[],
): Promise<TensorRuntime> {
  const others = [...passed];
  const timed: Timed[] = [];
  for (const { candidate, runtime } of rivals) {
    const found = await time(candidate, runtime, calibrate);
    const whyNot = typeof found === 'string' ? found : idle(candidate, found, timed);
    if (typeof found === 'string' || whyNot !== null) {
      others.push({ name: candidate.name, stepMs: null, whyNot });
      runtime.dispose();
    } else timed.push({ candidate, runtime, ...found });
  }
  const handicapped = ({ candidate, stepMs }: Timed) => (candidate.mustWin ? stepMs / CLEARLY : stepMs);
  const [winner, ...losers] = timed.sort((a, b) => handicapped(a) - handicapped(b));
  if (winner === undefined) throw unusableBackend('cpu', others.map(told).join('; '));
  for (const { runtime } of losers) runtime.dispose();
  await winner.candidate.activate();
  for (const { candidate, stepMs } of losers) {
    const how = stepMs > winner.stepMs ? 'slower' : 'not clearly faster';
    others.push({ name: candidate.name, stepMs, whyNot: `${how}: ${inMs(stepMs)} a step` });
  }
  return crown(winner, fastest(timed.length, winner.stepMs), others);
}

/** Why one that has to win cannot, or null: where its steps are those of another, a difference is the clock's. */
function idle({ mustWin }: Candidate, { plan }: Timing, timed: readonly Timed[]): string | null {
  const same = timed.find((other) => other.plan === plan);
  return mustWin && same !== undefined ? `the ${plan} plan of ${same.candidate.name} trains there too` : null;
}

/** @returns the timing, or why there is none: a device may pass every question and fail at a real model */
async function time(
  { activate }: Candidate,
  runtime: TensorRuntime,
  calibrate: (runtime: TensorRuntime) => Promise<Timing>,
): Promise<Timing | string> {
  try {
    await activate();
    return await calibrate(runtime);
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

function crown(
  { runtime, candidate, stepMs }: Rival & { readonly stepMs: number | null },
  reason: string,
  others: readonly Attempt[],
): TensorRuntime {
  const tried = [...others, { name: candidate.name, stepMs, whyNot: null }];
  const rank = (attempt: Attempt) => BACKENDS.indexOf(attempt.name);
  return { ...runtime, reason, tried: tried.sort((a, b) => rank(a) - rank(b)) };
}

/** One line for a person: what computes, why, and why nothing else does. */
export const describeRuntime = (runtime: TensorRuntime): string =>
  `${runtime.name} (${runtime.device}): ${explainChoice(runtime)}`;

/** Why this backend, and why nothing else. */
export const explainChoice = ({ reason, tried }: TensorRuntime): string =>
  [reason, ...tried.filter(({ whyNot }) => whyNot !== null).map(told)].join('; ');

const told = ({ name, whyNot }: Attempt) => `${name}: ${whyNot}`;
const fastest = (count: number, ms: number) =>
  `${count === 1 ? 'the only one left' : `fastest of ${count}`} on this model, ${inMs(ms)} a step`;
const inMs = (ms: number) => `${ms.toPrecision(3)} ms`;
