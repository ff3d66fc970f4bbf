/** The JSON half of a network image, and how much of it is believed when it comes back. */

import { EsperError } from '../contracts/failure.ts';
import type { Kernel, Span } from '../contracts/index.ts';
import type { Births } from './births.ts';
import type { HostSpec, SeedMode } from './types.ts';

export interface ImageStructure {
  readonly version: 1;
  readonly spec: HostSpec;
  readonly spans: readonly Span[];
  readonly seeds: ReadonlyArray<{
    readonly seedId: string;
    readonly kernel: Kernel;
    readonly draw: number;
    readonly slotId: string;
    readonly sources: number;
    readonly mode: SeedMode;
    readonly alpha: number;
    readonly fossil: boolean;
    /** Absent for 1, what it is unless a fault plan made its gradients explode. */
    readonly gradientGain?: number;
  }>;
  readonly cascade: readonly string[];
  /** Absent where it is the number of updates of what was updated most: nearly always. */
  readonly steps?: number;
  readonly parameters: ReadonlyArray<{
    readonly name: string;
    readonly dims: readonly string[];
    readonly shape: readonly number[];
    readonly updates: number;
    readonly births: Births;
    readonly trainable: boolean;
    readonly moments: number;
  }>;
}

/**
 * Believes only the frame: whether the numbers fit together is asked by `checkImage`.
 * @throws NN_IMAGE_INVALID when this is not the structure of an image of ours
 */
export function readStructure(structure: unknown): ImageStructure {
  const found = structure as Partial<ImageStructure> | null;
  if (typeof found !== 'object' || found === null || found.version !== 1)
    throw invalidImage('unknown version');
  const { spec, spans, seeds, cascade, parameters } = found;
  if (typeof spec !== 'object' || ![spans, seeds, cascade, parameters].every(Array.isArray)) {
    throw invalidImage('spec, spans, seeds, cascade or parameters are missing');
  }
  return found as ImageStructure;
}

export const invalidImage = (why: string, cause?: unknown) =>
  new EsperError(
    'NN_IMAGE_INVALID',
    `this is not a network image: ${why}`,
    { why },
    { hint: 'load an earlier checkpoint', ...(cause === undefined ? {} : { cause }) },
  );
