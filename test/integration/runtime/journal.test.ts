/** The journal keeps its promises on a real disk, and to those who outlive its writer. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeDisk } from '../../../runtime/adapters/node/disk.ts';
import { nodeProcesses } from '../../../runtime/adapters/node/processes.ts';
import { openJournal } from '../../../runtime/journal/open-journal.ts';
import { journalContract } from '../../runtime/journal/journal.contract.ts';
import { collect } from '../../support/collect.ts';

const made: string[] = [];
afterAll(() => Promise.all(made.map((root) => rm(root, { recursive: true }))));

const freshFolder = async () => {
  const root = await mkdtemp(join(tmpdir(), 'esper-'));
  made.push(root);
  return join(root, 'journal');
};

describe('journal on the node disk', () => {
  journalContract(async () => ({
    disk: nodeDisk(),
    folder: await freshFolder(),
    processes: nodeProcesses(),
  }));

  it('holds everything a killed writer had acknowledged, and lets the next one in', async () => {
    const folder = await freshFolder();
    const options = { disk: nodeDisk(), folder, processes: nodeProcesses(), segmentBytes: 4096 };
    for (let life = 1; life <= 3; life++) {
      const acknowledged = await killAfter(folder, 100 * life);
      const { journal, recovered } = await openJournal(options);
      const records = await collect(journal.read());

      expect(recovered.last).toBeGreaterThanOrEqual(acknowledged);
      expect(acknowledged).toBeGreaterThanOrEqual(100 * life);
      for (const [i, { sequence, body }] of records.entries()) {
        expect([sequence, body.length, body[49]]).toEqual([i + 1, 50, (i + 1) & 255]);
      }
      await journal.close();
    }
  });
});

/** Starts a writer and kills it, without warning, once it has acknowledged `sequence`. @returns the last it acknowledged */
async function killAfter(folder: string, sequence: number): Promise<number> {
  const entry = fileURLToPath(new URL('../fixtures/journal-writer.mjs', import.meta.url));
  const writer = spawn(process.execPath, [entry, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  writer.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    if (lastLine(printed) >= sequence) writer.kill('SIGKILL');
  });
  await once(writer, 'close');
  return lastLine(printed);
}

/** The number on the last whole line. */
const lastLine = (text: string) => Number(text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1));
