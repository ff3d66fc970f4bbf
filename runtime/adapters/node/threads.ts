/** Threads of Node: a worker, its message port, and a beat in shared memory that even a stuck loop cannot fake. */
import { isMainThread, type MessagePort, parentPort, Worker } from 'node:worker_threads';
import { EsperError, type Failure, toFailure } from '../../../contracts/failure.ts';
import type { Seat, Thread, ThreadExit, Threads, Wire } from '../../ports/threads.ts';
import { type Luggage, luggage } from './luggage.ts';
import { callThread } from './waiting-threads.ts';

/** Slots of the shared beat: turns so far, and when the last one was, in microseconds since the machine started. */
const TURNS = 0;
const LAST = 1;
const BEAT_MS = 50;

/** Environment, standard output and error are those of the process. */
export function nodeThreads(): Threads {
  return {
    start({ name, entry, data }): Thread {
      const beat = new BigInt64Array(new SharedArrayBuffer(2 * BigInt64Array.BYTES_PER_ELEMENT));
      Atomics.store(beat, LAST, micros());
      const brought: Luggage = { name, data, beat };
      const worker = callThread(entry, brought) ?? new Worker(entry, { name, workerData: brought });
      return {
        wire: wireOf(worker),
        exited: exitOf(worker),
        beats: () => Number(Atomics.load(beat, TURNS)),
        stalledMs: () => Number(micros() - Atomics.load(beat, LAST)) / 1000,
        terminate: async () => void (await worker.terminate()),
      };
    },
  };
}

/**
 * The seat of the thread this is called in; its beat begins here.
 * @throws HOST_NOT_A_THREAD on the main thread
 */
export function nodeSeat(): Seat {
  if (isMainThread || !parentPort) {
    const hint = 'this module is the entry of a host: give its URL to startHost';
    throw new EsperError('HOST_NOT_A_THREAD', 'this is the main thread', {}, { hint });
  }
  const { name, data, beat } = luggage();
  const turn = () => {
    Atomics.add(beat, TURNS, 1n);
    Atomics.store(beat, LAST, micros());
  };
  turn();
  setInterval(turn, BEAT_MS).unref();
  return { name, data, wire: wireOf(parentPort) };
}

function wireOf(port: Worker | MessagePort): Wire {
  return {
    post: (value) => port.postMessage(value),
    onReceive: (take) => {
      port.on('message', take);
      // Arrived, but cannot be rebuilt here: not an envelope either.
      port.on('messageerror', () => take(undefined));
    },
  };
}

function exitOf(worker: Worker): Promise<ThreadExit> {
  return new Promise((resolve) => {
    let failure: Failure | undefined;
    worker.once('error', (error) => {
      failure = uncaught(error);
    });
    worker.once('exit', (code) => resolve(failure ? { code, failure } : { code }));
  });
}

/** An error that crossed the border has lost its class and kept its fields. */
function uncaught(error: unknown): Failure {
  const failure = toFailure(error);
  const { code, details, hint, retryable } = (error ?? {}) as Partial<EsperError>;
  if (typeof code !== 'string') return failure;
  return {
    ...failure,
    code,
    details: { ...details, ...(hint ? { hint } : {}) },
    retryable: retryable === true,
  };
}

/** The machine's own monotonic clock: all threads agree on it. */
const micros = () => process.hrtime.bigint() / 1000n;
