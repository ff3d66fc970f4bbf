/** Unpacks a stream piece by piece, and lets go of it properly when the reader has had enough. */
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/**
 * The unpacked bytes, in pieces. Errors of the source come through as they are; bytes that are not gzip, or end early,
 * throw an error whose code begins with `Z_`.
 */
export async function* gunzipped(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(chunks);
  const gunzip = createGunzip();
  // A pipe does not pass errors on, and a pipeline calls it an error when its reader stops early.
  source.on('error', (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    for await (const chunk of gunzip) yield chunk;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

/** Did unpacking fail because of the bytes themselves? */
export const isNotGzip = (error: unknown) =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
