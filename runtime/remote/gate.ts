/** The door of a node: whatever arrives is bytes until it has been measured, decoded and checked. Nothing in it is ever evaluated. */
import { decode } from '../../contracts/codec.ts';
import { CODEC_LIMITS } from '../../contracts/codec-guard.ts';
import { EsperError, type Refusal } from '../../contracts/failure.ts';
import type { Message } from '../actor/messages.ts';
import { beatChecker, ENVELOPE_VERSION, packetChecker, type RemoteEnvelope } from './envelope.ts';
import { tooLarge } from './errors.ts';

/** Keys that mean something to the language itself: no honest message has them. */
const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** @param maxBytes longest envelope, in bytes */
export function openEnvelope(bytes: Uint8Array, maxBytes: number): RemoteEnvelope | Refusal {
  const data = openData(bytes, maxBytes);
  if ('refused' in data) return data;
  const value = data.value as { readonly v?: unknown; readonly is?: unknown } | null;
  if (typeof value !== 'object' || value === null) return misfit('/', 'not an object');
  if (value.v !== ENVELOPE_VERSION) {
    return {
      refused: 'REMOTE_WRONG_VERSION',
      details: { ours: ENVELOPE_VERSION, theirs: printable(value.v) },
    };
  }
  const checker = value.is === 'beat' ? beatChecker : packetChecker;
  if (checker.check(value)) return value as RemoteEnvelope;
  const first = checker.firstError(value);
  return misfit(first?.path ?? '/', first?.message ?? 'not an envelope');
}

/** The message in a letter: an object with a type. */
export function openMessage(bytes: Uint8Array | undefined, maxBytes: number): { value: Message } | Refusal {
  if (bytes === undefined) return misfit('/body', 'missing');
  const data = openData(bytes, maxBytes);
  if ('refused' in data) return data;
  const type = (data.value as { readonly type?: unknown } | null)?.type;
  return typeof type === 'string' ? { value: data.value as Message } : misfit('/body/type', 'not a string');
}

/** Any data: the reply in a letter. */
export function openData(bytes: Uint8Array, maxBytes: number): { value: unknown } | Refusal {
  if (bytes.length > maxBytes) return tooLarge(bytes.length, maxBytes);
  try {
    const value = decode(bytes, { ...CODEC_LIMITS, bytes: maxBytes });
    const key = forbiddenKey(value);
    return key === undefined ? { value } : { refused: 'REMOTE_FORBIDDEN_KEY', details: { key } };
  } catch (thrown) {
    if (!(thrown instanceof EsperError)) throw thrown;
    return { refused: 'REMOTE_MALFORMED', details: { code: thrown.code, why: thrown.message } };
  }
}

/** Decoded data is a tree no deeper than the codec lets through. */
function forbiddenKey(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined;
  // Maps of the wire come back as maps; records and arrays as objects.
  for (const [key, inside] of value instanceof Map ? value : Object.entries(value)) {
    if (FORBIDDEN.has(key)) return key;
    const below = forbiddenKey(inside);
    if (below !== undefined) return below;
  }
  return undefined;
}

const misfit = (path: string, problem: string): Refusal => ({
  refused: 'REMOTE_BAD_ENVELOPE',
  details: { path, problem },
});

const printable = (value: unknown) => (typeof value === 'number' ? value : typeof value);
