/** A journal on a memory disk, made to be broken: what several tests of the journal begin with. */
import { type MemoryDisk, memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import { type JournalOptions, openJournal } from '../../../runtime/journal/open-journal.ts';
import type { SegmentedJournal } from '../../../runtime/journal/segmented-journal.ts';
import type { Disk } from '../../../runtime/ports/disk.ts';
import { diskError } from '../../../runtime/ports/disk-errors.ts';

export const folder = '/journal';
/** Kind of the records that stand for checkpoints. */
export const MARK = 9;

/** Record n of any kind holds 1 to 30 bytes of n: one in the wrong place shows. */
export const bodyOf = (n: number): Uint8Array => new Uint8Array(1 + (n % 30)).fill(n);

type Extra = Partial<Omit<JournalOptions, 'disk' | 'processes'>>;

export interface Workbench {
  readonly disk: MemoryDisk;
  open(extra?: Extra): Promise<SegmentedJournal>;
  recover(extra?: Extra): ReturnType<typeof openJournal>;
  /** The writer is dead: its lock is free for the next one. */
  die(): void;
}

/** @param settled options of every opening; segments so small that rotation is met early */
export function workbench(settled: Extra = {}, disk: MemoryDisk = memoryDisk()): Workbench {
  const processes = memoryProcesses();
  let life = 1;
  const recover = (extra: Extra = {}) => {
    const born = life;
    const own = ofOneLife(disk, () => born === life);
    return openJournal({ disk: own, folder, processes, segmentBytes: 256, ...settled, ...extra });
  };
  return {
    disk,
    recover,
    open: async (extra) => (await recover(extra)).journal,
    die: () => {
      life++;
      processes.restart();
    },
  };
}

/** The dead touch nothing: what a writer still had to do when it died must not reach the disk of the next one. */
function ofOneLife(disk: Disk, alive: () => boolean): Disk {
  return new Proxy(disk, {
    get: (target, key: keyof Disk) => {
      const operation = target[key].bind(target) as (...args: unknown[]) => Promise<unknown>;
      return (...args: unknown[]) =>
        alive() ? operation(...args) : Promise.reject(diskError('DISK_FAILED', key, String(args[0])));
    },
  });
}

/** Appends one by one until `last`; every `markEvery`-th record is a mark. */
export async function fill(journal: SegmentedJournal, last: number, markEvery = 0): Promise<void> {
  for (let n = journal.last + 1; n <= last; n++) {
    await journal.append(markEvery > 0 && n % markEvery === 0 ? MARK : 1, bodyOf(n));
  }
}

/** What a record must look like, by its number. */
export const isRecord = ({ sequence, body }: { sequence: number; body: Uint8Array }): boolean =>
  body.length === bodyOf(sequence).length && body.every((byte) => byte === (sequence & 255));
