/** The seal inside a checkpoint holds even where its file name was made to fit. */
import { describe, expect, it } from 'vitest';
import { nodeHasher } from '../../../runtime/adapters/node/hasher.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../../runtime/checkpoint/checkpoint.ts';
import { decodeSafetensors, encodeSafetensors } from '../../../runtime/checkpoint/safetensors.ts';

const hasher = nodeHasher();
const checkpoint = {
  boundary: 4,
  epoch: 5,
  step: 600,
  structure: ['a'],
  tensors: [{ name: 'w', shape: [2], data: Float32Array.of(1, 2) }],
  extra: { b: null },
};
const encoded = encodeCheckpoint(checkpoint, hasher);
const corrupt = expect.objectContaining({ code: 'CHECKPOINT_CORRUPT' });

describe('a checkpoint', () => {
  it('comes back whole', () => {
    expect(decodeCheckpoint(encoded, hasher)).toEqual(checkpoint);
  });

  it('is refused when a weight is not the one that was sealed', () => {
    const bytes = encoded.slice();
    bytes[bytes.length - 1] = 0x41;

    expect(() => decodeCheckpoint(bytes, hasher)).toThrow(corrupt);
  });

  it.each([
    ['another format', { format: 'pt' }],
    ['another version', { version: '2' }],
    ['a boundary that is no count', { boundary: '-1' }],
    ['a step beyond counting', { step: '9'.repeat(16) }],
    ['a structure that is not JSON', { structure: '{' }],
  ])('is refused with %s', (_, change) => {
    const { tensors, metadata } = decodeSafetensors(encoded);
    const bytes = encodeSafetensors({ tensors, metadata: { ...metadata, ...change } });

    expect(() => decodeCheckpoint(bytes, hasher)).toThrow(corrupt);
  });

  it('is refused with tensors that are not float32', () => {
    const { metadata } = decodeSafetensors(encoded);
    const data = new Int32Array(Float32Array.of(1, 2).buffer);
    const bytes = encodeSafetensors({ tensors: [{ name: 'w', shape: [2], data }], metadata });

    expect(() => decodeCheckpoint(bytes, hasher)).toThrow(corrupt);
  });
});
