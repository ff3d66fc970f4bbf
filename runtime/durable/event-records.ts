/** What an event store writes into its journal, as bytes: each record names its stream first. */
import { eventsCorrupt } from './errors.ts';

/** Kinds of journal records. */
export const KIND = {
  /** Events of one stream that were appended together: first revision, then each with its length. */
  events: 1,
  /** Events up to a revision are let go. */
  deleted: 2,
  /** A state and its revision. */
  state: 3,
  /** A state was deleted; this is its revision now. */
  stateDeleted: 4,
  /** Said again before old segments go: the newest revision of a stream that has no events left. */
  mark: 5,
} as const;

/** Of one append, or one state; a journal takes no larger record. */
export const RECORD_BYTES_MAX = 15 << 20;

/** @see docs of each field in `KIND` */
export interface StreamRecord {
  readonly id: string;
  /** First revision, deleted-up-to, or revision, as the kind says. */
  readonly revision: number;
  readonly rest: Uint8Array;
}

const ID_LENGTH = 2;
const REVISION = 8;
const EVENT_LENGTH = 4;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeStreamRecord(id: string, revision: number, rest: Uint8Array = none): Uint8Array {
  const name = encoder.encode(id);
  const bytes = new Uint8Array(ID_LENGTH + name.length + REVISION + rest.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, name.length, true);
  bytes.set(name, ID_LENGTH);
  view.setFloat64(ID_LENGTH + name.length, revision, true);
  bytes.set(rest, ID_LENGTH + name.length + REVISION);
  return bytes;
}

/** @throws EVENTS_CORRUPT when this is no such record */
export function decodeStreamRecord(sequence: number, bytes: Uint8Array): StreamRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const end = ID_LENGTH + view.getUint16(0, true);
    const revision = view.getFloat64(end, true);
    const id = decoder.decode(bytes.subarray(ID_LENGTH, end));
    return { id, revision, rest: bytes.subarray(end + REVISION) };
  } catch (cause) {
    throw eventsCorrupt(sequence, 'it is too short', cause);
  }
}

/** Each event behind its length. */
export function packEvents(events: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const event of events) length += EVENT_LENGTH + event.length;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const event of events) {
    view.setUint32(at, event.length, true);
    bytes.set(event, at + EVENT_LENGTH);
    at += EVENT_LENGTH + event.length;
  }
  return bytes;
}

/** The way back; the events are views. @throws EVENTS_CORRUPT */
export function unpackEvents(sequence: number, bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const events: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + EVENT_LENGTH + (at + EVENT_LENGTH <= bytes.length ? view.getUint32(at, true) : 0);
    if (end > bytes.length) throw eventsCorrupt(sequence, 'an event is cut off');
    events.push(bytes.subarray(at + EVENT_LENGTH, end));
    at = end;
  }
  return events;
}

const none = new Uint8Array(0);
