/** What the fused engine cannot do, in words. */
import { EsperError } from '../../contracts/failure.ts';

export const engineTooLarge = (bytes: number, cause?: unknown) =>
  new EsperError(
    'NN_ENGINE_TOO_LARGE',
    `the fused plan needs ${Math.ceil(bytes / 1_048_576)} MiB in one piece, which this machine does not lend`,
    { bytes },
    { hint: 'train with smaller batches, or with the tensor plan', cause },
  );

export const engineBroken = (address: number) =>
  new EsperError(
    'NN_ENGINE_BROKEN',
    `the fused program has no instruction at byte ${address}`,
    { address },
    { hint: 'this is a defect of the program that wrote it; train with the tensor plan and report it' },
  );

export const threadLost = (milliseconds: number) =>
  new EsperError(
    'NN_THREAD_LOST',
    `the second thread has not finished its half of the batch in ${milliseconds} ms`,
    { milliseconds },
    { hint: 'the step is void; train on with one thread from the last good weights', retryable: true },
  );
