/** A reference to bytes that are too large to travel: what they are, how many, their digest, and where they lie. */
import { type Static, Type } from '@sinclair/typebox';
import { type MessageOf, message } from './message.ts';

/** Bytes an artifact may have. */
export const ARTIFACT_MOST_BYTES = 8 * 2 ** 20;

export const ArtifactRef = Type.Object(
  {
    /** What is in it: the type of a message, for instance. */
    kind: Type.String({ pattern: '^[A-Za-z0-9_.-]{1,128}$' }),
    /** Of all its bytes: whoever reads them believes nothing else. */
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    bytes: Type.Integer({ minimum: 1, maximum: ARTIFACT_MOST_BYTES }),
    mediaType: Type.String({ pattern: '^[a-z]+/[a-z0-9.+-]{1,64}$' }),
    /** Name of the store. */
    where: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }),
  },
  { additionalProperties: false },
);
export type ArtifactRef = Static<typeof ArtifactRef>;

/** Stands on the bus for a message that is larger than the bus carries: whoever hears it is given the whole one. */
export const ArtifactReferenced = message('oona.artifact.referenced', 1, { artifact: ArtifactRef });
export type ArtifactReferenced = MessageOf<typeof ArtifactReferenced>;
