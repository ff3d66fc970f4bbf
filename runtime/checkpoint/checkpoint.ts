/** A checkpoint: everything a run needs to go on from a boundary, as one safetensors file with a seal. */
import { type Static, Type } from '@sinclair/typebox';
import { EsperError } from '../../contracts/failure.ts';
import { checkerOf } from '../checker.ts';
import type { Hasher } from '../ports/hasher.ts';
import { bytesOf, decodeSafetensors, encodeSafetensors, type NamedTensor } from './safetensors.ts';

export interface Checkpoint {
  /** 0-based count of boundaries committed, as in the journal. */
  readonly boundary: number;
  readonly epoch: number;
  readonly step: number;
  /** JSON: what the tensors belong to. */
  readonly structure: unknown;
  /** Float32 parameters and moments by name. */
  readonly tensors: readonly NamedTensor<Float32Array>[];
  /** JSON: random streams, seed states and whatever else is not a tensor. */
  readonly extra: unknown;
}

const FORMAT = 'esper.checkpoint';
const VERSION = '1';
const Counter = Type.String({ pattern: '^(0|[1-9][0-9]{0,14})$' });
/** The format's metadata knows strings only. */
const Metadata = Type.Object({
  format: Type.Literal(FORMAT),
  version: Type.Literal(VERSION),
  boundary: Counter,
  epoch: Counter,
  step: Counter,
  structure: Type.String(),
  extra: Type.String(),
  /** Of the bytes of all tensors, in their order. */
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
});
type Metadata = Static<typeof Metadata>;
const metadataChecker = checkerOf(Metadata);

/** @throws SAFETENSORS_INVALID when two tensors share a name or a shape does not fit */
export function encodeCheckpoint(checkpoint: Checkpoint, hasher: Hasher): Uint8Array {
  const { boundary, epoch, step, structure, extra, tensors } = checkpoint;
  const metadata: Metadata = {
    format: FORMAT,
    version: VERSION,
    boundary: String(boundary),
    epoch: String(epoch),
    step: String(step),
    structure: JSON.stringify(structure),
    extra: JSON.stringify(extra),
    sha256: hasher.sha256(tensors.map(bytesOf)),
  };
  return encodeSafetensors({ tensors, metadata });
}

/**
 * The tensors view `bytes` where alignment allows: copy before changing either.
 * @throws CHECKPOINT_CORRUPT when anything is not as it was written
 */
export function decodeCheckpoint(bytes: Uint8Array, hasher: Hasher): Checkpoint {
  try {
    const { tensors, metadata } = decodeSafetensors(bytes);
    if (!metadataChecker.check(metadata)) {
      const first = metadataChecker.firstError(metadata);
      throw new Error(`metadata at ${first?.path}: ${first?.message}`);
    }
    if (hasher.sha256(tensors.map(bytesOf)) !== metadata.sha256)
      throw new Error('tensor bytes do not match their hash');
    return {
      boundary: Number(metadata.boundary),
      epoch: Number(metadata.epoch),
      step: Number(metadata.step),
      structure: JSON.parse(metadata.structure),
      extra: JSON.parse(metadata.extra),
      tensors: tensors.map(onlyFloats),
    };
  } catch (cause) {
    throw checkpointCorrupt(cause instanceof Error ? cause.message : String(cause), {}, cause);
  }
}

export function checkpointCorrupt(
  problem: string,
  details: Record<string, unknown>,
  cause?: unknown,
): EsperError {
  const hint = 'resume from an older checkpoint; the journal tells what happened since';
  return new EsperError('CHECKPOINT_CORRUPT', `not a sound checkpoint: ${problem}`, details, { hint, cause });
}

export function checkpointNotFound(file: string, folder: string, cause: unknown): EsperError {
  const hint = 'list the folder: retention may have let it go, or it is in quarantine';
  return new EsperError(
    'CHECKPOINT_NOT_FOUND',
    `there is no checkpoint ${file}`,
    { file, folder },
    { hint, cause },
  );
}

function onlyFloats({ name, shape, data }: NamedTensor): NamedTensor<Float32Array> {
  if (!(data instanceof Float32Array)) throw new Error(`tensor ${name} is not float32`);
  return { name, shape, data };
}
