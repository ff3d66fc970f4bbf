/** Shows that the simulator is worth its name: each planted defect must be found within so many seeds. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { Violation } from '../../../runtime/simulation/index.ts';
import { startCrew } from '../crew.ts';
import type { Options } from '../options.ts';
import { suiteNamed } from '../suites.ts';
import { runOnce, type Trial } from '../trial.ts';
import { type Defect, plant } from './defect.ts';
import { DEFECTS } from './defects.ts';
import { DEFECT_VARIABLE } from './hook.ts';

const BUILD = new URL('../../../', import.meta.url);
const HOOK = new URL('./hook.js', import.meta.url).href;
/** A defect that hides longer than this has not been found. */
const SEEDS_MOST = 400;

interface Catch {
  readonly defect: string;
  readonly story: string;
  readonly found: boolean;
  /** Seeds it took, the finding one included. */
  readonly seeds: number;
  readonly suite?: string;
  readonly invariant?: string;
  readonly message?: string;
}

/** @returns true when all were found */
export async function huntAll({ jobs, json }: Options): Promise<boolean> {
  for (const defect of DEFECTS) plant(readFileSync(new URL(defect.file, BUILD), 'utf8'), defect);
  const catches: Catch[] = [];
  const waiting = [...DEFECTS];
  const hunter = async () => {
    for (let defect = waiting.shift(); defect !== undefined; defect = waiting.shift()) {
      const caught = await hunt(defect);
      catches.push(caught);
      process.stdout.write(`${line(caught)}\n`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, hunter));
  const found = catches.filter((one) => one.found).length;
  process.stdout.write(`${found} of ${DEFECTS.length} planted defects found\n`);
  if (json !== null) writeFileSync(json, `${JSON.stringify({ planted: catches }, null, 2)}\n`);
  return found === DEFECTS.length;
}

async function hunt(defect: Defect): Promise<Catch> {
  const { name, story, suites, by } = defect;
  const seen = new Set<number>();
  let finding: Trial | undefined;
  let broken: Violation | undefined;
  const crew = startCrew({
    suites,
    seeds: SEEDS_MOST,
    jobs: 1,
    shrinkBudget: 0,
    execArgv: ['--import', HOOK],
    env: { [DEFECT_VARIABLE]: name },
    take(trial) {
      seen.add(trial.seed);
      broken = trial.failure?.violations.find(({ invariant }) => by?.includes(invariant) ?? true);
      if (broken === undefined) return true;
      finding = trial;
      return false;
    },
  });
  await crew.done;
  if (finding === undefined || broken === undefined)
    return { defect: name, story, found: false, seeds: seen.size };
  const found = await holdsWithout(finding);
  return { defect: name, story, found, seeds: seen.size, suite: finding.suite, ...broken };
}

/** The control: the same seed, without the defect, breaks nothing. */
async function holdsWithout({ suite, seed }: Trial): Promise<boolean> {
  const sound = suiteNamed(suite);
  return sound !== undefined && (await runOnce(sound, seed)).violations.length === 0;
}

function line({ defect, found, seeds, suite, invariant, message }: Catch): string {
  if (!found && suite !== undefined)
    return `NOT FOUND  ${defect}: seed ${seeds - 1} of ${suite} breaks without it too`;
  if (!found) return `NOT FOUND  ${defect}, after ${seeds} seeds`;
  const [what, needed] = [defect.padEnd(24), String(seeds).padStart(3)];
  return `found  ${what} ${needed} seeds  ${`${suite}: ${invariant}`.padEnd(44)} ${message?.split('\n')[0]?.slice(0, 80)}`;
}
