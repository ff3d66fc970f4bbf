/** One seed again, told in full: what was planned to go wrong, what happened, what broke. */
import { describeFault } from '../../runtime/simulation/index.ts';
import type { Options } from './options.ts';
import { tell } from './report.ts';
import { suiteNamed } from './suites.ts';
import { runOnce, tryOut } from './trial.ts';

/** @returns true when nothing broke */
export async function replay(options: Options, seed: number): Promise<boolean> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  let good = true;
  for (const name of options.suites) {
    const suite = suiteNamed(name);
    if (suite === undefined) continue;
    const { faults, history, digest, steps, violations } = await runOnce(suite, seed);
    say(`${name}, seed ${seed}: ${steps} steps, ${history.length} notes, digest ${digest}`);
    for (const fault of faults) say(`  ${describeFault(fault)}`);
    if (options.history) for (const note of history) say(JSON.stringify(note));
    if (violations.length === 0) continue;
    good = false;
    const { failure } = await tryOut(suite, seed, options.shrinkBudget);
    if (failure !== null) say(tell(failure));
  }
  return good;
}
