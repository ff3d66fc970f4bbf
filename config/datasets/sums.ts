/** `SHA256SUMS`: what a fetch put into a folder, in the form that `sha256sum -c` reads. */
import { join } from 'node:path';
import type { Disk } from '../../runtime/ports/disk.ts';

const NAME = 'SHA256SUMS';

export async function writeSums(
  disk: Disk,
  folder: string,
  sums: ReadonlyMap<string, string>,
): Promise<void> {
  const lines = [...sums].map(([name, sha256]) => `${sha256}  ${name}\n`);
  await disk.writeAtomic(join(folder, NAME), new TextEncoder().encode(lines.join('')));
}

/** File name to SHA-256; empty when nothing was fetched into the folder. Lines of another form are not ours. */
export async function readSums(disk: Disk, folder: string): Promise<ReadonlyMap<string, string>> {
  const path = join(folder, NAME);
  if (!(await disk.exists(path))) return new Map();
  const lines = new TextDecoder().decode(await disk.read(path)).split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [, sha256, name] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
      return sha256 && name ? [[name, sha256] as const] : [];
    }),
  );
}
