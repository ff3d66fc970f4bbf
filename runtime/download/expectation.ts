/** What a file must turn out to be before anybody may use it: its size and SHA-256, wrapped or unpacked. */
import { createHash } from 'node:crypto';
import type { Disk } from '../ports/disk.ts';
import { gunzipped, isNotGzip } from './gunzip.ts';

/** `of: 'gunzipped'` speaks of the content, since the same content may be wrapped differently by each mirror. */
export interface Expectation {
  /** Lower-case hex. */
  readonly sha256: string;
  readonly bytes: number;
  readonly of: 'file' | 'gunzipped';
}

export interface Digest {
  readonly sha256: string;
  readonly bytes: number;
}

const CHUNK_BYTES = 1 << 20;
/** More than gzip can ever add to content that does not compress. */
const WRAPPING_BYTES = 1 << 16;

/** Bytes a transfer may have at most; what goes on longer is not the file. */
export function longest({ bytes, of }: Expectation): number {
  return of === 'file' ? bytes : bytes + Math.ceil(bytes / 1000) + WRAPPING_BYTES;
}

/** Does the file hold what is expected? The digest found tells; `null` when it does not even unpack. */
export async function inspect(
  disk: Disk,
  path: string,
  expected: Expectation,
): Promise<{ readonly ok: boolean; readonly got: Digest | null }> {
  const got = await digestOf(disk, path, expected.of, expected.bytes);
  return { ok: got !== null && got.sha256 === expected.sha256 && got.bytes === expected.bytes, got };
}

/**
 * Size and SHA-256 of a file or of what it unpacks to. Memory use does not depend on the size.
 *
 * @param limit stop counting after so many bytes: a small file can unpack to a very large one
 * @returns null when it was to be unpacked and is not gzip
 * @throws DISK_NOT_FOUND
 */
export async function digestOf(
  disk: Disk,
  path: string,
  of: 'file' | 'gunzipped',
  limit = Number.POSITIVE_INFINITY,
): Promise<Digest | null> {
  const hash = createHash('sha256');
  let bytes = 0;
  const chunks = fileChunks(disk, path);
  try {
    for await (const chunk of of === 'file' ? chunks : gunzipped(chunks)) {
      hash.update(chunk);
      bytes += chunk.length;
      if (bytes > limit) break;
    }
  } catch (error) {
    if (isNotGzip(error)) return null;
    throw error;
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** The bytes of a file, in pieces. */
export async function* fileChunks(disk: Disk, path: string): AsyncGenerator<Uint8Array> {
  const file = await disk.open(path, 'read');
  try {
    for (let at = 0; ; ) {
      const chunk = await file.read(at, CHUNK_BYTES);
      if (chunk.length === 0) return;
      at += chunk.length;
      yield chunk;
    }
  } finally {
    await file.close();
  }
}
