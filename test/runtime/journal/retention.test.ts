/** The ring: old segments go by themselves, their files serve again, and nothing of what they held comes back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../contracts/random-stream.ts';
import { inspectJournal } from '../../../runtime/journal/inspect.ts';
import { letGoBefore } from '../../../runtime/journal/retention.ts';
import { verifyJournal } from '../../../runtime/journal/survey.ts';
import { collect } from '../../support/collect.ts';
import { fill, folder, isRecord, MARK, workbench } from './workbench.ts';

const ring = { marks: [MARK], retention: { segments: 3 } };
const walsOf = (names: readonly string[]) => names.filter((name) => name.endsWith('.wal'));

describe('what a ring may let go', () => {
  const segments = [1, 11, 21, 31, 41].map((first) => ({ first, size: 100 }));

  it.each([
    ['nothing without marks', { segments: 1 }, [], 0],
    ['nothing with one mark', { segments: 1 }, [45], 0],
    ['all before the segment of the last mark but one', { segments: 1 }, [15, 35, 45], 31],
    ['no more than there is too much', { segments: 4 }, [35, 45], 11],
    ['by bytes too', { bytes: 250 }, [41, 45], 31],
    ['what either limit asks for', { segments: 4, bytes: 250 }, [41, 45], 31],
    ['nothing within limits', { segments: 5, bytes: 500 }, [41, 45], 0],
    ['never the newest segment', { segments: 0 }, [48, 49], 41],
  ])('is %s', (_, retention, marks, before) => {
    expect(letGoBefore(retention, segments, marks)).toBe(before);
  });

  it('never reaches the last mark but one, and leaves no more than the limit unless that mark forbids', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 12 }),
        fc.uniqueArray(fc.nat(200), { maxLength: 6 }),
        fc.integer({ min: 1, max: 6 }),
        (lengths, marks, segmentsMax) => {
          let first = 1;
          const all = lengths.map((length) => {
            first += length;
            return { first: first - length, size: 10 };
          });
          const inOrder = marks.toSorted((a, b) => a - b);
          const before = letGoBefore({ segments: segmentsMax }, all, inOrder);
          const kept = all.filter((segment) => segment.first >= before);

          expect(before).toBeLessThanOrEqual(inOrder.at(-2) ?? 0);
          const next = all.find((segment) => segment.first > before && segment !== all[0])?.first ?? Infinity;
          expect(kept.length <= segmentsMax || next > (inOrder.at(-2) ?? 0)).toBe(true);
        },
      ),
    );
  });
});

describe('a ring', () => {
  it('keeps what it was told to and numbers on', async () => {
    const { disk, open } = workbench(ring);
    const journal = await open();
    await fill(journal, 200, 10);
    await journal.close();

    expect(walsOf(await disk.list(folder)).length).toBeLessThanOrEqual(4);
    const again = await open();
    const records = await collect(again.read());
    expect([again.last, records.at(-1)?.sequence, records[0]?.sequence]).toEqual([200, 200, again.first]);
    expect(again.first).toBeLessThanOrEqual(190);
    expect(records.every(isRecord)).toBe(true);
  });

  it('uses files again: laying out stops once the ring is full', async () => {
    const { disk, open } = workbench(ring);
    const journal = await open();
    await fill(journal, 200, 10);
    const { number: before } = (await verifyJournal(disk, folder)).segments.at(-1)!;
    let laidOut = 0;
    const { open: openFile } = disk;
    disk.open = (path, mode) => {
      if (path.includes('next-')) laidOut++;
      return openFile.call(disk, path, mode);
    };
    await fill(journal, 400, 10);
    await journal.close();
    const { segments } = await verifyJournal(disk, folder);

    expect(segments.at(-1)!.number - before).toBeGreaterThan(20);
    expect(laidOut).toBeLessThan(5);
    expect(segments.some(({ reused }) => reused)).toBe(true);
    expect((await collect(inspectJournal(disk, folder))).every(isRecord)).toBe(true);
  });

  it('opens a used file after any life without a word about what it held', async () => {
    const { disk, open, recover, die } = workbench(ring);
    for (let life = 1; life <= 40; life++) {
      const { journal, recovered } = await recover();
      expect(recovered.truncatedBytes).toBe(0);
      await fill(journal, life * 13, 5);
      if (life % 2 === 0) await journal.close();
      else {
        disk.crash();
        die();
      }
      expect(await verifyJournal(disk, folder)).toMatchObject({ ok: true, last: life * 13 });
    }
    expect((await collect((await open()).read())).every(isRecord)).toBe(true);
  });
});

describe('the old bytes of a used file', () => {
  /** A newest segment that is a used file, with old records behind its own. */
  async function used() {
    for (let extra = 0; ; extra++) {
      const bench = workbench(ring);
      const journal = await bench.open();
      await fill(journal, 100 + extra, 10);
      const { segments, last } = await verifyJournal(bench.disk, folder);
      const newest = segments.at(-1)!;
      if (newest.reused && newest.last - newest.first === 2 && newest.tail === 'stale') {
        const path = `${folder}/${newest.file}`;
        return { bench, newest, path, last, bytes: await bench.disk.read(path) };
      }
    }
  }

  it('never pass for records, wherever the own ones are cut', async () => {
    const { newest, path, bytes, bench, last } = await used();
    const old = bytes.slice();
    for (let cut = 32; cut <= newest.end; cut++) {
      // The write after `cut` never came: there the old content shows, of any age.
      bench.disk.put(
        path,
        Uint8Array.from(bytes, (byte, i) => (i < cut ? byte : (old[i] ?? 0) ^ (cut % 3))),
      );
      const { last: found, damage } = await verifyJournal(bench.disk, folder);

      expect(found).toBeLessThanOrEqual(last);
      expect(damage?.kind ?? 'torn').toBe('torn');
    }
  });

  it('hide no flipped bit: not even one in the number of the newest record', async () => {
    const { bench, newest, path } = await used();
    const before = newest.end - 30;
    for (let bit = before * 8; bit < newest.end * 8; bit++) {
      bench.disk.flip(path, bit);
      const { ok, last } = await verifyJournal(bench.disk, folder);
      bench.disk.flip(path, bit);

      expect([bit, ok]).toEqual([bit, false]);
      expect(last).toBeLessThan(newest.last);
    }
  });

  it('even whole old segments written over the own ones are refused', async () => {
    const bench = workbench({ marks: [MARK] });
    const journal = await bench.open();
    await fill(journal, 100);
    const { segments } = await verifyJournal(bench.disk, folder);
    const newest = segments.at(-1)!;
    const path = `${folder}/${newest.file}`;
    const own = await bench.disk.read(path);
    for (const { file } of segments.slice(0, -1)) {
      const old = await bench.disk.read(`${folder}/${file}`);
      bench.disk.put(
        path,
        Uint8Array.from(own, (byte, i) => (i < 32 ? byte : (old[i] ?? 0))),
      );
      const report = await verifyJournal(bench.disk, folder);

      expect([report.last, report.damage?.kind]).toEqual([newest.first - 1, 'torn']);
    }
  });

  it('are wiped by the next opening, so that a later crash cannot confuse them with a torn write', async () => {
    const { bench, newest, path, last } = await used();
    bench.disk.crash();
    bench.die();
    const { recovered } = await bench.recover();
    const tail = (await bench.disk.read(path)).subarray(newest.end);

    expect(recovered).toMatchObject({ last, truncatedBytes: 0 });
    expect(tail.length).toBeGreaterThan(0);
    expect(tail.every((byte) => byte === 0)).toBe(true);
  });
});

