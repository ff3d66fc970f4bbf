/** A lease store in memory, seen over roads that delay and lose: the model of a key-value bucket behind a network. */
import { EsperError } from '../../../contracts/failure.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LeaseEntry, Leases } from '../../ports/leases.ts';

/** How one client reaches the store. */
export interface LeaseRoad {
  /** Milliseconds a request or an answer travels now; null when it is lost. */
  there(): number | null;
  back(): number | null;
}

export interface LeaseStore {
  /** The store as one client sees it. @param withinMs how long it waits for an answer, default 1,000 */
  view(road: LeaseRoad, withinMs?: number): Leases;
  /** What is really in it, sorted by key. */
  entries(): readonly LeaseEntry[];
}

interface Watcher {
  readonly prefix: string;
  readonly road: LeaseRoad;
  readonly tell: (entry: LeaseEntry) => void;
}

/** Its contents outlive a restart of whatever serves it. */
export function memoryLeases(clock: Clock): LeaseStore {
  const byKey = new Map<string, LeaseEntry>();
  const watchers = new Set<Watcher>();
  let revision = 0;

  const copy = (entry: LeaseEntry): LeaseEntry => ({ ...entry, value: entry.value.slice() });

  const write = (key: string, value: Uint8Array, expected: number): number | undefined => {
    if ((byKey.get(key)?.revision ?? 0) !== expected) return undefined;
    const entry = { key, value, revision: ++revision };
    byKey.set(key, entry);
    for (const watcher of watchers) {
      const ms = key.startsWith(watcher.prefix) ? watcher.road.back() : null;
      if (ms === null) continue;
      clock.after(ms, () => {
        if (watchers.has(watcher)) watcher.tell(copy(entry));
      });
    }
    return entry.revision;
  };

  const call = <T>(road: LeaseRoad, withinMs: number, work: () => T): Promise<T> =>
    new Promise((resolve, reject) => {
      const late = clock.after(withinMs, () => reject(unreachable(withinMs)));
      const there = road.there();
      if (there === null) return;
      clock.after(there, () => {
        const answer = work();
        const back = road.back();
        if (back === null) return;
        clock.after(back, () => {
          late();
          resolve(answer);
        });
      });
    });

  return {
    view: (road, withinMs = 1_000) => ({
      get: (key) =>
        call(road, withinMs, () => {
          const entry = byKey.get(key);
          return entry === undefined ? undefined : copy(entry);
        }),
      put: (key, value, expected) => {
        const own = value.slice();
        return call(road, withinMs, () => write(key, own, expected));
      },
      watch(prefix, tell) {
        const watcher = { prefix, road, tell };
        watchers.add(watcher);
        return () => void watchers.delete(watcher);
      },
    }),
    entries: () => [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1)).map(copy),
  };
}

const unreachable = (withinMs: number) =>
  new EsperError(
    'LEASES_UNREACHABLE',
    `the lease store did not answer within ${withinMs} ms`,
    { withinMs },
    { retryable: true, hint: 'Try again; what was to be written may have been written.' },
  );
