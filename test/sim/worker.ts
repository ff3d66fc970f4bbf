/** A process that runs seeds for the program: told which, it answers with one trial each. */
import { seedsOf, suiteNamed } from './suites.ts';
import { tryOut } from './trial.ts';

export interface Order {
  readonly suites: readonly string[];
  readonly seeds: readonly number[];
  readonly shrinkBudget: number;
}

process.on('message', (order: Order) => {
  void work(order);
});

async function work({ suites, seeds, shrinkBudget }: Order): Promise<void> {
  for (const seed of seeds) {
    for (const name of suites) {
      const suite = suiteNamed(name);
      if (suite !== undefined && seed < seedsOf(name, seed + 1))
        process.send?.(await tryOut(suite, seed, shrinkBudget));
    }
  }
  process.send?.('done');
}
