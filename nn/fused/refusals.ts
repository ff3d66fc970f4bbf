/** What the fused engine cannot do, in words. */
import { EsperError } from '../../contracts/failure.ts';

export const engineTooLarge = (bytes: number, cause?: unknown) =>
  new EsperError(
    'NN_ENGINE_TOO_LARGE',
    `the fused plan needs ${Math.ceil(bytes / 1_048_576)} MiB in one piece, which this machine does not lend`,
    { bytes },
    { hint: 'train with smaller batches, or with the tensor plan', cause },
  );

/** Whether there is no memory for a program, which the tensor plan may still do without. */
export const lacksMemory = (error: unknown): error is EsperError =>
  error instanceof EsperError && (error.code === 'NN_ENGINE_TOO_LARGE' || error.code === 'NN_OUT_OF_MEMORY');

/** Neither plan has room. @param fused what the fused plan was told, @param tensors what the tensor plan was told */
export const noRoomForEither = (fused: EsperError, tensors: EsperError) =>
  new EsperError(
    'NN_OUT_OF_MEMORY',
    `neither plan fits. Fused plan: ${fused.message}. Tensor plan: ${tensors.message}`,
    { ...tensors.details, fused: fused.details },
    { hint: tensors.hint ?? 'train with smaller batches', cause: tensors },
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
