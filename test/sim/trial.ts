/** One seed of one suite: run, run again now and then to see that nothing came from outside the seed, shrunk when it fails. */
import {
  describeFault,
  type Outcome,
  type Scenario,
  shrink,
  simulate,
  type Violation,
} from '../../runtime/simulation/index.ts';
import type { SimEvent } from './events.ts';

/** Every so many seeds, the run is repeated and must be the same to the last bit. */
const REPEAT_EVERY = 10;

export interface Failure {
  readonly suite: string;
  readonly seed: number;
  readonly violations: readonly Violation[];
  /** Faults drawn, and those that are left after shrinking, as lines for people. */
  readonly drawn: number;
  readonly faults: readonly string[];
  /** Runs that shrinking took; 0 when it was not tried. */
  readonly shrinkRuns: number;
}

export interface Trial {
  readonly suite: string;
  readonly seed: number;
  readonly reached: readonly string[];
  readonly digest: string;
  readonly steps: number;
  readonly simulatedMs: number;
  /** Faults that struck, by kind. */
  readonly struck: Readonly<Record<string, number>>;
  readonly failure: Failure | null;
}

/** Promises that nobody caught, since the last look: each would have ended a real process. */
const escaped: string[] = [];
process.on('unhandledRejection', (reason) => {
  escaped.push(reason instanceof Error ? (reason.stack ?? reason.message) : String(reason));
});

export async function runOnce(
  suite: Scenario<SimEvent>,
  seed: number,
  options: Partial<Parameters<typeof simulate>[1]> = {},
): Promise<Outcome<SimEvent>> {
  escaped.length = 0;
  const outcome = await simulate(suite, { ...options, seed });
  const strays = escaped.splice(0).map((message) => ({ invariant: 'no promise is left alone', message }));
  return { ...outcome, violations: [...outcome.violations, ...strays] };
}

/** @param shrinkBudget runs that shrinking may take; 0 for none */
export async function tryOut(suite: Scenario<SimEvent>, seed: number, shrinkBudget: number): Promise<Trial> {
  const outcome = await runOnce(suite, seed);
  const violations = [...outcome.violations];
  if (seed % REPEAT_EVERY === 0 && (await runOnce(suite, seed)).digest !== outcome.digest) {
    violations.push({
      invariant: 'the same seed, the same run',
      message: `${suite.name} ${seed} ran differently`,
    });
  }
  const { reached, digest, steps, simulatedMs } = outcome;
  const struck: Record<string, number> = {};
  for (const { kind } of outcome.faults) struck[kind] = (struck[kind] ?? 0) + 1;
  const base = { suite: suite.name, seed, reached: [...reached], digest, steps, simulatedMs, struck };
  if (violations.length === 0) return { ...base, failure: null };
  return { ...base, failure: await failureOf(suite, { ...outcome, violations }, shrinkBudget) };
}

async function failureOf(
  suite: Scenario<SimEvent>,
  outcome: Outcome<SimEvent>,
  budget: number,
): Promise<Failure> {
  const shrunk = budget > 0 ? await shrink(suite, outcome, { budget }) : { outcome, runs: 0 };
  return {
    suite: suite.name,
    seed: outcome.seed,
    violations: outcome.violations,
    drawn: outcome.faults.length,
    faults: shrunk.outcome.faults.map(describeFault),
    shrinkRuns: shrunk.runs,
  };
}
