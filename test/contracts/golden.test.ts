/** Yesterday's bytes, kept as files: what was written once must be readable for ever. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  decode,
  decodePacket,
  encode,
  encodePacket,
  JOURNALED,
  type SystemStatePacket,
} from '../../contracts/index.ts';
import { examples } from './examples.ts';

interface Golden {
  readonly type: string;
  readonly v: number;
  /** What today's contract makes of the bytes: after an upcast this differs from what was written. */
  readonly reads: unknown;
  readonly hex: string;
}

const folder = fileURLToPath(new URL('./golden/', import.meta.url));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const load = (file: string): Golden => JSON.parse(readFileSync(folder + file, 'utf8'));

/** `ESPER_GOLDEN=write` adds what is missing and never touches what is there. */
function provide(file: string, golden: Golden): void {
  if (process.env.ESPER_GOLDEN !== 'write' || existsSync(folder + file)) return;
  writeFileSync(folder + file, `${JSON.stringify(golden, null, 2)}\n`);
}

for (const { type, v } of JOURNALED) {
  const reads = examples[type];
  provide(`${type}.v${v}.json`, { type, v, reads, hex: hex(encode(reads)) });
}
const packet = examples['tolaria.state.gathered'] as SystemStatePacket;
provide('packet-columns.2.json', {
  type: packet.type,
  v: packet.v,
  reads: packet,
  hex: hex(encodePacket(packet)),
});

describe('golden bytes', () => {
  const files = readdirSync(folder);

  it.each(JOURNALED.map(({ type, v }) => [`${type}.v${v}.json`]))(
    'exist as %s; ESPER_GOLDEN=write adds them',
    (file) => {
      expect(files).toContain(file);
    },
  );

  it.each(files.filter((file) => !file.startsWith('packet-columns')))(
    'of %s still read as they did',
    (file) => {
      const golden = load(file);
      const contract = JOURNALED.find(({ type }) => type === golden.type);

      expect(contract?.parse(decode(Buffer.from(golden.hex, 'hex')))).toEqual(golden.reads);
    },
  );

  it.each(JOURNALED.map(({ type, v }) => [type, `${type}.v${v}.json`]))(
    'of %s are what is written today',
    (type, file) => {
      expect(hex(encode(examples[type]))).toBe(load(file).hex);
    },
  );

  it('of a packet in columns still read, and are still written', () => {
    const golden = load('packet-columns.2.json');

    expect(decodePacket(Buffer.from(golden.hex, 'hex'))).toEqual(golden.reads);
    expect(hex(encodePacket(packet))).toBe(golden.hex);
  });
});
