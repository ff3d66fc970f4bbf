import { describe, expect, it } from 'vitest';
import { keyOf, RunLog } from '../../../actors/tolaria/run-log.ts';
import { BoundaryCommitted, decode, FaultContained, type RunRecord } from '../../../contracts/index.ts';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryJournal } from '../../../runtime/adapters/memory/journal.ts';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import { openJournal } from '../../../runtime/index.ts';
import { inspectJournal } from '../../../runtime/journal/inspect.ts';

const note = (step: number) => FaultContained.of({ step, who: 'tamiyo', what: 'a note', injected: false });
const boundary = (number: number) =>
  BoundaryCommitted.of({
    boundary: number,
    epoch: 0,
    step: number,
    trainingLoss: null,
    validationLoss: null,
    validationAccuracy: null,
    parameters: 1,
    seeds: [],
    decisions: [],
    transitions: [],
    digest: '0123456789abcdef',
    hookMs: 0,
    multiplyAdds: 0,
  });

async function logOf(known: readonly RunRecord[] = []) {
  const disk = memoryDisk();
  const changes: boolean[] = [];
  let reopened = 0;
  const log = new RunLog({
    journal: await memoryJournal(disk),
    known: new Set(known.map(keyOf)),
    // the next process: the lock of the one before is a dead one's
    reopen: async () => {
      reopened += 1;
      const processes = memoryProcesses();
      processes.restart();
      return (await openJournal({ disk, folder: '/journal', processes, segmentBytes: 64 << 10 })).journal;
    },
    changed: (degraded) => void changes.push(degraded),
  });
  const written = async () => {
    const keys: string[] = [];
    for await (const { body } of inspectJournal(disk, '/journal'))
      keys.push(keyOf(decode(body) as RunRecord));
    return keys;
  };
  return { disk, log, changes, written, reopened: () => reopened };
}

const keys = (...records: RunRecord[]) => records.map(keyOf);

describe('the journal of a run', () => {
  it('holds what was appended, in order, once it is confirmed', async () => {
    const { log, written } = await logOf();
    for (const record of [boundary(0), note(1), boundary(1)]) log.append(record);
    await log.confirm();

    expect(await written()).toEqual(keys(boundary(0), note(1), boundary(1)));
  });

  it('passes over what an earlier process wrote, and a boundary that this one wrote already', async () => {
    const { log, written } = await logOf([boundary(0), note(1)]);
    for (const record of [boundary(0), note(1), boundary(1), boundary(1)]) log.append(record);
    await log.confirm();

    expect(await written()).toEqual(keys(boundary(1)));
  });

  it.each(['write', 'sync'] as const)(
    'writes nothing twice when a %s failed, and loses nothing',
    async (operation) => {
      const { disk, log, written, changes } = await logOf();
      log.append(boundary(0));
      await log.confirm();
      disk.fail({ operation, nth: 1, code: 'DISK_FAILED', wrote: 10 });
      for (const record of [boundary(1), note(2), boundary(2)]) log.append(record);
      await log.confirm();

      expect(log.degraded).toBe(false);
      expect(changes).toEqual([true, false]);
      expect(await written()).toEqual(keys(boundary(0), boundary(1), note(2), boundary(2)));
    },
  );

  it('keeps the order of what comes while it is opened again, however many wait for it', async () => {
    const { disk, log, written, reopened } = await logOf();
    disk.fail({ operation: 'sync', nth: 1, code: 'DISK_FAILED' });
    log.append(boundary(0));
    const confirmed = [log.confirm(), log.confirm()];
    log.append(boundary(1));
    await Promise.all([...confirmed, log.confirm()]);

    expect(reopened()).toBe(1);
    expect(await written()).toEqual(keys(boundary(0), boundary(1)));
  });

  it('says once that it is down and once that it is back, and tries again each time it is asked', async () => {
    const { disk, log, written, changes, reopened } = await logOf();
    disk.fail({ operation: 'change', nth: 1, code: 'DISK_FAILED', lasting: true });
    for (let number = 0; number < 4; number++) {
      log.append(boundary(number));
      await log.confirm();
      expect(log.degraded).toBe(true);
    }
    expect(changes).toEqual([true]);
    expect(reopened()).toBe(4);
    disk.heal();
    await log.confirm();

    expect(changes).toEqual([true, false]);
    expect(await written()).toEqual(keys(boundary(0), boundary(1), boundary(2), boundary(3)));
  });

  it('does not pretend to have ended a run whose last records it could not write', async () => {
    const { disk, log } = await logOf();
    disk.fail({ operation: 'change', nth: 1, code: 'DISK_FULL', lasting: true });
    log.append(boundary(0));

    await expect(log.close()).rejects.toMatchObject({ code: 'TOLARIA_JOURNAL_DOWN', retryable: true });
  });

  it('takes nothing once it was let go', async () => {
    const { log } = await logOf();
    await log.release();

    expect(() => log.append(boundary(0))).toThrow(expect.objectContaining({ code: 'TOLARIA_LOG_RELEASED' }));
  });

  it('has a limit to what it keeps while it is down', async () => {
    const { disk, log } = await logOf();
    disk.fail({ operation: 'change', nth: 1, code: 'DISK_FAILED', lasting: true });
    log.append(boundary(0));
    await log.confirm();
    const flood = () => {
      for (let step = 0; step <= 10_000; step++) log.append(note(step));
    };

    expect(flood).toThrow(expect.objectContaining({ code: 'TOLARIA_BACKLOG_FULL' }));
  });
});
