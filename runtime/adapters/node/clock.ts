/** Real time. Monotonic milliseconds count from the start of the machine, so that all threads agree on them. */
import type { Clock } from '../../ports/clock.ts';

/** Timers keep the process alive until they fire or are cancelled. */
export function nodeClock(): Clock {
  return {
    nowMs: () => Number(process.hrtime.bigint()) / 1e6,
    wallMs: () => Date.now(),
    after(delayMs, fire) {
      const timer = setTimeout(fire, delayMs);
      return () => clearTimeout(timer);
    },
    soon: (fire) => void setImmediate(fire),
  };
}
