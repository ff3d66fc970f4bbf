/** A watch over a transfer: it may be slow, but it may not be silent. */
import { EsperError } from '../../contracts/index.ts';
import type { Clock } from '../ports/clock.ts';

export interface StallGuard {
  /** Aborts with the guard or with the caller's own signal. */
  readonly signal: AbortSignal;
  /** @throws DOWNLOAD_STALLED (retryable) when `work` takes longer than the guard allows */
  within<T>(work: Promise<T>): Promise<T>;
  /** Ends whatever is still open. */
  release(): void;
}

export function stallGuard(clock: Clock, stallMs: number, outer: AbortSignal): StallGuard {
  const own = new AbortController();
  return {
    signal: AbortSignal.any([own.signal, outer]),
    async within(work) {
      let cancel = () => {};
      const stalled = new Promise<never>((_, reject) => {
        cancel = clock.after(stallMs, () => {
          const seconds = Math.round(stallMs / 1000);
          reject(
            new EsperError(
              'DOWNLOAD_STALLED',
              `nothing arrived for ${seconds} s`,
              { stallMs },
              { retryable: true },
            ),
          );
        });
      });
      try {
        return await Promise.race([work, stalled]);
      } finally {
        cancel();
      }
    },
    release: () => own.abort(),
  };
}
