/** Hashing by the system's library, about a gigabyte a second. */
import { createHash } from 'node:crypto';
import type { Hasher } from '../../ports/hasher.ts';

export function nodeHasher(): Hasher {
  return {
    sha256(parts) {
      const hash = createHash('sha256');
      for (const part of parts) hash.update(part);
      return hash.digest('hex');
    },
  };
}
