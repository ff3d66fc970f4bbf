/** A child that is a whole thread: a proxy cell starts it, speaks for it, and falls when it falls. */
import type { AnyDefinition } from '../actor/behaviour.ts';
import { accept, type Decision, refuse } from '../actor/decision.ts';
import { asError } from '../actor/errors.ts';
import type { Message } from '../actor/messages.ts';
import { hostGone, hostStalled } from '../host/errors.ts';
import { type HostHandle, startHost } from '../host/host.ts';
import type { Clock } from '../ports/clock.ts';
import type { Threads } from '../ports/threads.ts';
import { worker } from './declare.ts';
import type { WorkerOptions, WorkerSpec } from './spec.ts';

export interface HostWorkerOptions extends Omit<WorkerOptions, 'id'> {
  /** Module the thread begins with; it calls `joinHost`. */
  readonly entry: URL;
  /** Copied into the thread at each start. */
  readonly data?: unknown;
  readonly threads: Threads;
  readonly clock: Clock;
  /** Milliseconds the host may take to answer one message, default 5,000. */
  readonly requestMs?: number;
  /** Called for every life, as soon as the thread runs: where handlers for what the host says are set. */
  readonly onStart?: (host: HostHandle) => void;
  /** Called for every life when the host has set its handlers, before anybody else can speak to it. */
  readonly onReady?: (host: HostHandle) => void | Promise<void>;
  /** Milliseconds an event loop over there may stand still before the host counts as stuck and is ended; default 60,000. */
  readonly stallMs?: number;
}

/** How often a host's beat is looked at. */
const CHECK_MS = 1_000;

/**
 * A child that runs in a thread of its own. Each message goes there as a request on the topic of its type, one at a
 * time; what the handler over there returns is the reply. A host that fails is a crash and is restarted like any other.
 */
export function hostWorker(id: string, options: HostWorkerOptions): WorkerSpec {
  const {
    entry,
    data = null,
    threads,
    clock,
    requestMs = 5_000,
    onStart,
    onReady,
    stallMs = 60_000,
    ...rest
  } = options;
  const definition: AnyDefinition = {
    name: id,
    async fresh(cx) {
      const { incarnation, signal } = cx;
      const host = startHost({ name: cx.path, entry, data, threads, clock, log: cx.log });
      const giveUp = () => void host.terminate();
      signal.addEventListener('abort', giveUp);
      try {
        onStart?.(host);
        await host.ready;
        await onReady?.(host);
      } catch (thrown) {
        await host.terminate(); // a life that never began has nobody else to end its thread
        throw thrown;
      } finally {
        signal.removeEventListener('abort', giveUp);
      }
      void host.exited.then((exit) => {
        if (incarnation !== cx.incarnation) return;
        if (exit.reason === 'finished') cx.stop();
        if (exit.reason === 'failed') cx.fail(hostGone(host.name, exit.failure));
      });
      cx.after(CHECK_MS, { type: 'host.check' });
      return host;
    },
    decide: {
      'host.check': (state, _, cx) => {
        const stalledMs = (state as HostHandle).stalledMs();
        if (stalledMs > stallMs) throw hostStalled(id, stalledMs);
        cx.after(CHECK_MS, { type: 'host.check' });
        return accept();
      },
    },
    otherwise: (state, message) => forward(state as HostHandle, message, requestMs),
    stopped: (state) => (state as HostHandle).terminate(),
  };
  return { ...worker(definition, rest), id };
}

/** Too late and not understood are answers; a host that is gone is a crash. */
async function forward({ link }: HostHandle, message: Message, withinMs: number): Promise<Decision<unknown>> {
  try {
    return accept(await link.request(message.type, message, { withinMs }));
  } catch (thrown) {
    const { code, message: text } = asError(thrown) as Error & { code?: string };
    if (code === undefined || code === 'HOST_GONE') throw thrown;
    return refuse(code, { message: text });
  }
}
