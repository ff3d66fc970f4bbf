/** A host as an actor: the thread lives as long as the actor does, and its death is the actor's crash. */
import { EsperError, fromFailure } from '../../contracts/index.ts';
import type { HostHandle } from '../../runtime/host/host.ts';
import { accept, type Cx, defineActor } from '../../runtime/index.ts';

export interface HostArgs {
  /** Starts the thread. Called again for every new life. */
  readonly start: () => HostHandle;
  /** Called when the host is ready, first or again: what must be said to it before anybody else speaks. */
  readonly ready: (host: HostHandle) => Promise<void>;
}

interface HostMissing {
  readonly type: 'host.exited';
}

/** How long a host may take to load its modules. */
const READY_WITHIN_MS = 60_000;

export const hostActor = defineActor<HostHandle, HostMissing, never, HostArgs>({
  name: 'host',
  async fresh(cx, { start, ready }) {
    const host = start();
    cx.job('watch', () => watch(host));
    await withinTime(cx, host);
    await ready(host);
    return host;
  },
  decide: { 'host.exited': () => accept() },
  stopped: (host) => host.terminate(),
});

/** Ends only with the thread: in order, or by throwing what ended it. */
async function watch(host: HostHandle): Promise<HostMissing> {
  const { reason, failure } = await host.exited;
  if (reason === 'failed')
    throw failure
      ? fromFailure(failure)
      : new EsperError('HOST_GONE', `${host.name} ended without a word`, { host: host.name });
  return { type: 'host.exited' };
}

async function withinTime(cx: Cx<HostMissing>, host: HostHandle): Promise<void> {
  let giveUp: () => void = () => {};
  const late = new Promise<never>((_, reject) => {
    giveUp = cx.after(READY_WITHIN_MS, { type: 'host.exited' });
    void host.exited.then(() =>
      reject(new EsperError('HOST_GONE', `${host.name} ended before it was ready`, { host: host.name })),
    );
  });
  try {
    await Promise.race([host.ready, late]);
  } finally {
    giveUp();
  }
}
