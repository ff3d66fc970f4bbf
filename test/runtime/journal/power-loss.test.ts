/** Whatever fails and whenever the power goes: what was acknowledged is there, in order, and nothing was made up. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../contracts/random-stream.ts';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import type { DiskFault } from '../../../runtime/adapters/memory/disk-faults.ts';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import { openJournal } from '../../../runtime/journal/open-journal.ts';
import type { SegmentedJournal } from '../../../runtime/journal/segmented-journal.ts';
import { collect } from '../../support/collect.ts';

const world = () => ({
  disk: memoryDisk(),
  folder: '/journal',
  processes: memoryProcesses(),
  segmentBytes: 160,
});
type World = ReturnType<typeof world>;

/** Record n of kind n & 255 holds a few bytes of n: a record in the wrong place shows. */
const bodyOf = (n: number) => new Uint8Array(1 + (n % 30)).fill(n);
const appendNext = (journal: SegmentedJournal, n: number) => journal.append(n & 255, bodyOf(n));

/** Appends in groups of one to three until something breaks. @returns the newest acknowledged and the newest tried */
async function write(
  journal: SegmentedJournal,
  upTo: number,
): Promise<{ acknowledged: number; tried: number }> {
  let acknowledged = journal.last;
  for (let n = journal.last + 1; n <= upTo; ) {
    const group = Array.from({ length: 1 + (n % 3) }, (_, i) => n + i);
    n += group.length;
    const outcomes = await Promise.allSettled(group.map((m) => appendNext(journal, m)));
    for (const outcome of outcomes) if (outcome.status === 'fulfilled') acknowledged = outcome.value;
    if (outcomes.some(({ status }) => status === 'rejected')) return { acknowledged, tried: n - 1 };
  }
  return { acknowledged, tried: upTo + 2 };
}

/** Opens after a crash and checks that it holds a true history of at least `acknowledged` records. */
async function expectHistory(options: World, acknowledged: number, tried: number): Promise<SegmentedJournal> {
  const { journal } = await openJournal(options);
  const records = await collect(journal.read());
  expect(records.length).toBeGreaterThanOrEqual(acknowledged);
  expect(records.length).toBeLessThanOrEqual(tried);
  for (const [i, { sequence, kind, body }] of records.entries()) {
    expect([sequence, kind, ...body]).toEqual([i + 1, (i + 1) & 255, ...bodyOf(i + 1)]);
  }
  return journal;
}

function powerCut(options: World, seed: number): void {
  options.disk.crash(seed === 0 ? undefined : randomStream(seed));
  options.processes.restart();
}

/** Opening may itself be struck; that counts as "nothing acknowledged". */
async function writeUnder(
  options: World,
  fault: DiskFault,
): Promise<{ acknowledged: number; tried: number }> {
  options.disk.fail(fault);
  const opened = await openJournal(options).catch(() => undefined);
  return opened ? write(opened.journal, 14) : { acknowledged: 0, tried: 0 };
}

describe('a disk that fails once', () => {
  it.each(['write', 'sync', 'rename', 'syncFolder', 'open'] as const)(
    'at any %s: the journal stops, says so, and holds what it acknowledged',
    async (operation) => {
      for (let nth = 1; nth <= 40; nth++) {
        const options = world();
        options.disk.fail({ operation, nth, code: 'DISK_FAILED', wrote: nth % 40 });
        const opened = await openJournal(options).catch((error: { code: string }) => error);
        if (!('journal' in opened)) {
          expect(opened.code).toBe('DISK_FAILED');
          continue;
        }
        const { acknowledged, tried } = await write(opened.journal, 14);
        if (acknowledged < 14) {
          await expect(appendNext(opened.journal, 1)).rejects.toMatchObject({
            code: 'JOURNAL_FAILED',
            details: { because: 'DISK_FAILED', last: acknowledged },
          });
        }
        options.disk.heal();
        await opened.journal.close();
        const again = await expectHistory(options, acknowledged, tried);
        // One more record must not need a rotation to be safe; five do.
        const more = await write(again, again.last + (nth % 2 === 0 ? 1 : 5));
        powerCut(options, nth % 4 < 2 ? 0 : nth);
        await expectHistory(options, more.acknowledged, more.tried);
      }
    },
  );

  it('a full one is named, and the journal works again once there is room', async () => {
    const options = world();
    const { journal } = await openJournal(options);
    options.disk.capacity = 400;
    const { acknowledged, tried } = await write(journal, 20);

    expect(acknowledged).toBeLessThan(14);
    await expect(appendNext(journal, 1)).rejects.toMatchObject({ details: { because: 'DISK_FULL' } });
    await journal.close();
    options.disk.capacity = Number.POSITIVE_INFINITY;
    const again = await expectHistory(options, acknowledged, tried);
    expect((await write(again, 20)).acknowledged).toBeGreaterThanOrEqual(20);
  });
});

