/** Plain data as JSON text: readable for ever, with any tool. */
import type { DurableCodec } from '../actor/durability.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Maps, sets, dates, typed arrays and `undefined` do not survive JSON: bring a codec of your own for those.
 * @param check looks at what was read, of whatever version, and throws if it is not what it should be
 */
export function jsonCodec<T>(check: (value: unknown) => T = (value) => value as T): DurableCodec<T> {
  return {
    encode: (value) => encoder.encode(JSON.stringify(value)),
    decode: (bytes) => check(JSON.parse(decoder.decode(bytes))),
  };
}
