/** Letters on the wire: every field in its place and none by its name, because a question waits for both ways. */
import { malformed } from '../../contracts/codec-guard.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import {
  type CarriedLetter,
  ENVELOPE_VERSION,
  LETTER_KINDS,
  LETTERS_AT_ONCE,
  type Packet,
} from './envelope.ts';
import type { LetterText } from './outbox.ts';

/** First byte of letters; no MessagePack begins with it. The version follows. */
const MARK = 0xc1;

/** Which fields a letter has that not every letter has, as bits, in the order in which they follow. */
const HAS = { system: 1, priority: 2, trace: 4, leftMs: 8, re: 16, incarnation: 32, body: 64 } as const;
const ALL_BITS = 127;

/** A packet is written before the next one begins. */
const writer = new ByteWriter();

/** The version of letters, when these bytes say they are some. */
export const packetVersion = (bytes: Uint8Array): number | undefined =>
  bytes[0] === MARK ? (bytes[1] ?? 0) : undefined;

/** A letter in its place, as it is sent. */
export interface Numbered {
  readonly seq: number;
  /** Milliseconds until nobody waits any more; null for ever. */
  readonly leftMs: number | null;
  readonly text: LetterText;
}

export interface NumberedPacket extends Omit<Packet, 'v' | 'is' | 'letters'> {
  readonly letters: readonly Numbered[];
}

/** @returns a view that the next packet makes worthless: a transport copies what it takes */
export function packPacket(packet: NumberedPacket): Uint8Array {
  writer.begin();
  writer.byte(MARK);
  writer.byte(ENVELOPE_VERSION);
  writer.text(packet.from);
  writer.whole(packet.epoch);
  writer.text(packet.to);
  writer.whole(packet.toEpoch);
  writer.whole(packet.ack);
  writer.whole(packet.beyond);
  writer.whole(packet.limit);
  writer.whole(packet.letters.length);
  for (const letter of packet.letters) writeLetter(letter);
  return writer.done();
}

/**
 * Unchecked data: its fields are of the right kind, and may say anything. Bodies are copies.
 * @throws CODEC_MALFORMED
 */
export function readPacket(bytes: Uint8Array): Record<keyof Packet, unknown> {
  const reader = new ByteReader(bytes);
  reader.byte();
  const packet = {
    v: reader.byte(),
    is: 'letters',
    from: reader.text(),
    epoch: reader.whole(),
    to: reader.text(),
    toEpoch: reader.whole(),
    ack: reader.whole(),
    beyond: reader.whole(),
    limit: reader.whole(),
    letters: [] as unknown[],
  };
  const count = reader.whole();
  // One too many is enough to be turned away.
  for (let i = 0; i < count && i <= LETTERS_AT_ONCE; i++) packet.letters.push(readLetter(reader));
  if (count <= LETTERS_AT_ONCE) reader.end();
  return packet;
}

function writeLetter({ seq, leftMs, text }: Numbered): void {
  const { system, priority, trace, re, incarnation, body } = text;
  writer.byte(LETTER_KINDS.indexOf(text.is));
  writer.byte(
    (system === undefined ? 0 : HAS.system) +
      (priority === undefined ? 0 : HAS.priority) +
      (trace === undefined ? 0 : HAS.trace) +
      (leftMs === null ? 0 : HAS.leftMs) +
      (re === undefined ? 0 : HAS.re) +
      (incarnation === undefined ? 0 : HAS.incarnation) +
      (body === undefined ? 0 : HAS.body),
  );
  writer.whole(seq);
  writer.text(text.id);
  writer.text(text.path);
  if (priority !== undefined) writer.whole(priority);
  if (trace !== undefined) writer.text(trace);
  if (leftMs !== null) writer.float(leftMs);
  if (re !== undefined) writer.text(re);
  if (incarnation !== undefined) writer.whole(incarnation);
  if (body !== undefined) writer.bytes(body);
}

function readLetter(reader: ByteReader): unknown {
  const is = LETTER_KINDS[reader.byte()];
  const has = reader.byte();
  if (has > ALL_BITS) throw malformed('a letter with fields that no letter has', { has });
  const letter: { -readonly [K in keyof CarriedLetter]?: unknown } = {
    seq: reader.whole(),
    id: reader.text(),
    is,
    path: reader.text(),
  };
  if ((has & HAS.system) > 0) letter.system = true;
  if ((has & HAS.priority) > 0) letter.priority = reader.whole();
  if ((has & HAS.trace) > 0) letter.trace = reader.text();
  if ((has & HAS.leftMs) > 0) letter.leftMs = reader.float();
  if ((has & HAS.re) > 0) letter.re = reader.text();
  if ((has & HAS.incarnation) > 0) letter.incarnation = reader.whole();
  if ((has & HAS.body) > 0) letter.body = reader.bytes();
  return letter;
}
