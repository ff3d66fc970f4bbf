/** Which rows belong to which step: any step can be asked for, so training resumes anywhere. */
import { EsperError } from '../contracts/failure.ts';
import { randomStream } from '../contracts/random-stream.ts';
import { shuffled } from './data/shuffle.ts';
import type { BatchStream } from './types.ts';

/**
 * Shuffled batches; the last of an epoch may be smaller. `all` is the whole table in its own order, every step.
 * @throws NN_NO_ROWS
 */
export function createBatchStream({
  rows,
  batch,
  runSeed,
}: {
  readonly rows: number;
  readonly batch: number | 'all';
  readonly runSeed: number;
}): BatchStream {
  if (rows < 1) throw new EsperError('NN_NO_ROWS', 'there is nothing to train on', { rows });
  const inOrder = Uint32Array.from({ length: rows }, (_, i) => i);
  if (batch === 'all') return { stepsPerEpoch: 1, at: () => inOrder };
  const stepsPerEpoch = Math.ceil(rows / batch);
  let epochAtHand = -1;
  let order: Uint32Array = inOrder;
  return {
    stepsPerEpoch,
    at(step) {
      const epoch = Math.floor(step / stepsPerEpoch);
      if (epoch !== epochAtHand) {
        order = shuffled(rows, randomStream(`${runSeed}/epoch/${epoch}`));
        epochAtHand = epoch;
      }
      const from = (step % stepsPerEpoch) * batch;
      return order.subarray(from, from + batch);
    },
  };
}
