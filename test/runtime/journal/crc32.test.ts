/** The checksum is the one the world knows, at every length and offset. */
import { crc32 as reference } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../../runtime/journal/crc32.ts';

describe('crc32', () => {
  it('has the published check value', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });

  it('agrees with the system library on any part of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(50), fc.nat(50), (bytes, skip, drop) => {
        const from = Math.min(skip, bytes.length);
        const to = Math.max(from, bytes.length - drop);

        expect(crc32(bytes, from, to)).toBe(reference(bytes.subarray(from, to)));
      }),
    );
  });
});
