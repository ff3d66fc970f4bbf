/** Artifacts in a stream: each in pieces, a subject for each piece, named by the digest of the whole. */
import { ARTIFACT_MOST_BYTES, type ArtifactRef } from '../../contracts/artifact-ref.ts';
import { artifactDamaged, artifactMissing, artifactTooLarge } from '../ports/artifact-errors.ts';
import type { ArtifactStore } from '../ports/artifacts.ts';
import type { Hasher } from '../ports/hasher.ts';
import type { Ids } from '../ports/ids.ts';
import type { StreamSpec, Streams } from '../ports/streams.ts';

/** Bytes of one piece, unless a broker takes less. */
const PIECE_BYTES = 128 * 1024;
const DAY_MS = 86_400_000;

export interface StreamArtifactsParts {
  readonly streams: Streams;
  readonly hasher: Hasher;
  readonly ids: Ids;
  /** Name of the stream, which is that of the store. */
  readonly stream: string;
  /** What all subjects begin with, without a dot at its end. */
  readonly prefix: string;
  /** Bytes of one piece; default 128 KiB. */
  readonly pieceBytes?: number;
  /** Bytes of one artifact; default 8 MiB. */
  readonly mostBytes?: number;
}

/** The stream they are in: bounded, where what was stored first goes first. @param maxBytes of all of them */
export const artifactStream = (stream: string, prefix: string, maxBytes: number): StreamSpec => ({
  name: stream,
  subjects: [`${prefix}.>`],
  keeps: 'log',
  perSubject: 1,
  maxBytes,
  maxAgeMs: 30 * DAY_MS,
});

/** The caller makes the stream, with `artifactStream`. */
export function streamArtifacts(parts: StreamArtifactsParts): ArtifactStore {
  const { streams, hasher, ids, stream, prefix } = parts;
  const { pieceBytes = PIECE_BYTES, mostBytes = ARTIFACT_MOST_BYTES } = parts;
  /** A piece is found by where it begins, so pieces of any size fit together. */
  const subject = ({ sha256 }: ArtifactRef, offset: number) => `${prefix}.${sha256}.${offset}`;

  function check(ref: ArtifactRef, bytes: Uint8Array): void {
    if (bytes.length !== ref.bytes)
      throw artifactDamaged(ref, `${bytes.length} bytes instead of ${ref.bytes}`);
    if (hasher.sha256([bytes]) !== ref.sha256) throw artifactDamaged(ref, 'another digest');
  }

  return {
    refOf(bytes, { kind, mediaType }) {
      if (bytes.length > mostBytes) throw artifactTooLarge(kind, bytes.length, mostBytes);
      return { kind, mediaType, sha256: hasher.sha256([bytes]), bytes: bytes.length, where: stream };
    },
    async put(ref, bytes) {
      check(ref, bytes);
      const pieces = Array.from(
        { length: Math.ceil(bytes.length / pieceBytes) },
        (_, place) => place * pieceBytes,
      );
      // Another id each time: what the broker has let go meanwhile shall not count as stored.
      const store = (offset: number) =>
        streams.publish(subject(ref, offset), bytes.subarray(offset, offset + pieceBytes), {
          id: ids.next('piece'),
        });
      await Promise.all(pieces.map(store));
    },
    async get(ref) {
      if (ref.where !== stream) throw artifactMissing(ref, `this store is ${stream}`);
      if (ref.bytes > mostBytes) throw artifactTooLarge(ref.kind, ref.bytes, mostBytes);
      const bytes = new Uint8Array(ref.bytes);
      for (let offset = 0; offset < ref.bytes; ) {
        const piece = await streams.newest(stream, subject(ref, offset));
        if (piece === undefined) throw artifactMissing(ref, `nothing begins at byte ${offset}`);
        const end = offset + piece.bytes.length;
        if (end === offset || end > ref.bytes) throw artifactDamaged(ref, `a piece of ${end - offset} bytes`);
        bytes.set(piece.bytes, offset);
        offset = end;
      }
      check(ref, bytes);
      return bytes;
    },
  };
}