describe('a power cut', () => {
  it('at any moment, with any fate of unsynced bytes, loses nothing acknowledged', async () => {
    let cuts = 0;
    for (let nth = 1; nth <= 80; nth++) {
      for (let seed = 0; seed < 6; seed++) {
        const options = world();
        const fault = {
          operation: 'change',
          nth,
          code: 'DISK_FAILED',
          wrote: seed * 9,
          lasting: true,
        } as const;
        const { acknowledged, tried } = await writeUnder(options, fault);
        if (acknowledged < 14) cuts++;
        powerCut(options, seed);
        await expectHistory(options, acknowledged, tried);
      }
    }

    expect(cuts).toBeGreaterThan(200);
  });

  it('during the recovery from a power cut loses nothing either', async () => {
    for (let nth = 20; nth <= 60; nth += 4) {
      for (let during = 1; during <= 16; during++) {
        const seed = nth * 31 + during;
        const options = world();
        const fault = { operation: 'change', nth, code: 'DISK_FAILED', wrote: 11, lasting: true } as const;
        const { acknowledged, tried } = await writeUnder(options, fault);
        powerCut(options, seed);
        options.disk.fail({ ...fault, nth: during, wrote: during * 5 });
        await openJournal(options).catch(() => undefined);
        powerCut(options, seed + 1);
        await expectHistory(options, acknowledged, tried);
      }
    }
  });

  it('while old segments are let go leaves a journal without a gap', async () => {
    for (let nth = 1; nth <= 14; nth++) {
      for (const seed of [0, 1, 2]) {
        const options = world();
        const { journal } = await openJournal(options);
        await write(journal, 20);
        const { last } = journal;
        options.disk.fail({ operation: 'change', nth, code: 'DISK_FAILED', lasting: true });
        await journal.truncateBefore(last - 3).catch(() => undefined);
        powerCut(options, seed * nth);
        const { journal: again } = await openJournal(options);
        const sequences = (await collect(again.read())).map(({ sequence }) => sequence);

        expect(sequences).toEqual(Array.from({ length: last - again.first + 1 }, (_, i) => again.first + i));
        expect(again.first).toBeLessThanOrEqual(last - 3);
      }
    }
  });
});

describe('any life of a journal', () => {
  const step = fc.oneof(
    fc.record({
      do: fc.constant('append' as const),
      lengths: fc.array(fc.nat(400), { minLength: 1, maxLength: 8 }),
    }),
    fc.record({ do: fc.constant('reopen' as const) }),
    fc.record({ do: fc.constant('crash' as const), seed: fc.nat(1000) }),
    fc.record({ do: fc.constant('release' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  );

  it('reads like the list of what was acknowledged', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 25 }),
        fc.integer({ min: 64, max: 2000 }),
        async (steps, segmentBytes) => {
          const options = { ...world(), segmentBytes };
          let { journal } = await openJournal(options);
          const model: string[] = [];
          for (const action of steps) {
            if (action.do === 'append') {
              const bodies = action.lengths.map((length) => new Uint8Array(length).fill(length));
              const sequences = await Promise.all(bodies.map((body) => journal.append(body.length, body)));
              for (const body of bodies) model.push(`${body.length}:${body.join()}`);
              expect(sequences.at(-1)).toBe(model.length);
            } else if (action.do === 'release') {
              await journal.truncateBefore(Math.ceil(action.share * model.length));
            } else {
              if (action.do === 'reopen') await journal.close();
              else powerCut(options, action.seed);
              ({ journal } = await openJournal(options));
            }
            const records = await collect(journal.read());
            expect(records.map(({ kind, body }) => `${kind}:${body.join()}`)).toEqual(
              model.slice(journal.first - 1),
            );
            expect(journal.last).toBe(model.length);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
