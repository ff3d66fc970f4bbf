/** Bytes that say which version of the program wrote them, and the way from there to today. */
import { noUpcast } from './errors.ts';

const VERSION_BYTES = 4;

export type Upcasts = Readonly<Record<number, (value: never) => unknown>>;

export function withVersion(version: number, bytes: Uint8Array): Uint8Array {
  const all = new Uint8Array(VERSION_BYTES + bytes.length);
  new DataView(all.buffer).setUint32(0, version, true);
  all.set(bytes, VERSION_BYTES);
  return all;
}

/** Throws a RangeError when there are too few bytes for a version. */
export function splitVersion(all: Uint8Array): { readonly version: number; readonly bytes: Uint8Array } {
  const version = new DataView(all.buffer, all.byteOffset, all.byteLength).getUint32(0, true);
  return { version, bytes: all.subarray(VERSION_BYTES) };
}

/** One step for each version in between. @throws DURABLE_NO_UPCAST */
export function upcast(
  value: unknown,
  from: number,
  to: number,
  upcasts: Upcasts = {},
  what = 'an event',
): unknown {
  if (from > to) throw noUpcast(what, from, to);
  let now = value;
  for (let version = from; version < to; version++) {
    const step = upcasts[version] as ((value: unknown) => unknown) | undefined;
    if (step === undefined) throw noUpcast(what, version, to);
    now = step(now);
  }
  return now;
}
