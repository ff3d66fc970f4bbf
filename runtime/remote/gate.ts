/** The door of a node: whatever arrives is bytes until it has been measured, decoded and checked. Nothing in it is ever evaluated. */
import type { TSchema } from '@sinclair/typebox';
import { decode } from '../../contracts/codec.ts';
import { CODEC_LIMITS } from '../../contracts/codec-guard.ts';
import { EsperError, type Refusal } from '../../contracts/failure.ts';
import type { Message } from '../actor/messages.ts';
import type { Checker } from '../checker.ts';
import {
  BEAT_VERSION,
  type Beat,
  beatChecker,
  ENVELOPE_VERSION,
  type Packet,
  packetChecker,
  type RemoteEnvelope,
} from './envelope.ts';
import { tooLarge } from './errors.ts';
import { packetVersion, readPacket } from './packet-form.ts';

/** Keys that mean something to the language itself: no honest message has them. */
const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** @param maxBytes longest envelope, in bytes */
export function openEnvelope(bytes: Uint8Array, maxBytes: number): RemoteEnvelope | Refusal {
  const version = packetVersion(bytes);
  return version === undefined ? openBeat(bytes, maxBytes) : openPacket(bytes, version, maxBytes);
}

function openPacket(bytes: Uint8Array, version: number, maxBytes: number): Packet | Refusal {
  if (bytes.length > maxBytes) return tooLarge(bytes.length, maxBytes);
  if (version !== ENVELOPE_VERSION) return wrongVersion(ENVELOPE_VERSION, version);
  try {
    const packet = readPacket(bytes);
    return packetChecker.check(packet) ? packet : misfitting(packetChecker, packet);
  } catch (thrown) {
    return unreadable(thrown);
  }
}

function openBeat(bytes: Uint8Array, maxBytes: number): Beat | Refusal {
  const data = openData(bytes, maxBytes);
  if ('refused' in data) return data;
  const value = data.value as { readonly v?: unknown } | null;
  if (typeof value !== 'object' || value === null) return misfit('/', 'not an object');
  if (value.v !== BEAT_VERSION) return wrongVersion(BEAT_VERSION, value.v);
  return beatChecker.check(value) ? value : misfitting(beatChecker, value);
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
    const value = decode(bytes, { depth: CODEC_LIMITS.depth, bytes: maxBytes });
    const key = forbiddenKey(value);
    return key === undefined ? { value } : { refused: 'REMOTE_FORBIDDEN_KEY', details: { key } };
  } catch (thrown) {
    return unreadable(thrown);
  }
}

/** Decoded data is a tree no deeper than the codec lets through. Maps of the wire come back as maps, records as objects. */
function forbiddenKey(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined;
  if (Array.isArray(value)) return firstOf(value, forbiddenKey);
  if (value instanceof Map) return firstOf(value, ([key, inside]) => forbidden(key, inside));
  const record = value as Readonly<Record<string, unknown>>;
  return firstOf(Object.keys(record), (key) => forbidden(key, record[key]));
}

const forbidden = (key: string, inside: unknown) => (FORBIDDEN.has(key) ? key : forbiddenKey(inside));

function firstOf<T>(all: Iterable<T>, look: (one: T) => string | undefined): string | undefined {
  for (const one of all) {
    const found = look(one);
    if (found !== undefined) return found;
  }
  return undefined;
}

const misfit = (path: string, problem: string): Refusal => ({
  refused: 'REMOTE_BAD_ENVELOPE',
  details: { path, problem },
});

const misfitting = (checker: Checker<TSchema>, value: unknown): Refusal => {
  const first = checker.firstError(value);
  return misfit(first?.path ?? '/', first?.message ?? 'not an envelope');
};

/** @throws what is no complaint about bytes */
function unreadable(thrown: unknown): Refusal {
  if (!(thrown instanceof EsperError)) throw thrown;
  return { refused: 'REMOTE_MALFORMED', details: { code: thrown.code, why: thrown.message } };
}

const wrongVersion = (ours: number, theirs: unknown): Refusal => ({
  refused: 'REMOTE_WRONG_VERSION',
  details: { ours, theirs: printable(theirs) },
});

const printable = (value: unknown) => (typeof value === 'number' ? value : typeof value);
