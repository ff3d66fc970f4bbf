/** Starts a host: a thread of ours with a link to it, whose end is always noticed and never takes us along. */
import type { Failure } from '../../contracts/failure.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { ThreadSpec, Threads } from '../ports/threads.ts';
import { hostGone } from './errors.ts';
import { type Link, WireLink } from './link.ts';

/** `finished`: by itself, in order. `terminated`: we ended it. `failed`: something in it was not caught. */
export interface HostExit {
  readonly reason: 'finished' | 'terminated' | 'failed';
  readonly code: number;
  readonly failure?: Failure;
}

export interface HostHandle {
  readonly name: string;
  readonly link: Link;
  /** The host has set its handlers. Rejects with HOST_GONE when it ends before; may be ignored. */
  readonly ready: Promise<void>;
  /** Resolves once, after every pending request was rejected; never rejects. */
  readonly exited: Promise<HostExit>;
  /** Turns of the host's watch timer so far. */
  beats(): number;
  /** Milliseconds since the host's event loop last turned: how a watchdog tells busy from stuck. */
  stalledMs(): number;
  /** Ends the host whatever it is doing. Resolves when the thread is gone; a second call is harmless. */
  terminate(): Promise<void>;
}

export interface HostOptions extends ThreadSpec {
  readonly threads: Threads;
  readonly clock: Clock;
  readonly log: Log;
}

export const READY_TOPIC = 'host.ready';

/** Set handlers on the link in the same turn: nothing has arrived before the next. */
export function startHost({ name, entry, data, threads, clock, log }: HostOptions): HostHandle {
  const thread = threads.start({ name, entry, data });
  const link = new WireLink(thread.wire, { host: name, clock, log });
  link.open();
  let terminated = false;
  const exited = thread.exited.then(({ code, failure }): HostExit => {
    link.close(failure);
    if (terminated) return { reason: 'terminated', code };
    if (failure) return { reason: 'failed', code, failure };
    return { reason: code === 0 ? 'finished' : 'failed', code };
  });
  const ready = new Promise<void>((resolve, reject) => {
    link.handle(READY_TOPIC, () => resolve());
    void exited.then(({ failure }) => reject(hostGone(name, failure)));
  });
  // Whoever does not care whether a host came up must not be ended by its failure.
  ready.catch(() => undefined);
  return {
    name,
    link,
    ready,
    exited,
    beats: () => thread.beats(),
    stalledMs: () => thread.stalledMs(),
    async terminate() {
      terminated = true;
      await thread.terminate();
      await exited;
    },
  };
}