describe('a ring under power cuts', () => {
  it('loses nothing acknowledged that retention was to keep, at any step and twice in a row', async () => {
    let reused = 0;
    for (let nth = 1; nth <= 160; nth += 1) {
      const bench = workbench(ring);
      const journal = await bench.open();
      await fill(journal, 60, 6);
      bench.disk.fail({ operation: 'change', nth, code: 'DISK_FAILED', wrote: nth % 50, lasting: true });
      await fill(journal, 120, 6).catch(() => undefined);
      const acknowledged = journal.last;
      for (const seed of [nth, nth + 1]) {
        bench.disk.crash(seed % 3 === 0 ? undefined : randomStream(seed));
        bench.die();
        bench.disk.fail({ operation: 'change', nth: 1 + (nth % 9), code: 'DISK_FAILED', lasting: true });
        await bench.open().catch(() => undefined);
      }
      bench.disk.crash(randomStream(nth));
      bench.die();
      const again = await bench.open();
      const records = await collect(again.read());
      if ((await verifyJournal(bench.disk, folder)).segments.some((segment) => segment.reused)) reused++;

      expect(again.last).toBeGreaterThanOrEqual(acknowledged);
      expect(again.last).toBeLessThanOrEqual(acknowledged + 1);
      expect(records.length).toBe(again.last - again.first + 1);
      expect(again.first).toBeLessThanOrEqual(Math.floor(acknowledged / 6 - 1) * 6);
      expect(records.every(isRecord)).toBe(true);
      await fill(again, again.last + 30, 6);
    }
    expect(reused).toBeGreaterThan(100);
  });
});
