/** Looks whether a node's name is in use: a lease that is being renewed has a live process behind it. */
import type { Clock, Leases } from '../../runtime/index.ts';
import { readLease } from '../../runtime/remote/lease-record.ts';
import { nameLive } from './errors.ts';

/** A lease is renewed six times in its life; this many of those sixths are waited for, to be certain. */
const SIXTHS = 2.5;

/**
 * Resolves when nobody renews the name's lease. Takes no time when it was let go in order, else part of a lease's life.
 * @throws NODE_NAME_LIVE, LEASES_UNREACHABLE
 */
export async function refuseLiveName(
  name: string,
  { leases, clock, prefix }: { readonly leases: Leases; readonly clock: Clock; readonly prefix: string },
): Promise<void> {
  const key = `${prefix}.node.${name}`;
  const first = await leases.get(key);
  if (first === undefined) return;
  const { holder, lifeMs } = readLease(key, first.value);
  if (holder === '') return;
  await new Promise<void>((resolve) => {
    clock.after((lifeMs / 6) * SIXTHS, resolve);
  });
  const second = await leases.get(key);
  if (second === undefined || second.revision === first.revision) return;
  const now = readLease(key, second.value);
  if (now.holder !== '') throw nameLive(name, now.holder);
}
