/** The event store keeps its promises on a real disk. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeDisk } from '../../../runtime/adapters/node/disk.ts';
import { nodeProcesses } from '../../../runtime/adapters/node/processes.ts';
import { openEventStore } from '../../../runtime/index.ts';
import { eventStoreContract } from '../../runtime/durable/event-store.contract.ts';

const made: string[] = [];
afterAll(() => Promise.all(made.map((root) => rm(root, { recursive: true }))));

async function freshOptions() {
  const root = await mkdtemp(join(tmpdir(), 'esper-events-'));
  made.push(root);
  const folder = join(root, 'events');
  return { disk: nodeDisk(), folder, processes: nodeProcesses(), segmentBytes: 64 << 10 };
}

describe('event store on the node disk', () => {
  eventStoreContract(async () => {
    const options = await freshOptions();
    return { open: () => openEventStore(options) };
  });

  it('has one owner', async () => {
    const options = await freshOptions();
    const store = await openEventStore(options);

    await expect(openEventStore(options)).rejects.toMatchObject({ code: 'JOURNAL_LOCKED' });
    await store.close();
    await (await openEventStore(options)).close();
  });
});
