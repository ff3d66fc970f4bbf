/** Where the cluster of a home is while it runs, so that `esper admin` finds it without being told. */
import type { Disk } from '../../runtime/index.ts';

export interface Whereabouts {
  readonly cluster: string;
  readonly nats: string;
  /** Folder of its keys. */
  readonly keys: string;
}

const fileIn = (home: string): string => `${home}/local-cluster.json`;

/** The cluster that runs in this home; null when none does, or nobody can read what is written about it. */
export async function localClusterIn(disk: Disk, home: string): Promise<Whereabouts | null> {
  if (!(await disk.exists(fileIn(home)))) return null;
  const text = new TextDecoder().decode(await disk.read(fileIn(home)));
  const { cluster, nats, keys } = JSON.parse(text) as Partial<Whereabouts>;
  return typeof cluster === 'string' && typeof nats === 'string' && typeof keys === 'string'
    ? { cluster, nats, keys }
    : null;
}

/** Leaves word until the answer is called. @throws DISK_DENIED, DISK_FULL */
export async function leaveWord(disk: Disk, home: string, where: Whereabouts): Promise<() => Promise<void>> {
  await disk.folder(home);
  await disk.writeAtomic(fileIn(home), new TextEncoder().encode(`${JSON.stringify(where)}\n`));
  return async () => {
    if (await disk.exists(fileIn(home))) await disk.remove(fileIn(home));
  };
}
