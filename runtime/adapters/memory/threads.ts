/** Threads that are none: two ends in one process that copy every value, so that nothing is shared by accident. */
import { type EsperError, toFailure } from '../../../contracts/failure.ts';
import { type Link, WireLink } from '../../host/link.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Seat, Thread, ThreadExit, Threads, Wire } from '../../ports/threads.ts';
import { memoryLog } from './log.ts';

interface Cable {
  readonly near: Wire;
  readonly far: Wire;
  cut(): void;
}

/** What is posted is copied at once and taken in a later turn. */
function cable(clock: Clock): Cable {
  let whole = true;
  const end = (
    other: { take?: (value: unknown) => void },
    own: { take?: (value: unknown) => void },
  ): Wire => ({
    post(value) {
      const copy = structuredClone(value);
      clock.soon(() => {
        if (whole) other.take?.(copy);
      });
    },
    onReceive: (take) => {
      own.take = take;
    },
  });
  const near = {};
  const far = {};
  return {
    near: end(far, near),
    far: end(near, far),
    cut: () => {
      whole = false;
    },
  };
}

export interface LinkPair {
  readonly near: Link;
  readonly far: Link;
  /** Both sides learn that the other is gone. */
  cut(): void;
}

/** Two links that reach each other, for tests of whatever talks over one. */
export function linkPair(clock: Clock, log: Log = memoryLog()): LinkPair {
  const { near, far, cut } = cable(clock);
  const [one, other] = [near, far].map((wire) => new WireLink(wire, { host: 'pair', clock, log })) as [
    WireLink,
    WireLink,
  ];
  one.open();
  other.open();
  return {
    near: one,
    far: other,
    cut() {
      cut();
      one.close();
      other.close();
    },
  };
}

export interface MemoryThreads extends Threads {
  /** The named thread fails as if nobody in it had caught `error`. */
  crash(name: string, error: EsperError | Error): void;
  /** The named thread's event loop stands still from now on. */
  stall(name: string): void;
}

/** @param run what a thread does instead of loading its entry */
export function memoryThreads(clock: Clock, run: (seat: Seat, entry: URL) => void): MemoryThreads {
  const running = new Map<string, { end: (exit: ThreadExit) => void; stall: () => void }>();
  return {
    start({ name, entry, data }): Thread {
      const { near, far, cut } = cable(clock);
      let stalledSince: number | undefined;
      const { promise: exited, resolve } = withResolver<ThreadExit>();
      const end = (exit: ThreadExit) => {
        cut();
        running.delete(name);
        resolve(exit);
      };
      running.set(name, {
        end,
        stall: () => {
          stalledSince = clock.nowMs();
          cut();
        },
      });
      const copy = structuredClone(data);
      clock.soon(() => run({ name, data: copy, wire: far }, entry));
      return {
        wire: near,
        exited,
        beats: () => Math.floor(stalledSince ?? clock.nowMs()),
        stalledMs: () => (stalledSince === undefined ? 0 : clock.nowMs() - stalledSince),
        terminate: async () => end({ code: 1 }),
      };
    },
    crash: (name, error) => running.get(name)?.end({ code: 1, failure: toFailure(error) }),
    stall: (name) => running.get(name)?.stall(),
  };
}

function withResolver<T>() {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
