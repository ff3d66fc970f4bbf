/** Settings that TensorFlow's library reads once, when it is loaded. */

/**
 * What serves networks of this size: one thread for an operation (handing work to others costs more than the work),
 * memory of the GPU taken as needed instead of all at once, and no chatter. Whoever set them otherwise keeps them.
 *
 * A thread's `process.env` is a copy that native libraries never see: call this in the main thread.
 */
export function settleNativeLibraries(env: Record<string, string | undefined>): void {
  env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  env.TF_NUM_INTRAOP_THREADS ??= '1';
  env.TF_NUM_INTEROP_THREADS ??= '1';
  env.TF_CPP_MIN_LOG_LEVEL ??= '1';
}
