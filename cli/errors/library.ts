/** Codes of the growing network and its makers: met by those who write against them. */
import type { Row } from './row.ts';

export const library: readonly Row[] = [
  ['URZA_REQUEST_OPEN', 'A request for blueprints is still open.', 'wait for its answer'],
  ['URZA_SILENT', 'The library of blueprints did not answer in time.', 'run it again with -v'],
  ['NN_ALPHA_OUT_OF_RANGE', 'A share of the output is a number from 0 to 1.', 'check the caller of setAlpha'],
  [
    'NN_ARENA_FOREIGN',
    'The shared memory holds no state of a run.',
    'give the reader the buffer of a StateArena',
  ],
  [
    'NN_ARENA_FULL',
    'There are more seeds than the arena has rows.',
    'make the arena for every place of the garden',
  ],
  [
    'NN_BLAS_UNUSABLE',
    'OpenBLAS was asked for and cannot be used.',
    'install it and koffi, or leave ESPER_BLAS away',
  ],
  ['NN_BATCH_MISSHAPEN', 'The batch has other sizes than the network.', 'check inputs and targets'],
  [
    'NN_ENGINE_BROKEN',
    'The fused program holds a word that is no instruction.',
    'train with the tensor plan and report it',
  ],
  [
    'NN_ENGINE_TOO_LARGE',
    'The fused plan needs more memory in one piece than there is.',
    'train with smaller batches',
  ],
  ['NN_IMAGE_INVALID', 'The saved network does not fit together.', 'esper wal verify <run>'],
  [
    'NN_LAYER_CHANGED',
    'A layer class builds other weights than the saved ones.',
    'bring the class back as it was',
  ],
  ['NN_LAYER_UNKNOWN', 'A layer class is not registered.', 'give it to tf.serialization.registerClass'],
  ['NN_NETWORK_FOREIGN', 'The network was made by another runtime.', 'use the runtime it was made with'],
  ['NN_NO_ROWS', 'There are no rows to draw batches from.', 'check task.trainRows and task.validationRows'],
  ['NN_NO_SYNC_READ', 'Tensors of this backend can only be read later.', 'read with readPacked'],
  ['NN_RATE_MISSING', 'A parameter group has no learning rate.', 'give a rate for every seed and the host'],
  ['NN_SEED_EXISTS', 'A seed of that id grows already.', 'choose another id'],
  ['NN_SEED_FOSSILIZED', 'The seed is permanent and cannot be changed.', 'plant another one'],
  ['NN_SEED_IN_USE', 'The seed takes part in the output.', 'take it out of the output first'],
  ['NN_SEED_NOT_READY', 'The seed is not live at full strength.', 'blend it in first'],
  ['NN_SEED_UNKNOWN', 'No seed of that id grows here.', 'esper seeds <run>'],
  ['NN_STEP_DISTURBED', 'The network changed while a step was under way.', 'wait for the step first'],
  ['NN_SLOT_MISFIT', 'The blueprint does not fit into the slot.', 'ask fits before planting'],
  ['NN_SNAPSHOT_UNKNOWN', 'The snapshot was released or is of another network.', 'capture a new one'],
  ['NN_THREAD_LOST', 'The second thread died within its half of a batch.', 'train on with one thread'],
  ['NN_WRAP_SITE_UNKNOWN', 'The model has no layer of that name.', 'name layers as model.summary() does'],
  [
    'NN_WRAP_UNSUPPORTED',
    'A layer of the model cannot be taken over.',
    'replace the layer that the message names',
  ],
];
