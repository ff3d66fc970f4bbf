import { describe, expect, it } from 'vitest';
import { decode, encode } from '../../../contracts/codec.ts';
import { type RandomStream, randomStream } from '../../../contracts/random-stream.ts';
import { parseEnvelope } from '../../../runtime/host/envelope.ts';
import { worker } from '../../../runtime/index.ts';
import {
  BEAT_VERSION,
  type CarriedLetter,
  ENVELOPE_VERSION,
  type Packet,
} from '../../../runtime/remote/envelope.ts';
import { openEnvelope, openMessage } from '../../../runtime/remote/gate.ts';
import { packPacket } from '../../../runtime/remote/packet-form.ts';
import { nodes } from './nodes.ts';
import { sink, upTo } from './sink.ts';

const MAX = 65_536;

const letter = (fields: Partial<CarriedLetter> = {}): CarriedLetter => ({
  seq: 1,
  id: 'a.1.1',
  is: 'tell',
  path: 'esper/sink',
  body: encode({ type: 'add', n: 1 }),
  ...fields,
});

const packet = (fields: Partial<Packet> = {}): Packet => ({
  v: ENVELOPE_VERSION,
  is: 'letters',
  from: 'a',
  epoch: 1,
  to: 'b',
  toEpoch: 1,
  ack: 0,
  beyond: 0,
  limit: 64,
  letters: [letter()],
  ...fields,
});

const beat = (fields: Record<string, unknown> = {}) => ({
  v: BEAT_VERSION,
  is: 'beat' as const,
  from: 'a',
  epoch: 1,
  count: 1,
  protocol: 'one',
  leaving: false,
  hears: [{ node: 'b', epoch: 1, agoMs: 3.5 }],
  inventory: { actors: 3 },
  ...fields,
});

const isPacket = (data: unknown): data is Packet =>
  typeof data === 'object' && data !== null && 'is' in data && data.is === 'letters';

/** As a node would write it, were it to say such a thing. */
function written(data: unknown): Uint8Array {
  if (!isPacket(data)) return encode(data);
  const letters = data.letters.map(({ seq, leftMs = null, ...text }) => ({ seq, leftMs, text }));
  const bytes = packPacket({ ...data, letters }).slice();
  bytes[1] = data.v;
  return bytes;
}

const open = (data: unknown) => openEnvelope(written(data), MAX);

describe('the gate of a node', () => {
  it('lets in what the other nodes write', () => {
    expect(open(packet())).toEqual(packet());
    expect(open(beat())).toEqual(beat());
    expect(open(packet({ letters: [] }))).toMatchObject({ letters: [] });
  });

  it.each([
    ['no object', 7, 'REMOTE_BAD_ENVELOPE', '/'],
    ['another version', packet({ v: 1 as never }), 'REMOTE_WRONG_VERSION', undefined],
    ['a beat of another version', beat({ v: BEAT_VERSION + 1 }), 'REMOTE_WRONG_VERSION', undefined],
    ['a field too many', beat({ extra: 1 }), 'REMOTE_BAD_ENVELOPE', '/extra'],
    ['an epoch of nobody', packet({ epoch: 0 }), 'REMOTE_BAD_ENVELOPE', '/epoch'],
    ['a name that is a path', packet({ from: '../x' }), 'REMOTE_BAD_ENVELOPE', '/from'],
    [
      'a letter without its place',
      packet({ letters: [letter({ seq: 0 })] }),
      'REMOTE_BAD_ENVELOPE',
      '/letters/0/seq',
    ],
    [
      'a letter of no kind',
      packet({ letters: [letter({ is: 'eval' as never })] }),
      'REMOTE_BAD_ENVELOPE',
      '/letters/0/is',
    ],
    [
      'too many letters',
      packet({ letters: upTo(65).map(() => letter()) }),
      'REMOTE_BAD_ENVELOPE',
      '/letters',
    ],
    ['a beat that says nothing', beat({ protocol: '' }), 'REMOTE_BAD_ENVELOPE', '/protocol'],
  ])('turns away %s, and says where it is wrong', (_, data, code, path) => {
    expect(open(data)).toMatchObject({ refused: code, details: path === undefined ? {} : { path } });
  });

  it('turns away what is too large before it looks at it', () => {
    expect(openEnvelope(new Uint8Array(MAX + 1), MAX)).toEqual({
      refused: 'REMOTE_TOO_LARGE',
      details: { bytes: MAX + 1, limit: MAX },
    });
  });

  it.each(['constructor', 'prototype'])('has no use for a key named %s, however deep', (key) => {
    const inventory = { list: [{ [key]: { polluted: true } }] };
    expect(open(beat({ inventory }))).toEqual({ refused: 'REMOTE_FORBIDDEN_KEY', details: { key } });
    expect(openMessage(encode({ type: 'add', deep: inventory }), MAX)).toMatchObject({
      refused: 'REMOTE_FORBIDDEN_KEY',
    });
  });

  it('takes only what has a type for a message', () => {
    expect(openMessage(undefined, MAX)).toMatchObject({ refused: 'REMOTE_BAD_ENVELOPE' });
    expect(openMessage(encode({ type: 1 }), MAX)).toMatchObject({ details: { path: '/body/type' } });
    expect(openMessage(encode(null), MAX)).toMatchObject({ refused: 'REMOTE_BAD_ENVELOPE' });
    expect(openMessage(encode({ type: 'x' }), MAX)).toEqual({ value: { type: 'x' } });
  });
});

