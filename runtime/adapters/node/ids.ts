/** Ids nobody else has: eighty random bits after the prefix. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Ids } from '../../ports/ids.ts';

export function nodeIds(): Ids {
  return {
    next(prefix) {
      assert(prefix.length < 20, `an id starts with a short word, not with ${prefix}`);
      return `${prefix.toLowerCase()}-${randomBytes(10).toString('hex')}`;
    },
  };
}
