/** A thread that watches the beat of this one: a loop that never ends is noticed, written down and, if wanted, ended. */
import { Worker } from 'node:worker_threads';
import type { StallReport } from '../../watchdog/stall-report.ts';

export interface WatchdogOptions {
  /** Folder for reports, `stall-<pid>-<n>.json`; made when missing. */
  readonly folder: string;
  /** Milliseconds without a turn of the event loop that are too long, default 1,000. */
  readonly limitMs?: number;
  /** Ends the process with exit code 70 after the report, so that whatever started it starts it again. Default false. */
  readonly exit?: boolean;
  /** Called when the loop turns again, if it does. */
  readonly onStall?: (report: StallReport) => void;
}

/** What the thread is given. */
export interface WatchdogSeat {
  /** Turns of the main loop so far. */
  readonly beat: Int32Array;
  readonly folder: string;
  readonly limitMs: number;
  readonly checkMs: number;
  readonly exit: boolean;
}

export interface Watchdog {
  /** Ends the watch. Resolves when its thread is gone. */
  stop(): Promise<void>;
}

/** To be called on the main thread; neither the beat nor the thread keep the process alive. */
export function startWatchdog({ folder, limitMs = 1_000, exit = false, onStall }: WatchdogOptions): Watchdog {
  const beat = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const checkMs = Math.max(10, Math.floor(limitMs / 4));
  const workerData: WatchdogSeat = { beat, folder, limitMs, checkMs, exit };
  const thread = new Worker(new URL('./watchdog-thread.js', import.meta.url), {
    name: 'watchdog',
    workerData,
  });
  thread.unref();
  if (onStall !== undefined) thread.on('message', onStall);
  const timer = setInterval(() => void Atomics.add(beat, 0, 1), checkMs).unref();
  return {
    async stop() {
      clearInterval(timer);
      await thread.terminate();
    },
  };
}
