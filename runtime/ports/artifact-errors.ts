/** What every artifact store says when it says no, in one wording. */
import type { ArtifactRef } from '../../contracts/artifact-ref.ts';
import { EsperError } from '../../contracts/failure.ts';

/** @param why which part of it is not there */
export const artifactMissing = ({ kind, sha256, where }: ArtifactRef, why: string) =>
  new EsperError(
    'ARTIFACT_MISSING',
    `an artifact is not in ${where}: ${why}`,
    { kind, sha256, where },
    { retryable: true, hint: 'Try again; if it stays away, have whoever made it say it again.' },
  );

export const artifactDamaged = ({ kind, sha256, where }: ArtifactRef, why: string) =>
  new EsperError(
    'ARTIFACT_DAMAGED',
    `an artifact in ${where} is not what its reference says: ${why}`,
    { kind, sha256, where },
    { hint: 'Have it made again; see who else may write to the broker.' },
  );

/** @param bytes what it has, @param most what it may have */
export const artifactTooLarge = (kind: string, bytes: number, most: number) =>
  new EsperError(
    'ARTIFACT_TOO_LARGE',
    `an artifact has ${bytes} bytes and may have ${most}`,
    { kind, bytes, most },
    { hint: 'Split it, or keep it on a disk that the nodes share.' },
  );
