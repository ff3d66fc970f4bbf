/** Finds the files of a data set in the folders people keep data in, and reads them, gzip or not. */
import { basename, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { EsperError } from '../../contracts/index.ts';
import type { Disk } from '../../runtime/ports/disk.ts';
import { CATALOGUE, type CatalogueEntry, type FileSet } from './catalogue.ts';

export interface Located {
  readonly folder: string;
  readonly fileSet: FileSet;
  /** Paths as they are on disk, in the order of the file set. */
  readonly train: readonly string[];
  readonly test: readonly string[];
}

/** No file of any known data set unpacks to more; what does is not a data set but an accident or an attack. */
const UNPACKED_BYTES_MAX = 512 * 1024 * 1024;
/** Deflate packs no better than this: what a file says of its size is believed so far. */
const PACKED_BEST = 1032;

/**
 * The first folder that holds a complete form of the data set; in each data folder a folder of its name comes before the folder itself.
 *
 * @throws DATA_NOT_FOUND listing the folders searched
 */
export async function locate(
  disk: Disk,
  entry: CatalogueEntry,
  dataDirs: readonly string[],
): Promise<Located> {
  const searched = dataDirs.flatMap((dir) => places(entry, dir));
  const found = await find(disk, entry, searched);
  if (found) return found;
  const wanted = entry.fileSets.map(({ train, test }) => [...train, ...test]);
  throw new EsperError(
    'DATA_NOT_FOUND',
    `${entry.name} is in none of ${searched.length} folders: ${searched.join(', ')}`,
    { dataset: entry.name, searched, files: wanted },
    { hint: `Run 'esper data fetch ${entry.name}', or name the folder that has it with --data-dir.` },
  );
}

/** As `locate`, with null for "nowhere". */
export async function find(
  disk: Disk,
  entry: CatalogueEntry,
  folders: readonly string[],
): Promise<Located | null> {
  for (const folder of folders) {
    for (const fileSet of entry.fileSets) {
      const train = await present(disk, folder, fileSet.train);
      const test = await present(disk, folder, fileSet.test);
      if (train && test) return { folder, fileSet, train, test };
    }
  }
  return null;
}

/**
 * Where a data set may lie, given a data folder. The folder itself does not count when it bears the name of another
 * data set: MNIST and Fashion-MNIST have the same file names, and must not be mistaken for each other.
 */
export function places(entry: CatalogueEntry, dir: string): string[] {
  const below = [entry.name, ...entry.folders].map((name) => join(dir, name));
  const name = basename(dir);
  const anothers = CATALOGUE.some(
    (other) => other !== entry && [other.name, ...other.folders].includes(name),
  );
  return anothers ? below : [...below, dir];
}

async function present(disk: Disk, folder: string, names: readonly string[]): Promise<string[] | null> {
  const paths: string[] = [];
  for (const name of names) {
    const path = await plainOrPacked(disk, join(folder, name));
    if (path === null) return null;
    paths.push(path);
  }
  return paths;
}

async function plainOrPacked(disk: Disk, path: string): Promise<string | null> {
  for (const candidate of [path, `${path}.gz`]) if (await disk.exists(candidate)) return candidate;
  return null;
}

/**
 * A file a person named: as it stands when absolute, else below the data folders, then in the folder we work in.
 *
 * @throws DATA_NOT_FOUND
 */
export async function locateFile(disk: Disk, file: string, dataDirs: readonly string[]): Promise<string> {
  const searched = isAbsolute(file) ? [file] : [...dataDirs.map((dir) => join(dir, file)), file];
  for (const path of searched) {
    const there = await plainOrPacked(disk, path);
    if (there !== null) return there;
  }
  throw new EsperError(
    'DATA_NOT_FOUND',
    `there is no ${searched.join(' and no ')}`,
    { file, searched },
    { hint: 'Check options.file, or name the folder that has it with --data-dir.' },
  );
}

/**
 * The bytes of a file, unpacked when its name ends in `.gz`.
 *
 * @throws DATA_BAD_GZIP DATA_TOO_LARGE
 */
export async function readUnpacked(disk: Disk, path: string): Promise<Uint8Array> {
  const bytes = await disk.read(path);
  if (!path.endsWith('.gz')) return bytes;
  try {
    return await promisify(gunzip)(bytes, {
      maxOutputLength: UNPACKED_BYTES_MAX,
      chunkSize: pieceFor(bytes),
    });
  } catch (cause) {
    throw (cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
      ? new EsperError(
          'DATA_TOO_LARGE',
          `${path} unpacks to more than ${UNPACKED_BYTES_MAX} bytes`,
          { path },
          { cause },
        )
      : new EsperError(
          'DATA_BAD_GZIP',
          `${path} does not unpack`,
          { path, bytes: bytes.length },
          {
            cause,
            hint: 'The file is incomplete or damaged: delete it and fetch it again.',
          },
        );
  }
}

/**
 * Room for all of it at once, where the file's last word tells the truth: then nothing is put together from pieces, and
 * no copy of tens of megabytes is made.
 */
function pieceFor(packed: Uint8Array): number {
  const told =
    packed.length < 4 ? 0 : new DataView(packed.buffer, packed.byteOffset).getUint32(packed.length - 4, true);
  return Math.min(UNPACKED_BYTES_MAX, Math.max(1024, Math.min(told, PACKED_BEST * packed.length) + 64));
}

/** Runs a reader; what it throws says in which file. */
export function inFile<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EsperError)) throw error;
    const { code, message, details, hint, retryable } = error;
    throw new EsperError(
      code,
      `${path}: ${message}`,
      { ...details, file: path },
      { cause: error, hint, retryable },
    );
  }
}