/** Honest envelopes, and ways to make them dishonest. */
const honest: readonly unknown[] = [
  packet(),
  packet({ letters: upTo(5).map((i) => letter({ seq: i + 1, leftMs: 50, is: 'ask' })) }),
  packet({ letters: [letter({ is: 'failed', re: 'b.1.1', body: encode({ code: 'X' }) })] }),
  beat(),
  beat({ inventory: { a: [1, { b: 'two' }], c: null, d: 1.5 } }),
];

const strange: readonly unknown[] = [
  null,
  -1,
  1e300,
  '',
  'x'.repeat(5_000),
  [],
  [[]],
  {},
  true,
  new Uint8Array(3),
];

function corrupt(chance: RandomStream): Uint8Array {
  const data = honest[chance.below(honest.length)];
  const bytes = written(data);
  const kind = chance.below(7);
  if (kind === 0) return bytes.slice(0, chance.below(bytes.length));
  if (kind === 1) return flipped(bytes, chance, 1 + chance.below(8));
  if (kind === 2) return lying(bytes, chance);
  if (kind === 3) return nest(chance.below(2) === 0 ? 0x91 : 0x81, 1 + chance.below(20_000));
  if (kind === 4) return withKey(bytes, chance);
  if (kind === 5) return encode(mistyped(data, chance));
  return Uint8Array.from({ length: chance.below(200) }, () => chance.below(256));
}

function flipped(bytes: Uint8Array, chance: RandomStream, times: number): Uint8Array {
  const copy = bytes.slice();
  for (let i = 0; i < times; i++) {
    const at = chance.below(copy.length);
    copy[at] = (copy[at] as number) ^ (1 << chance.below(8));
  }
  return copy;
}

/** Arrays, maps, texts and bytes that claim to be huge. */
function lying(bytes: Uint8Array, chance: RandomStream): Uint8Array {
  const token = [0xdd, 0xdf, 0xdb, 0xc6, 0xc9][chance.below(5)] as number;
  const at = chance.below(bytes.length);
  return Uint8Array.of(...bytes.slice(0, at), token, 0xff, 0xff, 0xff, 0xff, ...bytes.slice(at));
}

function nest(token: number, depth: number): Uint8Array {
  return new Uint8Array(depth).fill(token);
}

