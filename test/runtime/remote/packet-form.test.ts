import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CarriedLetter, ENVELOPE_VERSION, LETTER_KINDS } from '../../../runtime/remote/envelope.ts';
import { openEnvelope } from '../../../runtime/remote/gate.ts';
import { packetVersion, packPacket, readPacket } from '../../../runtime/remote/packet-form.ts';

const MAX = 1_048_576;

const whole = fc.oneof(fc.nat(300), fc.maxSafeNat());
const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,20}$/);
const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 });
const shortWords = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((text) => text.length <= 128);

const letters: fc.Arbitrary<CarriedLetter> = fc.record(
  {
    seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    id: shortWords,
    is: fc.constantFrom(...LETTER_KINDS),
    path: words,
    re: shortWords,
    leftMs: fc.double({ min: 0, max: 1e12, noNaN: true }),
    incarnation: whole,
    priority: fc.nat(4),
    system: fc.constant(true as const),
    trace: fc.stringMatching(/^[0-9a-f-]{1,55}$/),
    body: fc.uint8Array({ maxLength: 300 }),
  },
  { requiredKeys: ['seq', 'id', 'is', 'path'] },
);

const heads = fc.record({
  from: name,
  epoch: fc.integer({ min: 1, max: 2 ** 40 }),
  to: name,
  toEpoch: fc.integer({ min: 1, max: 2 ** 40 }),
  ack: whole,
  beyond: whole,
  limit: whole,
});
type Head = typeof heads extends fc.Arbitrary<infer T> ? T : never;

const packed = (head: Head, carried: readonly CarriedLetter[]): Uint8Array =>
  packPacket({
    ...head,
    letters: carried.map(({ seq, leftMs = null, ...text }) => ({ seq, leftMs, text })),
  }).slice();

const head: Head = { from: 'a', epoch: 1, to: 'b', toEpoch: 2, ack: 3, beyond: 0, limit: 67 };
const tell: CarriedLetter = {
  seq: 1,
  id: 'a.1.1',
  is: 'tell',
  path: 'esper/sink',
  body: Uint8Array.of(1, 2),
};

describe('letters on the wire', () => {
  it('say over there what they said here, whatever fields they have', () => {
    fc.assert(
      fc.property(heads, fc.array(letters, { maxLength: 8 }), (head, carried) => {
        const bytes = packed(head, carried);
        expect(packetVersion(bytes)).toBe(ENVELOPE_VERSION);
        expect(openEnvelope(bytes, MAX)).toEqual({
          v: ENVELOPE_VERSION,
          is: 'letters',
          ...head,
          letters: carried,
        });
      }),
    );
  });

  it('grow the writer when they are large, and are whole again when the next ones are small', () => {
    const body = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
    const [large] = readPacket(packed(head, [{ ...tell, body }])).letters as CarriedLetter[];
    expect(body.every((byte, i) => large?.body?.[i] === byte)).toBe(true);
    expect(large?.body).toHaveLength(body.length);
    expect(readPacket(packed(head, [tell]))).toMatchObject({ letters: [tell] });
  });

  it('keep their bodies when the memory they came in is used again', () => {
    const bytes = packed(head, [tell]);
    const read = readPacket(bytes);
    bytes.fill(0);
    expect(read).toMatchObject({ letters: [tell] });
  });

  it('are refused when they are cut anywhere, or have something behind them', () => {
    const bytes = packed(head, [tell, { ...tell, seq: 2, re: 'b.1.1', leftMs: 1.5, path: 'ä'.repeat(70) }]);
    for (let end = 1; end < bytes.length; end++) {
      expect(openEnvelope(bytes.subarray(0, end), MAX)).toHaveProperty('refused');
    }
    expect(openEnvelope(Uint8Array.of(...bytes, 0), MAX)).toMatchObject({
      refused: 'REMOTE_MALFORMED',
      details: { why: expect.stringContaining('bytes after the end') },
    });
  });

  const start = packed(head, []).slice(0, -1);
  it.each([
    ['a number without an end', [...new Uint8Array(12).fill(0x80), 0], 'does not end'],
    ['a number beyond what can be told apart', [255, 255, 255, 255, 255, 255, 255, 127], 'too large'],
    ['a text that is longer than all there is', [1, 0, 0, 1, 250, 1], 'cut short'],
    ['a text that is none', [1, 0, 0, 1, 1, 0xff, 1, 97], 'text that is none'],
    ['a field that no letter has', [1, 0, 128, 1, 1, 97, 1, 97], 'fields that no letter has'],
  ])('are refused for %s', (_, rest, why) => {
    expect(openEnvelope(Uint8Array.of(...start, ...rest), MAX)).toMatchObject({
      refused: 'REMOTE_MALFORMED',
      details: { code: 'CODEC_MALFORMED', why: expect.stringContaining(why) },
    });
  });
});
