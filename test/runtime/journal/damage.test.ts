/** Every cut and every flipped bit of a journal: found each time, and never more or less than the true prefix. */
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../contracts/random-stream.ts';
import { type MemoryDisk, memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import { cutAfter } from '../../../runtime/journal/cut.ts';
import { inspectJournal } from '../../../runtime/journal/inspect.ts';
import { openJournal } from '../../../runtime/journal/open-journal.ts';
import { verifyJournal } from '../../../runtime/journal/survey.ts';
import { collect } from '../../support/collect.ts';

const folder = '/journal';
const RECORDS = 40;
const open = (disk: MemoryDisk, segmentBytes = 2048) =>
  openJournal({ disk, folder, processes: memoryProcesses(), segmentBytes });

/** Bodies of 1 to 7 bytes, written two by two. */
async function forty(segmentBytes?: number) {
  const disk = memoryDisk();
  const { journal } = await open(disk, segmentBytes);
  for (let n = 1; n <= RECORDS; n += 2) {
    await Promise.all([n, n + 1].map((m) => journal.append(m, new Uint8Array(1 + (m % 7)).fill(m))));
  }
  await journal.close();
  const records = await collect(inspectJournal(disk, folder));
  return { files: disk.dump(), records };
}

function diskWith(files: ReadonlyMap<string, Uint8Array>, path: string, bytes: Uint8Array): MemoryDisk {
  const disk = memoryDisk();
  for (const [name, content] of files) disk.put(name, name === path ? bytes : content);
  return disk;
}

const path = `${folder}/00000001.wal`;
const endOf = (record: { offset: number; body: Uint8Array }) => record.offset + 20 + record.body.length;

describe('a journal cut anywhere', () => {
  it('recovers exactly the records before the cut, and old bytes never resurface', async () => {
    const { files, records } = await forty();
    const whole = files.get(path) ?? new Uint8Array(0);
    for (let cut = 32; cut <= endOf(records[RECORDS - 1]!); cut++) {
      const disk = diskWith(files, path, whole.slice(0, cut));
      const { journal, recovered } = await open(disk);
      const kept = records.filter((record) => endOf(record) <= cut).length;

      expect([cut, recovered.records, journal.last]).toEqual([cut, kept, kept]);
      await journal.append(99, Uint8Array.of(99));
      await journal.close();
      const after = await open(disk);
      expect(after.recovered).toEqual({ records: kept + 1, last: kept + 1, truncatedBytes: 0 });
      expect((await collect(after.journal.read())).at(-1)?.kind).toBe(99);
    }
  });

  it('is refused when not even the header is whole', async () => {
    const { files } = await forty();
    for (let cut = 0; cut < 32; cut++) {
      const disk = diskWith(files, path, (files.get(path) ?? new Uint8Array(0)).slice(0, cut));

      await expect(open(disk)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
    }
  });
});

describe('a journal with one bit flipped', () => {
  const kinds = async (segmentBytes: number) => {
    const { files, records } = await forty(segmentBytes);
    const names = [...files.keys()].filter((name) => name.endsWith('.wal'));
    const outcomes = { corrupt: 0, torn: 0 };
    for (const name of names) {
      const bytes = files.get(name)!;
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const damaged = bytes.slice();
        damaged[bit >> 3]! ^= 1 << (bit & 7);
        const { damage, last } = await verifyJournal(diskWith(files, name, damaged), folder);
        const hit = records.find(
          (record) =>
            `${folder}/${record.segment}` === name && record.offset <= bit >> 3 && bit >> 3 < endOf(record),
        );
        const newestFile = name === names.at(-1);
        const acknowledged = bit < 32 * 8 || (hit && (hit.sequence < RECORDS || !newestFile));
        // Room behind the records of an older segment is nobody's business any more.
        const harmless = newestFile ? 'torn' : undefined;

        expect([name, bit, damage?.kind]).toEqual([name, bit, acknowledged ? 'corrupt' : harmless]);
        if (hit) expect(last).toBe(hit.sequence - 1);
        if (bit >= 32 * 8 && !hit) expect(last).toBe(RECORDS);
        if (damage) outcomes[damage.kind]++;
      }
    }
    return outcomes;
  };

  it('is refused, unless it can be the unfinished last write: one segment', async () => {
    const { corrupt, torn } = await kinds(2048);

    expect(corrupt + torn).toBe(2048 * 8);
    expect(corrupt).toBeGreaterThan(7000);
  });

  it('is refused, unless it can be the unfinished last write: several segments', async () => {
    const { corrupt, torn } = await kinds(512);

    expect(corrupt).toBeGreaterThan(torn);
  });

  it('tells the operator where, and leaves the files as they were', async () => {
    const { files, records } = await forty();
    const disk = diskWith(files, '', new Uint8Array(0));
    const eighth = records[7]!;
    disk.flip(path, eighth.offset * 8);
    const before = disk.dump();

    await expect(open(disk)).rejects.toMatchObject({
      code: 'JOURNAL_CORRUPT',
      details: { segment: '00000001.wal', offset: eighth.offset, sequence: 8 },
      hint: expect.stringContaining('esper wal verify'),
    });
    expect(disk.dump()).toEqual(before);
  });

  it('is noticed by a reader when it happens under an open journal', async () => {
    const { files, records } = await forty();
    const disk = diskWith(files, '', new Uint8Array(0));
    const { journal } = await open(disk);
    disk.flip(path, records[20]!.offset * 8 + 3);

    await expect(collect(journal.read())).rejects.toMatchObject({
      code: 'JOURNAL_CORRUPT',
      details: { sequence: 21 },
    });
  });
});

describe('a journal with a sector lost', () => {
  /** Ten records of 300 bytes each: one write when `together`, else ten. */
  const written = async (together: boolean) => {
    const disk = memoryDisk();
    const { journal } = await open(disk, 8192);
    const bodies = Array.from({ length: 10 }, (_, n) => new Uint8Array(300).fill(n + 1));
    if (together) await Promise.all(bodies.map((body) => journal.append(1, body)));
    else for (const body of bodies) await journal.append(1, body);
    await journal.close();
    const bytes = disk.dump().get(path)!;
    bytes.fill(0, 1024, 1536);
    disk.put(path, bytes);
    return disk;
  };

  it('is a torn write when the sector is within the last one: the device writes sectors in any order', async () => {
    const disk = await written(true);
    const { recovered } = await open(disk, 8192);

    expect(recovered).toMatchObject({ records: 3 });
    expect(recovered.truncatedBytes).toBeGreaterThan(2000);
  });

  it('stays a torn write when the power goes again while it is wiped', async () => {
    for (let step = 1; step <= 10; step++) {
      for (let seed = 0; seed < 8; seed++) {
        const disk = await written(true);
        disk.fail({ operation: 'change', nth: step, code: 'DISK_FAILED', wrote: seed * 100, lasting: true });
        await open(disk, 8192).catch(() => undefined);
        disk.crash(randomStream(seed));
        const again = { disk, folder, processes: memoryProcesses(2), segmentBytes: 8192 };

        expect((await openJournal(again)).recovered.records).toBe(3);
      }
    }
  });

  it('is damage when later writes were synced after it', async () => {
    const disk = await written(false);

    await expect(open(disk, 8192)).rejects.toMatchObject({
      code: 'JOURNAL_CORRUPT',
      details: { sequence: 4 },
    });
  });
});

describe('a journal with a file missing or misplaced', () => {
  it.each([
    ['the oldest', '00000001.wal'],
    ['one in the middle', '00000002.wal'],
  ])('is refused without %s', async (_, lost) => {
    const { files } = await forty(512);
    const disk = diskWith(files, '', new Uint8Array(0));
    await disk.remove(`${folder}/${lost}`);

    await expect(open(disk, 512)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
  });

  it('is refused when two segments changed places', async () => {
    const { files } = await forty(512);
    const disk = diskWith(files, path, files.get(`${folder}/00000002.wal`)!);
    disk.put(`${folder}/00000002.wal`, files.get(path)!);

    await expect(open(disk, 512)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
  });
});

describe('point-in-time recovery', () => {
  const damaged = async () => {
    const { files, records } = await forty(512);
    const disk = diskWith(files, '', new Uint8Array(0));
    const tenth = records[9]!;
    disk.flip(`${folder}/${tenth.segment}`, (tenth.offset + 21) * 8);
    return { disk, files };
  };

  it('makes a damaged journal whole up to a record, and keeps what it cut', async () => {
    const { disk, files } = await damaged();
    const cut = await cutAfter({ disk, folder, processes: memoryProcesses() }, 9);

    expect(cut.last).toBe(9);
    const kept = await Promise.all(cut.keptIn.map((file) => disk.size(`${folder}/${file}`)));
    expect(kept.length).toBe(files.size);
    expect(Math.min(...kept)).toBeGreaterThan(0);
    const { journal, recovered } = await open(disk, 512);
    expect(recovered).toEqual({ records: 9, last: 9, truncatedBytes: 0 });
    expect(await journal.append(1, Uint8Array.of(1))).toBe(10);
  });

  it('cuts a sound journal as well, down to nothing', async () => {
    const { files } = await forty(512);
    const disk = diskWith(files, '', new Uint8Array(0));
    await cutAfter({ disk, folder, processes: memoryProcesses() }, 0);

    expect((await open(disk, 512)).recovered.records).toBe(0);
  });

  it('does not promise records that are damaged or were never there', async () => {
    const { disk } = await damaged();
    const world = { disk, folder, processes: memoryProcesses() };

    await expect(cutAfter(world, 10)).rejects.toMatchObject({ code: 'JOURNAL_CORRUPT' });
    const { files } = await forty();
    const sound = { ...world, disk: diskWith(files, '', new Uint8Array(0)) };
    await expect(cutAfter(sound, 41)).rejects.toMatchObject({ code: 'JOURNAL_NO_SUCH_RECORD' });
  });

  it('finishes after a crash at any step, without losing a byte it was to keep', async () => {
    for (let step = 1; step < 30; step++) {
      const { disk } = await damaged();
      const processes = memoryProcesses();
      disk.fail({ operation: 'change', nth: step, code: 'DISK_FAILED', lasting: true });
      const stopped = await cutAfter({ disk, folder, processes }, 9).then(
        () => false,
        () => true,
      );
      disk.crash();
      processes.restart();
      await cutAfter({ disk, folder, processes }, 9);
      const { recovered } = await open(disk, 512);

      expect([step, recovered.records]).toEqual([step, 9]);
      if (!stopped) return;
    }
    throw new Error('the cut never came to its end');
  });
});