/** An own key that would reach the prototype, written by hand: no honest encoder makes one. */
function withKey(bytes: Uint8Array, chance: RandomStream): Uint8Array {
  const key = ['__proto__', 'constructor', 'prototype'][chance.below(3)] as string;
  const text = new TextEncoder().encode(key);
  const evil = [0x81, 0xa0 | text.length, ...text, 0x81, 0xa8, ...new TextEncoder().encode('polluted'), 0xc3];
  if (chance.below(2) === 0) return Uint8Array.from(evil);
  const at = chance.below(bytes.length);
  return Uint8Array.of(...bytes.slice(0, at), ...evil, ...bytes.slice(at));
}

function mistyped(data: unknown, chance: RandomStream): unknown {
  const copy = structuredClone(data) as Record<string, unknown>;
  const keys = Object.keys(copy);
  const key = keys[chance.below(keys.length)] as string;
  const letters = copy.letters as Record<string, unknown>[] | undefined;
  if (letters?.[0] !== undefined && chance.below(2) === 0) {
    const fields = Object.keys(letters[0]);
    letters[0][fields[chance.below(fields.length)] as string] = strange[chance.below(strange.length)];
  } else if (chance.below(4) === 0) delete copy[key];
  else copy[key] = strange[chance.below(strange.length)];
  return copy;
}

describe('10,000 envelopes that are none', () => {
  it('crash nobody, change no prototype, and are all refused with a code or harmless', () => {
    const chance = randomStream('fuzz');
    const codes = new Map<string, number>();
    for (let i = 0; i < 10_000; i++) {
      const opened = openEnvelope(corrupt(chance), MAX);
      const code = 'refused' in opened ? opened.refused : 'let in';
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    expect([...codes.keys()].sort()).toEqual([
      'REMOTE_BAD_ENVELOPE',
      'REMOTE_FORBIDDEN_KEY',
      'REMOTE_MALFORMED',
      'REMOTE_WRONG_VERSION',
      'let in',
    ]);
    expect(codes.get('let in')).toBeLessThan(2_000);
    expect([...codes.values()].reduce((sum, count) => sum + count)).toBe(10_000);
  });

  it('leave a running node as it was: each is counted, and honest letters still come through', async () => {
    const chance = randomStream('fuzz a node');
    const { clock, broker, start } = nodes();
    const heard: number[] = [];
    const a = await start('a', []);
    const b = await start('b', [worker(sink(heard))]);
    await clock.advance(100);
    const stranger = broker.connect('stranger');
    for (let i = 0; i < 2_000; i++) {
      stranger.publish(i % 2 === 0 ? 'esper.to.b' : 'esper.beat', corrupt(chance));
      if (i % 100 === 0) await clock.advance(10);
    }
    await clock.advance(1_000);
    const refused = b.metrics
      .snapshot()
      .counters.filter(({ name }) => name === 'esper_remote_refused_total')
      .reduce((sum, { value }) => sum + value, 0);
    expect(refused).toBeGreaterThan(1_600);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();

    // Whoever forges letters in the name of a node may disturb what that node says, but not crash this one.
    const c = await start('c', []);
    await clock.advance(100);
    expect(c.system.ref('//b/esper/sink').send({ type: 'add', n: 77 } as never)).toBe(true);
    await clock.advance(100);
    expect(heard.at(-1)).toBe(77);
    a.crash();
  });

  it('are turned away at the door of a thread just so', () => {
    const chance = randomStream('fuzz a thread');
    const wires = [
      { is: 'publish', topic: 't', body: 1 },
      { is: 'request', id: 1, topic: 't', body: { a: 1 } },
      { is: 'reply', id: 1, body: null },
      { is: 'failure', id: 1, failure: { code: 'X', message: 'x', details: {}, retryable: false } },
    ];
    let refused = 0;
    for (let i = 0; i < 10_000; i++) {
      const wire = wires[chance.below(wires.length)];
      const received = chance.below(3) === 0 ? decoded(corrupt(chance)) : mistyped(wire, chance);
      const envelope = parseEnvelope(received);
      if (envelope === undefined) refused++;
      else expect(['publish', 'request', 'reply', 'failure']).toContain(envelope.is);
    }
    expect(refused).toBeGreaterThan(5_000);
    expect(refused).toBeLessThan(10_000);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

function decoded(bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch {
    return undefined;
  }
}
