/** `esper data fetch`: a public data set into the cache, verified, unpacked where it is an archive. */
import { basename, join } from 'node:path';
import { EsperError } from '../../contracts/index.ts';
import {
  type DownloadOrder,
  digestOf,
  download,
  fileChunks,
  gunzipped,
} from '../../runtime/download/index.ts';
import type { Disk } from '../../runtime/ports/disk.ts';
import { HOMES, type Home, type HomeFile } from './homes.ts';
import { readSums, writeSums } from './sums.ts';
import { readTar } from './tar.ts';

export interface FetchOrder extends Pick<DownloadOrder, 'http' | 'disk' | 'clock' | 'patience' | 'signal'> {
  /** The data set goes into a folder of its name below this one. */
  readonly cacheDir: string;
  /** Base address of a private mirror, asked for `<mirror>/<data set>/<file>` instead of the public homes. */
  readonly mirror?: string;
  readonly homes?: Readonly<Record<string, Home>>;
  readonly progress?: (file: string, progress: Parameters<NonNullable<DownloadOrder['progress']>>[0]) => void;
}

export interface FetchReport {
  readonly dataset: string;
  readonly folder: string;
  readonly credit: string;
  /** `from`: the address that served it; null when the right file was there already. */
  readonly files: ReadonlyArray<{ readonly name: string; readonly from: string | null }>;
}

/**
 * Fetches what is missing; asking again is cheap and goes on where the last time ended.
 *
 * @throws DATA_UNKNOWN_DATASET DATA_BAD_ARCHIVE, what `download` throws, DISK codes
 */
export async function fetchDataset(dataset: string, order: FetchOrder): Promise<FetchReport> {
  const homes: Readonly<Record<string, Home>> = order.homes ?? HOMES;
  const home = Object.hasOwn(homes, dataset) ? homes[dataset] : undefined;
  if (home === undefined) throw unknown(dataset, Object.keys(homes));
  const folder = join(order.cacheDir, dataset);
  const files: { name: string; from: string | null }[] = [];
  for (const file of home.files) {
    const there = file.members !== undefined && (await unpacked(order.disk, folder, file.members));
    const from = there ? null : await fetchFile(dataset, folder, file, home, order);
    files.push({ name: file.name, from });
  }
  return { dataset, folder, credit: home.credit, files };
}

async function fetchFile(
  dataset: string,
  folder: string,
  { name, expect, members }: HomeFile,
  home: Home,
  order: FetchOrder,
): Promise<string | null> {
  const to = join(folder, name);
  const bases = order.mirror === undefined ? home.mirrors : [`${withSlash(order.mirror)}${dataset}/`];
  const { progress, ...tools } = order;
  const from = await download({
    ...tools,
    urls: bases.map((base) => withSlash(base) + name),
    to,
    expect,
    ...(progress && { progress: (sofar) => progress(name, sofar) }),
  });
  if (members) await unpack(order.disk, to, folder, members);
  return from;
}

const withSlash = (base: string) => (base.endsWith('/') ? base : `${base}/`);

/** Only names of our own table become files, so an archive cannot write anywhere else. It is removed when all are out. */
async function unpack(
  disk: Disk,
  archive: string,
  folder: string,
  members: Readonly<Record<string, number>>,
): Promise<void> {
  const sums = new Map(await readSums(disk, folder));
  for await (const { name, bytes } of readTar(gunzipped(fileChunks(disk, archive)), members)) {
    const path = join(folder, basename(name));
    await disk.writeAtomic(path, bytes);
    sums.set(basename(name), (await digestOf(disk, path, 'file'))?.sha256 ?? '');
  }
  await writeSums(disk, folder, sums);
  await disk.remove(archive);
}

async function unpacked(
  disk: Disk,
  folder: string,
  members: Readonly<Record<string, number>>,
): Promise<boolean> {
  const sums = await readSums(disk, folder);
  for (const member of Object.keys(members)) {
    const name = basename(member);
    const path = join(folder, name);
    if (!sums.has(name) || !(await disk.exists(path))) return false;
    if ((await digestOf(disk, path, 'file'))?.sha256 !== sums.get(name)) return false;
  }
  return true;
}

function unknown(dataset: string, known: readonly string[]): EsperError {
  return new EsperError(
    'DATA_UNKNOWN_DATASET',
    `no home is known for '${dataset}'`,
    { dataset, known },
    { hint: `Can be fetched: ${known.join(', ')}.` },
  );
}
