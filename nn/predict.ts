/** Answers of a network to rows that nobody has targets for. */

import { EsperError } from '../contracts/failure.ts';
import * as tf from './adapters/tensorflow.ts';
import { outputOf, runLive } from './forward.ts';
import { HostNetwork } from './network.ts';
import { scoped } from './scoped.ts';
import { inputShapeOf } from './slots.ts';
import { Tape } from './tape/tape.ts';
import type { GrowingNetwork } from './types.ts';
import { lookingView } from './views.ts';

/**
 * Live outputs, `[rows, outputs]`, row-major. A host whose model ended in a softmax gives probabilities, as the model did.
 * @param inputs `[rows, inputs]`; the runtime owns them afterwards
 * @throws NN_NETWORK_FOREIGN, NN_BATCH_MISSHAPEN
 */
export async function predict(
  network: GrowingNetwork,
  inputs: Float32Array,
  rows: number,
): Promise<Float32Array> {
  if (!(network instanceof HostNetwork)) {
    throw new EsperError('NN_NETWORK_FOREIGN', 'only networks of this library can be asked');
  }
  const { runtime, spec } = network;
  if (rows < 1 || inputs.length !== rows * spec.inputs) {
    throw new EsperError('NN_BATCH_MISSHAPEN', `${rows} rows do not fill this batch`, {
      rows,
      inputs: inputs.length,
    });
  }
  const answer = scoped(() => {
    const tape = new Tape({ runtime, rows, step: null });
    const view = lookingView(new Set(), new Set());
    const { tensor } = outputOf(runLive(network, tape, view, tape.input(inputs, inputShapeOf(spec))));
    return tf.keep(spec.head === 'softmax' ? tf.softmax(tensor) : tensor);
  });
  try {
    return await runtime.readPacked([answer]);
  } finally {
    answer.dispose();
  }
}
