/** How good the network is on a table of rows, where outputs can only be read later. */

import { keep } from '../adapters/tensorflow.ts';
import { checkView } from '../evaluation.ts';
import { outputOf, runLive } from '../forward.ts';
import { Tally } from '../loss-head.ts';
import type { HostNetwork } from '../network.ts';
import { blocksOf } from '../rows.ts';
import { scoped } from '../scoped.ts';
import { inputShapeOf } from '../slots.ts';
import { Tape } from '../tape/tape.ts';
import type { Evaluation, Rows } from '../types.ts';
import { lookingView } from '../views.ts';

/** As `evaluateRows`, with one read for each block of rows. @throws NN_SEED_UNKNOWN */
export async function evaluateOnDevice(
  network: HostNetwork,
  rows: Rows,
  { without = [], withShadow = [] }: { without?: readonly string[]; withShadow?: readonly string[] },
  spend: (multiplyAdds: number) => void,
): Promise<Evaluation> {
  const { runtime, spec } = network;
  checkView(network, [...without, ...withShadow]);
  const view = lookingView(new Set(without), new Set(withShadow));
  const tally = new Tally(spec.loss, rows.kind);
  for (const { inputs, targets, count } of blocksOf(rows)) {
    const output = scoped(() => {
      const tape = new Tape({ runtime, rows: count, step: null });
      const pass = runLive(network, tape, view, tape.input(inputs, inputShapeOf(spec)));
      spend(tape.multiplyAdds);
      return keep(outputOf(pass).tensor);
    });
    tally.add(await runtime.readPacked([output]), targets, count);
    output.dispose();
  }
  return tally.result();
}
