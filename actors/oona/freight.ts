/** Bodies that are larger than the bus carries: stored as artifacts before the message goes, fetched before it is handed on. */
import {
  type ArtifactRef,
  ArtifactReferenced,
  BusBodySchema,
  decode,
  EsperError,
  encode,
} from '../../contracts/index.ts';
import { checkerOf } from '../../runtime/checker.ts';
import type { ArtifactStore, BusBody, BusMessage } from '../../runtime/index.ts';
import { artifactDamaged } from '../../runtime/ports/artifact-errors.ts';
import { tooLarge } from './errors.ts';

const MEDIA_TYPE = 'application/msgpack';
/** A type of message that cannot be the kind of an artifact. */
const NO_KIND = /[^A-Za-z0-9_.-]/g;

const checker = checkerOf(BusBodySchema);

/** What must be stored before a message may be. */
export interface Bulk {
  /** Bytes. */
  readonly size: number;
  /** May be called again. */
  put(): Promise<void>;
}

/**
 * A body as a reference, and the bulk it stands for.
 * @throws OONA_TOO_LARGE, CODEC_UNENCODABLE, CODEC_TOO_LARGE
 */
export function loaded(store: ArtifactStore, topic: string, body: BusBody, mostBytes: number) {
  const bytes = encode(body);
  if (bytes.length > mostBytes) throw tooLarge(topic, bytes.length, mostBytes);
  const artifact = store.refOf(bytes, { kind: body.type.replaceAll(NO_KIND, '_'), mediaType: MEDIA_TYPE });
  const bulk: Bulk = { size: bytes.length, put: () => store.put(artifact, bytes) };
  return { body: ArtifactReferenced.of({ artifact }), bulk };
}

export const isLoaded = ({ body }: BusMessage): boolean => body.type === ArtifactReferenced.type;

/**
 * The message as its sender said it.
 * @throws ARTIFACT_MISSING, STREAMS_UNREACHABLE (both retryable), ARTIFACT_DAMAGED, ARTIFACT_TOO_LARGE
 */
export async function unloaded(store: ArtifactStore, message: BusMessage): Promise<BusMessage> {
  const artifact = referenceIn(message);
  const body = opened(artifact, await store.get(artifact));
  return { ...message, body };
}

function referenceIn({ topic, body }: BusMessage): ArtifactRef {
  try {
    return ArtifactReferenced.parse(body).artifact;
  } catch (cause) {
    throw new EsperError(
      'ARTIFACT_DAMAGED',
      `a message on ${topic} refers to nothing`,
      { topic },
      { cause, hint: 'look for strangers on the NATS server' },
    );
  }
}

function opened(artifact: ArtifactRef, bytes: Uint8Array): BusBody {
  const body = decode(bytes);
  if (checker.check(body) && body.type !== ArtifactReferenced.type) return body;
  throw artifactDamaged(artifact, 'it holds no message');
}
