/** How good the network is on a table of rows, with any seed left out or shown in shadow. */
import { EsperError } from '../contracts/failure.ts';
import { outputOf, runLive } from './forward.ts';
import { Tally } from './loss-head.ts';
import type { HostNetwork } from './network.ts';
import { blocksOf } from './rows.ts';
import { scoped } from './scoped.ts';
import { inputShapeOf } from './slots.ts';
import { Tape } from './tape/tape.ts';
import type { Evaluation, Rows } from './types.ts';
import { lookingView } from './views.ts';

/** @throws NN_SEED_UNKNOWN when the view names a seed that does not grow here */
export function evaluateRows(
  network: HostNetwork,
  rows: Rows,
  { without = [], withShadow = [] }: { without?: readonly string[]; withShadow?: readonly string[] },
  spend: (multiplyAdds: number) => void,
): Evaluation {
  const { runtime, spec } = network;
  checkView(network, [...without, ...withShadow]);
  const view = lookingView(new Set(without), new Set(withShadow));
  const tally = new Tally(spec.loss, rows.kind);
  for (const { inputs, targets, count } of blocksOf(rows)) {
    scoped(() => {
      const tape = new Tape({ runtime, rows: count, step: null });
      const output = outputOf(runLive(network, tape, view, tape.input(inputs, inputShapeOf(spec))));
      tally.add(runtime.peek(output.tensor), targets, count);
      spend(tape.multiplyAdds);
    });
  }
  return tally.result();
}

/** @throws NN_SEED_UNKNOWN when one of them does not grow here */
export function checkView({ state }: HostNetwork, seedIds: readonly string[]): void {
  for (const seedId of seedIds) {
    if (!state.seeds.has(seedId)) {
      throw new EsperError('NN_SEED_UNKNOWN', `no seed ${seedId} grows here`, { seedId });
    }
  }
}
