/** The journal keeps its promises on a real disk. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe } from 'vitest';
import { nodeDisk } from '../../../runtime/adapters/node/disk.ts';
import { nodeProcesses } from '../../../runtime/adapters/node/processes.ts';
import { journalContract } from '../../runtime/journal/journal.contract.ts';

const made: string[] = [];
afterAll(() => Promise.all(made.map((root) => rm(root, { recursive: true }))));

describe('journal on the node disk', () => {
  journalContract(async () => {
    const root = await mkdtemp(join(tmpdir(), 'esper-'));
    made.push(root);
    return { disk: nodeDisk(), folder: join(root, 'journal'), processes: nodeProcesses() };
  });
});
