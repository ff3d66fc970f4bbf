/** A training thread ended while a command waited in it: the journal says whether it had acted. */
import { describe, expect, it } from 'vitest';
import { commandFate } from '../../../config/cluster/command-fate.ts';
import type { CurrentRun } from '../../../config/cluster/current-run.ts';
import { kindOf, RunCommanded, recordBytes } from '../../../contracts/index.ts';
import { memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import { openJournal } from '../../../runtime/journal/open-journal.ts';

const run = { folder: { runId: 'spirals-1', path: 'runs/spirals-1' }, resume: true } as CurrentRun;
const record = RunCommanded.of({
  ...{ number: 3, boundary: 7, epoch: 7, step: 90, refused: null, text: 'back from step 90 to boundary 7' },
  command: { do: 'rollback', blame: [] },
  by: { who: 'ann@lab', role: 'trainer', request: 'req-1', reason: '' },
});

async function journalled() {
  const disk = memoryDisk();
  const folder = 'runs/spirals-1/journal';
  const { journal } = await openJournal({ disk, folder, processes: memoryProcesses(), segmentBytes: 65_536 });
  await journal.append(kindOf(record), recordBytes(record));
  await journal.close();
  return disk;
}

describe('a command whose thread has ended', () => {
  it('came to what its journal says', async () => {
    expect(await commandFate(await journalled(), run, 'req-1')).toMatchObject({
      ...{ number: 3, boundary: 7, step: 90, refused: null, text: 'back from step 90 to boundary 7' },
    });
  });

  it('is lost when the journal knows of others alone, though numbers are given anew', async () => {
    await expect(commandFate(await journalled(), run, 'req-2')).rejects.toMatchObject({
      code: 'RUN_COMMAND_LOST',
      retryable: true,
    });
  });

  it('is not called lost while the journal cannot be read', async () => {
    const disk = await journalled();
    disk.fail({ operation: 'read', nth: 1, code: 'DISK_FAILED', lasting: true });

    await expect(commandFate(disk, run, 'req-2')).rejects.toMatchObject({
      code: 'RUN_COMMAND_UNKNOWN',
      hint: 'esper decisions spirals-1 says whether it had acted',
    });
  });
});
