/** The adapters of the real machine keep the promises of their ports. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeClock } from '../../../runtime/adapters/node/clock.ts';
import { nodeDisk } from '../../../runtime/adapters/node/disk.ts';
import { nodeProcesses } from '../../../runtime/adapters/node/processes.ts';
import { pinoLog } from '../../../runtime/adapters/pino/log.ts';
import { clockContract } from '../../runtime/adapters/clock.contract.ts';
import { diskContract } from '../../runtime/adapters/disk.contract.ts';

const made: string[] = [];
const scratch = async () => {
  const root = await mkdtemp(join(tmpdir(), 'esper-'));
  made.push(root);
  return root;
};
afterAll(() => Promise.all(made.map((root) => rm(root, { recursive: true }))));

describe('node disk', () => {
  diskContract(async () => ({ disk: nodeDisk(), root: await scratch() }));

  it('leaves no temporary file behind when a whole-file write fails', async () => {
    const root = await scratch();
    const disk = nodeDisk();
    await disk.folder(`${root}/taken`);

    await expect(disk.writeAtomic(`${root}/taken`, Uint8Array.of(1))).rejects.toMatchObject({
      code: 'DISK_FAILED',
    });
    expect(await readdir(root)).toEqual(['taken']);
  });
});

describe('node clock', () => {
  clockContract(() => ({ clock: nodeClock(), pass: (ms) => sleep(ms) }));
});

describe('node processes', () => {
  it('knows itself, the dead, and a pid that somebody else has now', async () => {
    const processes = nodeProcesses();
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');

    expect(processes.alive(processes.self())).toBe(true);
    expect(processes.alive({ pid: child.pid ?? 0, started: '' })).toBe(false);
    expect(processes.alive({ pid: process.pid, started: 'another boot/1' })).toBe(false);
  });
});

describe('pino log', () => {
  it('has its file from the beginning, and nothing to flush before the first line', async () => {
    const file = join(await scratch(), 'runs', 'esper.log');
    const log = pinoLog({ to: file });
    log.with({ actor: 'kasmina' }).write('debug', 'below the level');
    await log.flush();

    expect(await readFile(file, 'utf8')).toBe('');
  });

  it('writes one line of JSON for each call, with secrets struck out', async () => {
    const file = join(await scratch(), 'esper.log');
    const log = pinoLog({ to: file });
    log.with({ actor: 'kasmina' }).write('info', 'line\nbreak', { token: 'abc', n: 1 });
    log.write('debug', 'below the level');
    await log.flush();
    const lines = (await readFile(file, 'utf8')).trim().split('\n');

    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      actor: 'kasmina',
      token: '[redacted]',
      n: 1,
      msg: 'line\nbreak',
    });
  });
});
