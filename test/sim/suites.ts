/** All scenarios, by the name that `--suite` takes. */
import type { Scenario } from '../../runtime/simulation/index.ts';
import type { SimEvent } from './events.ts';
import { bank } from './scenarios/bank.ts';
import { cluster } from './scenarios/cluster.ts';
import { durable } from './scenarios/durable.ts';
import { ageing, journal } from './scenarios/journal.ts';
import { office } from './scenarios/office.ts';
import { owners } from './scenarios/owners.ts';
import { handover, placement } from './scenarios/placement.ts';
import { supervision } from './scenarios/supervision.ts';
import { training } from './scenarios/training.ts';

export const SUITES: readonly Scenario<SimEvent>[] = [
  supervision,
  journal,
  ageing,
  durable,
  training,
  cluster,
  placement,
  handover,
  owners,
  bank,
  office,
];

export const suiteNamed = (name: string): Scenario<SimEvent> | undefined =>
  SUITES.find((suite) => suite.name === name);

/** The suites a word stands for: the one of that name, and those whose names begin with it and a dash. */
export const suitesCalled = (word: string): readonly string[] =>
  SUITES.map(({ name }) => name).filter((name) => name === word || name.startsWith(`${word}-`));

/** Seeds of one campaign at most: for suites whose runs are long. */
const MOST_SEEDS: Readonly<Record<string, number>> = { owners: 1_000, office: 1_000 };

/** How many of `seeds` a suite takes. */
export const seedsOf = (name: string, seeds: number): number =>
  Math.min(seeds, MOST_SEEDS[name] ?? Number.POSITIVE_INFINITY);
