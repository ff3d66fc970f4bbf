/** Bytes there and back, and bytes that somebody broke. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CATALOGUE,
  ContractError,
  contractOf,
  decode,
  decodePacket,
  EsperError,
  encode,
  encodePacket,
  SystemStatePacket,
} from '../../contracts/index.ts';
import { arbitraryOf } from '../support/arbitraries.ts';
import { examples } from './examples.ts';

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof EsperError || thrown instanceof ContractError) return thrown.code;
    throw thrown;
  }
  return 'nothing thrown';
};

const packets = arbitraryOf(SystemStatePacket as never) as unknown as fc.Arbitrary<SystemStatePacket>;

describe('the codec', () => {
  it.each(CATALOGUE.map((contract) => [contract.type, contract] as const))(
    'brings %s back as it was',
    (_, contract) => {
      fc.assert(
        fc.property(arbitraryOf(contract), (sent) => {
          expect(contract.parse(decode(encode(sent)))).toEqual(sent);
        }),
        { numRuns: 40 },
      );
    },
  );

  it('gives the same bytes whatever it encoded before', () => {
    const first = encode(examples['tolaria.boundary.committed']);
    for (let i = 0; i < 300; i++) encode({ [`shape${i}`]: i, list: [{ [`inner${i}`]: 1 }] });

    expect(encode(examples['tolaria.boundary.committed'])).toEqual(first);
  });

  it('keeps more shapes in one message than it has record numbers', () => {
    const many = Array.from({ length: 200 }, (_, i) => ({ [`shape${i % 90}`]: i }));

    expect(decode(encode(many))).toEqual(many);
  });

  it('brings typed arrays back as themselves and in their own memory', () => {
    const sent = {
      floats: Float32Array.of(1.5, -2, Number.NaN),
      bytes: Uint8Array.of(1, 2, 255),
      none: new Float64Array(0),
    };
    const bytes = encode(sent);
    const back = decode(bytes) as typeof sent;
    bytes.fill(0);

    expect(back.floats).toBeInstanceOf(Float32Array);
    expect([...back.floats]).toEqual([1.5, -2, Number.NaN]);
    expect([...back.bytes]).toEqual([1, 2, 255]);
    expect(back.none).toEqual(new Float64Array(0));
  });

  it('hands out bytes that own their memory, so they can be transferred', () => {
    const bytes = encode({ a: 1 });
    encode({ b: 'overwrites the shared buffer' });

    expect(bytes.buffer.byteLength).toBe(bytes.length);
    expect(decode(bytes)).toEqual({ a: 1 });
  });

  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  let deep: unknown = 1;
  for (let i = 0; i < 100; i++) deep = [deep];
  it.each([
    ['a cycle', cyclic],
    ['a nest of a hundred', deep],
    ['a date', { at: new Date(0) }],
    ['a set', { some: new Set([1]) }],
    ['a big integer', { n: 10n }],
    ['a symbol', { s: Symbol('x') }],
    ['a function', { f: () => 1 }],
    ['a function deep inside', { list: [{ f: encode }] }],
    ['a class', class Strange {}],
    ['a map with keys that are not text', { m: new Map([[1, 2]]) }],
    ['a prototype as a field', JSON.parse('{"__proto__":{"admin":true}}')],
  ])('refuses to encode %s, and works on afterwards', (_, message) => {
    expect(codeOf(() => encode(message))).toBe('CODEC_UNENCODABLE');
    expect(decode(encode({ fine: [1, { two: 2 }] }))).toEqual({ fine: [1, { two: 2 }] });
  });

  it('refuses a message over its limit, both ways', () => {
    const bytes = encode('x'.repeat(1000));

    expect(codeOf(() => encode('x'.repeat(1000), { bytes: 999, depth: 8 }))).toBe('CODEC_TOO_LARGE');
    expect(codeOf(() => decode(bytes, { bytes: 999, depth: 8 }))).toBe('CODEC_TOO_LARGE');
  });
});

describe('broken bytes', () => {
  const bytesOf = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

  it.each([
    ['nothing at all', ''],
    ['a list that claims four thousand million elements', 'dd ffffffff'],
    ['a map that claims as many', 'df ffffffff'],
    ['text longer than the message', 'db ffffffff 61'],
    ['binary longer than the message', 'c6 7fffffff 00'],
    ['a nest of three hundred lists', '91'.repeat(300)],
    ['a nest of three hundred maps', '81a161'.repeat(300)],
    ['a record that contains itself', 'd4 72 40 91 a1 61 40'],
    ['a record with keys that are numbers', 'd4 72 40 91 01 02'],
    ['a record with more keys than bytes', 'd4 72 40 dc ffff'],
    ['two messages', '01 02'],
    ['a map with a number as key', '81 01 02'],
    ['a map that sets a prototype', '81 a9 5f5f70726f746f5f5f 80'],
    ['a regular expression', 'c7 05 78 92 a1 61 a1 62'],
    ['a timestamp', 'd6 ff 00000000'],
    ['a back reference', 'd6 70 00000001'],
    ['a 64-bit integer', 'cf 0000000000000001'],
    ['the byte that means nothing', 'c1'],
    ['a typed array of half a number', 'c7 03 74 08 0102 01'],
    ['a typed array of no kind', 'c7 02 74 63 01'],
  ])('that hold %s are refused by code', (_, hex) => {
    expect(codeOf(() => decode(bytesOf(hex)))).toBe('CODEC_MALFORMED');
  });

  const originals = Object.entries(examples);
  const damage = fc.record({
    which: fc.nat({ max: originals.length - 1 }),
    flips: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 6 }),
    keep: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: 1 }),
  });
  const break_ = (bytes: Uint8Array, { flips, keep }: { flips: [number, number][]; keep: number }) => {
    const broken = bytes.slice(0, Math.floor(bytes.length * keep));
    for (const [at, mask] of flips) if (broken.length > 0) broken[at % broken.length]! ^= mask;
    return broken;
  };

  it('never do anything but be read or be refused by code', () => {
    fc.assert(
      fc.property(damage, (how) => {
        const [type, message] = originals[how.which]!;
        const broken = break_(encode(message), how);

        expect(['nothing thrown', 'CODEC_MALFORMED', 'CONTRACT_VIOLATION']).toContain(
          codeOf(() => contractOf(type)!.parse(decode(broken))),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('of a packet in columns behave as well', () => {
    const bytes = encodePacket(examples['tolaria.state.gathered'] as SystemStatePacket);
    fc.assert(
      fc.property(damage, (how) => {
        const broken = break_(bytes, how);

        expect(['nothing thrown', 'CODEC_MALFORMED', 'CONTRACT_VIOLATION']).toContain(
          codeOf(() => SystemStatePacket.parse(decodePacket(broken))),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('that are pure noise behave as well', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        expect(['nothing thrown', 'CODEC_MALFORMED']).toContain(codeOf(() => decode(noise)));
      }),
      { numRuns: 5000 },
    );
  });

  it('cut anywhere are never taken for a whole message', () => {
    const bytes = encode(examples['tolaria.run.started']);
    for (let length = 0; length < bytes.length; length++) {
      expect(codeOf(() => decode(bytes.subarray(0, length)))).toBe('CODEC_MALFORMED');
    }
  });
});

describe('the packet in columns', () => {
  it('loses nothing', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        expect(SystemStatePacket.parse(decodePacket(encodePacket(packet)))).toEqual(packet);
      }),
      { numRuns: 200 },
    );
  });

  it('grows with the garden and does not mix two packets', () => {
    const packet = examples['tolaria.state.gathered'] as SystemStatePacket;
    const seed = packet.seeds[0]!;
    const many = {
      ...packet,
      seeds: Array.from({ length: 500 }, (_, i) => ({ ...seed, seedId: `s${i}`, age: i })),
    };
    const first = encodePacket(packet);
    const second = encodePacket(many);

    expect(decodePacket(second)).toEqual(many);
    expect(decodePacket(first)).toEqual(packet);
  });

  it('is refused when it is some other message', () => {
    expect(codeOf(() => decodePacket(encode(examples['tolaria.run.ended'])))).toBe('CODEC_MALFORMED');
    expect(codeOf(() => decodePacket(encode(null)))).toBe('CODEC_MALFORMED');
  });
});
