/** Threads that are begun before it is known what they will do: they load their modules while the others load theirs. */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Luggage } from './luggage.ts';

/** What a thread is born with when its work is not known yet. */
export interface Waiting {
  /** The luggage arrives here: whatever is sent to the thread itself waits until its entry listens. */
  readonly call: MessagePort;
  /** Module it begins with once it is called. */
  readonly entry: string;
  /** Modules that it loads meanwhile; its entry finds them loaded. */
  readonly ahead: readonly string[];
}

interface Seat {
  readonly worker: Worker;
  call(luggage: Luggage): void;
}

const seats = new Map<string, Seat>();

/** Begins a thread for whoever will start one with this entry. It keeps no process alive, and ends with it. */
export function beginThread(entry: URL, ahead: readonly URL[]): void {
  const { port1, port2 } = new MessageChannel();
  const waiting = { call: port2, entry: entry.href, ahead: ahead.map(({ href }) => href) } satisfies Waiting;
  const worker = new Worker(new URL('./waiting-entry.js', import.meta.url), {
    workerData: waiting,
    transferList: [port2],
  });
  worker.unref();
  // One that ended before it was called is nobody's; whoever needs a thread then starts a fresh one.
  const forget = () => seats.delete(entry.href);
  worker.once('error', forget).once('exit', forget);
  seats.set(entry.href, {
    worker,
    call(luggage) {
      worker.off('error', forget).off('exit', forget);
      worker.ref();
      port1.postMessage(luggage);
    },
  });
}

/** The thread that was begun for this entry, called to work; null when there is none. */
export function callThread(entry: URL, luggage: Luggage): Worker | null {
  const seat = seats.get(entry.href);
  if (seat === undefined) return null;
  seats.delete(entry.href);
  seat.call(luggage);
  return seat.worker;
}
