/** One run of a scenario from a seed: the same seed, the same run, to the last bit. */
import { randomStream } from '../../contracts/random-stream.ts';
import { asError } from '../actor/errors.ts';
import type { Fault } from './fault.ts';
import { planFaults } from './fault-plan.ts';
import type { Happening, Note } from './history.ts';
import type { Scenario, Violation } from './scenario.ts';
import { SimulatedWorld } from './world.ts';

/** Milliseconds of simulated time that `finish` may take. */
const FINISH_MS = 120_000;

export interface SimulateOptions {
  readonly seed: number;
  /** What goes wrong; drawn from the seed unless given. */
  readonly faults?: readonly Fault[];
}

export interface Outcome<E extends Happening = Happening> {
  readonly scenario: string;
  readonly seed: number;
  readonly faults: readonly Fault[];
  readonly history: readonly Note<E>[];
  /** Empty when every invariant held. */
  readonly violations: readonly Violation[];
  /** Names said to `sometimes`, and each fault and counter met. */
  readonly reached: ReadonlySet<string>;
  /** Stands for the whole run: every turn drawn, every moment, every note. */
  readonly digest: string;
  readonly steps: number;
  readonly simulatedMs: number;
}

/** Runs whole systems in this thread. Nothing is left running when it resolves. */
export async function simulate<E extends Happening>(
  scenario: Scenario<E>,
  { seed, faults = planOf(scenario, seed) }: SimulateOptions,
): Promise<Outcome<E>> {
  const world = new SimulatedWorld(scenario, seed);
  try {
    world.begin(faults);
    await world.run(scenario.lengthMs);
    world.heal();
    await world.run(scenario.lengthMs + scenario.settleMs);
    world.checkBoots();
    await finish(scenario, world);
  } catch (thrown) {
    // Whatever escapes a timer or a turn would have ended a real process.
    const { message, stack } = asError(thrown);
    world.always('nothing escapes', false, `${message}\n${stack ?? ''}`);
  } finally {
    world.end();
  }
  const { history, reached, steps, nowMs } = world;
  return {
    scenario: scenario.name,
    seed,
    faults,
    history: history.notes,
    violations: [...world.violations, ...scenario.check(history.notes)],
    reached,
    digest: history.digest.hex,
    steps,
    simulatedMs: nowMs,
  };
}

/** The faults that `simulate` draws for a seed. */
export function planOf<E extends Happening>(scenario: Scenario<E>, seed: number): readonly Fault[] {
  const { nodes, lengthMs: withinMs, faults } = scenario;
  return planFaults(randomStream(`${scenario.name}/${seed}/faults`), faults, { nodes, withinMs });
}

async function finish<E extends Happening>(scenario: Scenario<E>, world: SimulatedWorld<E>): Promise<void> {
  if (scenario.finish === undefined) return;
  let over = false;
  const end = scenario.finish(world).then(
    () => {
      over = true;
    },
    (thrown) => {
      over = true;
      world.always('the end can be looked at', false, asError(thrown).message);
    },
  );
  await world.run(world.nowMs + FINISH_MS, () => over);
  if (over) await end;
  else world.always('the end can be looked at', false, 'finish did not come to an end');
}
