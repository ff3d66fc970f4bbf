/** Large bytes that several nodes can reach, each under its own digest: what does not fit into a message. */
import type { ArtifactRef } from '../../contracts/artifact-ref.ts';

/** Every call but `refOf` rejects with STREAMS_UNREACHABLE (retryable) while the store cannot be reached. */
export interface ArtifactStore {
  /**
   * What these bytes are called once they are stored. Stores nothing.
   * @throws ARTIFACT_TOO_LARGE
   */
  refOf(bytes: Uint8Array, what: Pick<ArtifactRef, 'kind' | 'mediaType'>): ArtifactRef;
  /** Resolves when all of it is stored. Twice is harmless, also from two nodes. @throws ARTIFACT_DAMAGED when these are other bytes */
  put(ref: ArtifactRef, bytes: Uint8Array): Promise<void>;
  /**
   * The bytes, whose digest was checked.
   * @throws ARTIFACT_MISSING (retryable), ARTIFACT_DAMAGED, ARTIFACT_TOO_LARGE
   */
  get(ref: ArtifactRef): Promise<Uint8Array>;
}
