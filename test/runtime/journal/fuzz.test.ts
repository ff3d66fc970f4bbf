/** Ten thousand journals somebody tampered with: refused or read, never a surprise. */
import { describe, expect, it } from 'vitest';
import { type RandomStream, randomStream } from '../../../contracts/random-stream.ts';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import { nodeCompression } from '../../../runtime/adapters/node/compression.ts';
import { openJournal } from '../../../runtime/journal/open-journal.ts';
import { recordsIn } from '../../../runtime/journal/scan.ts';
import { decodeHeader } from '../../../runtime/journal/segment.ts';
import { verifyJournal } from '../../../runtime/journal/survey.ts';
import { fill, folder, isRecord, MARK, workbench } from './workbench.ts';

const ROUNDS = 10_000;
const compression = nodeCompression();

/** The files of a small journal with a bit of everything: marks, an index, a floor, reused segments. */
async function sample(): Promise<Map<string, Uint8Array>> {
  const { disk, open } = workbench({ marks: [MARK], retention: { segments: 3 } });
  const journal = await open();
  await fill(journal, 60, 8);
  await journal.close();
  return disk.dump();
}

const below = (random: RandomStream, n: number) => (n > 0 ? random.below(n) : 0);
const bytesOf = (random: RandomStream, length: number) =>
  Uint8Array.from({ length }, () => random.below(256));

/** One way to tamper with a file. `other` is another file of the journal. */
function tampered(bytes: Uint8Array, other: Uint8Array, random: RandomStream): Uint8Array {
  const copy = bytes.slice();
  const at = below(random, copy.length);
  switch (random.below(6)) {
    case 0:
      return copy.subarray(0, at);
    case 1:
      for (let flips = 1 + random.below(8); flips > 0; flips--)
        copy[below(random, copy.length)]! ^= 1 << random.below(8);
      return copy;
    case 2:
      copy.set(other.subarray(0, copy.length - at), at);
      return copy;
    case 3: {
      // a length that lies, small, large and enormous
      const lies = [0, 1, copy.length, 0x7fffffff, 0x80000000, 0xffffffff, random.below(1 << 16)];
      if (at + 4 <= copy.length)
        new DataView(copy.buffer).setUint32(at, lies[random.below(lies.length)]!, true);
      return copy;
    }
    case 4:
      return bytesOf(random, random.below(600));
    default: {
      const longer = new Uint8Array(copy.length + random.below(300));
      longer.set(copy.subarray(0, at));
      longer.set(bytesOf(random, Math.min(40, longer.length - at)), at);
      return longer;
    }
  }
}

describe('fuzzed journals', () => {
  it('are refused with a code, or give true records and take new ones', { timeout: 60_000 }, async () => {
    const files = [...(await sample())];
    const keys = Object.getOwnPropertyNames(Object.prototype).join();
    const outcomes = new Map<string, number>();
    for (let seed = 0; seed < ROUNDS; seed++) {
      const random = randomStream(seed);
      const victim = random.below(files.length);
      const other = files[random.below(files.length)]![1];
      const disk = memoryDisk();
      for (const [i, [path, bytes]] of files.entries()) {
        disk.put(path, i === victim ? tampered(bytes, other, random) : bytes);
      }
      const outcome = await attempt(disk, seed % 2 === 0 ? 'mark' : 1);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }

    expect([...outcomes.keys()].sort()).toEqual(['JOURNAL_CORRUPT', 'opened']);
    expect(Math.min(...outcomes.values())).toBeGreaterThan(500);
    expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(keys);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  /** @returns the code of the refusal, or `opened` when the records were true and another one was taken */
  async function attempt(disk: ReturnType<typeof memoryDisk>, replayFrom: number | 'mark'): Promise<string> {
    let sound = true;
    const options = { disk, folder, processes: memoryProcesses(), segmentBytes: 256, compression };
    const opened = await openJournal({
      ...options,
      marks: [MARK],
      replayFrom,
      replay: (record) => {
        sound &&= isRecord(record);
      },
    }).catch((error: { code?: string }) => error);
    if (!('journal' in opened)) {
      expect(opened.code, String(opened)).toBeDefined();
      return opened.code ?? 'crash';
    }
    expect(sound).toBe(true);
    const { journal } = opened;
    expect(await journal.append(1, Uint8Array.of(1))).toBe(opened.recovered.last + 1);
    await journal.close();
    if (replayFrom === 1) expect((await verifyJournal(disk, folder)).ok).toBe(true);
    return 'opened';
  }

  it('give no record that was not written, when random bytes stand for a segment', () => {
    const heap = process.memoryUsage().arrayBuffers;
    for (let seed = 0; seed < ROUNDS; seed++) {
      const random = randomStream(seed);
      const bytes = bytesOf(random, 32 + random.below(200));
      expect(typeof decodeHeader(bytes)).toBe('string');
      const header = {
        number: 1,
        first: 1 + random.below(4),
        version: 2,
        reused: seed % 2 === 0,
        salt: seed,
      };
      expect([...recordsIn(bytes, header)]).toEqual([]);
    }

    expect(process.memoryUsage().arrayBuffers - heap).toBeLessThan(64 << 20);
  });
});
