/** `esper data ls`: what there is, where it lies, and whether it is what it should be. */
import { basename } from 'node:path';
import { digestOf, inspect } from '../../runtime/download/index.ts';
import type { Disk } from '../../runtime/ports/disk.ts';
import { CATALOGUE, type CatalogueEntry } from './catalogue.ts';
import { HOMES, type Home } from './homes.ts';
import { find, type Located, places } from './locate.ts';
import { readSums } from './sums.ts';

export interface DatasetListing {
  readonly name: string;
  readonly about: string;
  /** `generated` needs no files; `missing` may be fetched. */
  readonly state: 'generated' | 'present' | 'missing';
  readonly folder: string | null;
  /** Null unless present. */
  readonly rows: { readonly train: number; readonly test: number } | null;
  /** On disk, as packed as they are; 0 unless present. */
  readonly bytes: number;
  /** Every file has the checksum of its public home, or the one it had when it was fetched. */
  readonly verified: boolean;
}

/** Looks as `loadDataset` looks. Reads every file found, to check it: a second or so with everything there. */
export async function listDatasets(
  disk: Disk,
  dataDirs: readonly string[],
): Promise<readonly DatasetListing[]> {
  const listing: DatasetListing[] = [];
  for (const entry of CATALOGUE) listing.push(await listOne(disk, entry, dataDirs));
  return listing;
}

async function listOne(
  disk: Disk,
  entry: CatalogueEntry,
  dataDirs: readonly string[],
): Promise<DatasetListing> {
  const { name, about } = entry;
  const absent = { name, about, folder: null, rows: null, bytes: 0, verified: false };
  if (entry.fileSets.length === 0) return { ...absent, state: 'generated', verified: true };
  const found = await find(
    disk,
    entry,
    dataDirs.flatMap((dir) => places(entry, dir)),
  );
  if (!found) return { ...absent, state: 'missing' };
  const { trainRows, testRows } = found.fileSet;
  let bytes = 0;
  for (const path of filesOf(found)) bytes += await disk.size(path);
  return {
    name,
    about,
    state: 'present',
    folder: found.folder,
    rows: { train: trainRows, test: testRows },
    bytes,
    verified: await allVerified(disk, entry.name, found),
  };
}

const filesOf = ({ train, test }: Located) => [...train, ...test];

async function allVerified(disk: Disk, dataset: string, found: Located): Promise<boolean> {
  const home = (HOMES as Readonly<Record<string, Home>>)[dataset];
  const sums = await readSums(disk, found.folder);
  for (const path of filesOf(found)) {
    if (!(await verified(disk, path, home, sums.get(basename(path))))) return false;
  }
  return true;
}

async function verified(
  disk: Disk,
  path: string,
  home: Home | undefined,
  sum: string | undefined,
): Promise<boolean> {
  const name = basename(path);
  if (sum !== undefined) return (await digestOf(disk, path, 'file'))?.sha256 === sum;
  const pinned = home?.files.find((file) => file.name === name || file.name === `${name}.gz`);
  if (pinned === undefined) return false;
  if (pinned.name === name) return (await inspect(disk, path, pinned.expect)).ok;
  // Unpacked by hand: comparable when the pin speaks of the content.
  return pinned.expect.of === 'gunzipped' && (await inspect(disk, path, { ...pinned.expect, of: 'file' })).ok;
}
