/** The compiled kernels are what their source says, and compute the same bits everywhere. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sourceHashOf } from '../../../nn/kernels/build.mjs';
import * as fused from '../../../nn/kernels/fused.wasm.ts';
import * as fusedShared from '../../../nn/kernels/fused-shared.wasm.ts';
import * as pack from '../../../nn/kernels/pack.wasm.ts';
import { digest } from './digest.ts';

describe('the compiled kernels', () => {
  it.each([
    ['pack', pack],
    ['fused', fused],
    ['fused-shared', fusedShared],
  ])('%s are those of the source beside them', (name, { bytes, sourceHash, wasmHash }) => {
    expect(sourceHash, 'npm run kernels').toBe(sourceHashOf(name));
    expect(wasmHash).toBe(createHash('sha256').update(Buffer.from(bytes, 'base64')).digest('hex'));
  });

  it('compute the bits that they computed when this was written, whatever runs them', () => {
    expect(digest()).toBe('2e2cc91f777aafcd049baec78f6d2517ddb937f3f607c9f6c5608095bcb645f0');
  });
});
