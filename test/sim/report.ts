/** What a campaign found: gathered trial by trial, printed for people and for machines. */
import { SUITES } from './suites.ts';
import type { Failure, Trial } from './trial.ts';

/** Fewer seeds than this may miss a rare thing without anything being wrong. */
const SEEDS_ENOUGH = 200;
/** Failures printed in full. */
const TOLD = 10;

interface SuiteFigures {
  readonly suite: string;
  runs: number;
  failed: number;
  steps: number;
  simulatedMs: number;
  readonly reached: Map<string, number>;
  readonly struck: Map<string, number>;
}

export class Report {
  readonly #suites = new Map<string, SuiteFigures>();
  readonly failures: Failure[] = [];

  add({ suite, reached, steps, simulatedMs, struck, failure }: Trial): void {
    const figures = this.#suites.get(suite) ?? {
      suite,
      runs: 0,
      failed: 0,
      steps: 0,
      simulatedMs: 0,
      reached: new Map(),
      struck: new Map(),
    };
    this.#suites.set(suite, figures);
    figures.runs++;
    figures.steps += steps;
    figures.simulatedMs += simulatedMs;
    for (const name of reached) figures.reached.set(name, (figures.reached.get(name) ?? 0) + 1);
    for (const [kind, times] of Object.entries(struck))
      figures.struck.set(kind, (figures.struck.get(kind) ?? 0) + times);
    if (failure === null) return;
    figures.failed++;
    this.failures.push(failure);
  }

  get runs(): number {
    return [...this.#suites.values()].reduce((sum, { runs }) => sum + runs, 0);
  }

  /** What should have been reached by now and was not: `journal: old segments were let go`. */
  get unreached(): readonly string[] {
    return SUITES.flatMap(({ name, sometimes }) => {
      const figures = this.#suites.get(name);
      if (figures === undefined || figures.runs < SEEDS_ENOUGH) return [];
      return sometimes.filter((one) => !figures.reached.has(one)).map((one) => `${name}: ${one}`);
    });
  }

  get good(): boolean {
    return this.failures.length === 0 && this.unreached.length === 0;
  }

  text(seconds: number): string {
    const rows = [...this.#suites.values()].map(
      ({ suite, runs, failed, steps, simulatedMs, struck }) =>
        `${suite.padEnd(14)} ${String(runs).padStart(6)} runs ${String(failed).padStart(5)} failed ` +
        `${(steps / 1e6).toFixed(2).padStart(8)} M steps ${(simulatedMs / 3.6e6).toFixed(1).padStart(7)} h simulated ` +
        `${String(struck.get('partition') ?? 0).padStart(6)} partitions`,
    );
    return [
      ...this.failures.slice(0, TOLD).map(tell),
      ...rows,
      ...this.unreached.map((one) => `never reached   ${one}`),
      `${this.runs} runs in ${seconds.toFixed(1)} s, ${this.failures.length} failed`,
    ].join('\n');
  }

  json(seconds: number): unknown {
    const suites = [...this.#suites.values()].map(({ reached, struck, ...figures }) => ({
      ...figures,
      reached: Object.fromEntries([...reached].sort()),
      struck: Object.fromEntries([...struck].sort()),
    }));
    return { seconds, runs: this.runs, suites, unreached: this.unreached, failures: this.failures };
  }
}

export function tell({ suite, seed, violations, drawn, faults, shrinkRuns }: Failure): string {
  return [
    `${suite}, seed ${seed}: ${violations.length} broken`,
    ...violations.slice(0, 5).map(({ invariant, message }) => `    ${invariant}: ${message}`),
    `  ${faults.length} of ${drawn} faults are enough${shrinkRuns > 0 ? `, found in ${shrinkRuns} runs` : ''}`,
    ...faults.map((line) => `    ${line}`),
    `  again: npm run sim -- --suite ${suite} --seed ${seed}`,
    '',
  ].join('\n');
}
