/** The plug is pulled between any two steps, and again while recovering: what was acknowledged is there. */
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../contracts/random-stream.ts';
import { verifyJournal } from '../../../runtime/journal/survey.ts';
import type { DiskCode } from '../../../runtime/ports/disk-errors.ts';
import type { FailPoint } from '../../../runtime/ports/fail-points.ts';
import { collect } from '../../support/collect.ts';
import { fill, folder, isRecord, MARK, workbench } from './workbench.ts';

const ring = { marks: [MARK], retention: { segments: 3 } };
const POINTS: readonly FailPoint[] = [
  'walBeforeAppend',
  'walAfterAppendBeforeSync',
  'walAfterSync',
  'segmentBeforeRotate',
  'segmentAfterRotate',
  'retentionBeforeRemove',
];
type Bench = ReturnType<typeof workbench>;

/** Throws at the n-th hit of a point, where a crash is going to be. */
function pull(point: FailPoint, nth: number) {
  let left = nth;
  return {
    pulled: () => left <= 0,
    failPoints: {
      hit(at: FailPoint) {
        if (at === point && --left === 0) throw new Error(`pulled at ${at}`);
      },
    },
  };
}

/** Opens what a crash left. Everything acknowledged, at most the one write under way besides, and nothing false. */
async function expectWhole(bench: Bench, acknowledged: number): Promise<void> {
  const journal = await bench.open();
  const records = await collect(journal.read());
  expect(journal.last).toBeGreaterThanOrEqual(acknowledged);
  expect(journal.last).toBeLessThanOrEqual(acknowledged + 1);
  expect(records.map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: journal.last - journal.first + 1 }, (_, i) => journal.first + i),
  );
  expect(records.every(isRecord)).toBe(true);
  expect(journal.first).toBeLessThanOrEqual(Math.max(1, journal.marks.at(-2)?.sequence ?? 1));
  await fill(journal, journal.last + 15, 6);
  await journal.close();
  expect(await verifyJournal(bench.disk, folder)).toMatchObject({ ok: true, last: journal.last });
}

describe.each(POINTS)('a crash at %s', (point) => {
  it('loses nothing acknowledged, also when recovery crashes too', async () => {
    let crashes = 0;
    for (const nth of [1, 2, 3, 5, 8, 13]) {
      for (const again of [0, 1, 2, 3, 4, 5, 6, 7]) {
        const bench = workbench(ring);
        const plug = pull(point, nth);
        const journal = await bench.open({ failPoints: plug.failPoints });
        await fill(journal, 140, 6).catch(() => undefined);
        const acknowledged = journal.last;
        if (plug.pulled()) crashes++;
        bench.disk.crash(again % 3 === 0 ? undefined : randomStream(nth * 31 + again));
        bench.die();
        if (again > 0) {
          const wrote = again * 7;
          bench.disk.fail({ operation: 'change', nth: again, code: 'DISK_FAILED', wrote, lasting: true });
          await bench.open().catch(() => undefined);
          bench.disk.crash(randomStream(again));
          bench.die();
        }
        await expectWhole(bench, acknowledged);
      }
    }

    expect(crashes).toBe(6 * 8);
  });

  it('stops the journal, or is made good by the next rotation', async () => {
    const { open } = workbench(ring);
    const plug = pull(point, 4);
    const journal = await open({ failPoints: plug.failPoints });
    const outcome = await fill(journal, 140, 6).then(
      () => 'whole',
      ({ code }: { code: string }) => code,
    );
    await journal.close();

    expect(outcome).toBe(point === 'retentionBeforeRemove' ? 'whole' : 'JOURNAL_FAILED');
    if (outcome === 'whole') expect((await open()).first).toBeGreaterThan(80);
  });
});

describe('the n-th operation of the disk', () => {
  const lives: readonly [string, DiskCode, number][] = [
    ['finds no room', 'DISK_FULL', 0],
    ['fails', 'DISK_FAILED', 0],
    ['writes a part only', 'DISK_FULL', 13],
  ];

  it.each(lives)('%s, for every n until none is left: acknowledged records stay', async (_, code, wrote) => {
    for (let nth = 1; ; nth++) {
      expect(nth).toBeLessThan(2_000);
      const bench = workbench(ring);
      bench.disk.fail({ operation: 'change', nth, code, wrote });
      const opened = await bench.open().catch((error: { code: string }) => error.code);
      if (typeof opened === 'string') {
        expect(opened).toBe(code);
        bench.die();
        await expectWhole(bench, 0);
        continue;
      }
      const failed = await fill(opened, 60, 6).then(
        () => undefined,
        (error: { code: string }) => error.code,
      );
      const acknowledged = opened.last;
      const before = bench.disk.operations;
      await opened.close().catch((error: { code: string }) => {
        expect(error.code).toBe(code);
        bench.die();
      });
      expect(failed ?? 'JOURNAL_FAILED').toBe('JOURNAL_FAILED');
      bench.disk.heal();
      await expectWhole(bench, acknowledged);
      if (nth > before + 10) return;
    }
  });

  it('strikes twice: while writing and while opening again', async () => {
    for (let nth = 20; nth < 150; nth += 7) {
      for (let during = 1; during < 14; during++) {
        const bench = workbench(ring);
        const journal = await bench.open();
        bench.disk.fail({ operation: 'change', nth, code: 'DISK_FULL', wrote: nth % 11 });
        await fill(journal, 60, 6).catch(() => undefined);
        bench.die();
        bench.disk.fail({ operation: 'change', nth: during, code: 'DISK_FAILED', wrote: during });
        await bench
          .open()
          .then((sound) => sound.close())
          .catch(() => bench.die());
        bench.disk.heal();
        await expectWhole(bench, journal.last);
      }
    }
  });
});

describe('making the next segment ready', () => {
  it('is over before the rotation that needs it: an append then waits for names only', async () => {
    const { disk, open } = workbench({ segmentBytes: 64 << 10 });
    const journal = await open();
    const costs: number[] = [];
    for (let n = 1; n <= 200; n++) {
      const before = disk.operations;
      await journal.append(1, new Uint8Array(1000));
      costs.push(disk.operations - before);
    }

    // write, sync; with a rotation also: header, sync, rename, sync of the folder. Never the layout: 64 KiB and a sync.
    expect(Math.max(...costs.slice(40))).toBeLessThanOrEqual(6);
    expect(costs.filter((cost) => cost > 2).length).toBeLessThanOrEqual(9);
  });

  it('failing is no news while it is early, and tried again when it is due', async () => {
    const { disk, open } = workbench({ segmentBytes: 4096 });
    const journal = await open();
    const { open: openFile } = disk;
    let refusals = 0;
    disk.open = (path, mode) => {
      if (!path.includes('next-') || ++refusals > 1) return openFile.call(disk, path, mode);
      return Promise.reject(Object.assign(new Error('not now'), { code: 'DISK_FULL' }));
    };
    await fill(journal, 300);

    expect(refusals).toBeGreaterThan(2);
    expect(journal.last).toBe(300);
  });

  it('leaves no file behind when the journal closes', async () => {
    const { disk, open } = workbench({ segmentBytes: 4096 });
    const journal = await open();
    await fill(journal, 100);
    await journal.close();

    expect((await disk.list(folder)).every((name) => name.endsWith('.wal'))).toBe(true);
  });
});
