/** A seal by HMAC-SHA-256: whoever has the secret may speak, everybody may listen. */
import assert from 'node:assert/strict';
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Seal } from '../../ports/seal.ts';

const MAC_BYTES = 32;
/** A shorter secret is easier to guess than the seal is to forge. */
const SECRET_BYTES_MIN = 16;

/**
 * Give each cluster a secret of its own. To change it, run all nodes with `[new, old]` for a while: the first one seals, all open.
 * @param secrets 16 random bytes or more, each
 */
export function hmacSeal(...secrets: readonly [Uint8Array, ...Uint8Array[]]): Seal {
  for (const secret of secrets) assert(secret.length >= SECRET_BYTES_MIN, 'a secret has 16 bytes or more');
  const keys = secrets.map((secret) => secret.slice());
  const macOf = (key: Uint8Array, subject: string, bytes: Uint8Array) =>
    createHmac('sha256', key).update(subject).update('\0').update(bytes).digest();
  return {
    overhead: MAC_BYTES,
    seal(subject, bytes) {
      const sealed = new Uint8Array(MAC_BYTES + bytes.length);
      sealed.set(macOf(keys[0] as Uint8Array, subject, bytes));
      sealed.set(bytes, MAC_BYTES);
      return sealed;
    },
    open(subject, sealed) {
      if (sealed.length < MAC_BYTES) return undefined;
      const mac = sealed.subarray(0, MAC_BYTES);
      const bytes = sealed.subarray(MAC_BYTES);
      return keys.some((key) => timingSafeEqual(mac, macOf(key, subject, bytes))) ? bytes : undefined;
    },
  };
}
