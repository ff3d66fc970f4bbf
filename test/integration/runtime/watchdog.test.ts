/** A real event loop that never turns again: noticed, written down with the name of the loop, and ended. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StallReport } from '../../../runtime/watchdog/stall-report.ts';

const script = fileURLToPath(new URL('../fixtures/endless.mjs', import.meta.url));
let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'watchdog-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function spin(exit: 'exit' | 'stay', ms: number, whose: 'own' | 'node' = 'own') {
  const child = spawn(process.execPath, [script, folder, exit, String(ms), whose]);
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  const files = await readdir(folder);
  const reports = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return { code, said, reports: reports.map((text) => JSON.parse(text) as StallReport) };
}

describe('a watchdog', () => {
  it('notices an endless loop long before anybody would, names it, and ends the process with code 70', async () => {
    const { code, reports } = await spin('exit', 60_000);

    expect(code).toBe(70);
    expect(reports).toMatchObject([{ what: 'event_loop_blocked', limitMs: 500, exitCode: 70 }]);
    expect(reports[0]?.stack[0]?.function).toBe('chaseOwnTail');
    expect(reports[0]?.stack[0]?.url).toMatch(/endless\.mjs$/);
    // a busy machine makes the watch late, but not for half of what the loop takes
    expect(reports[0]?.stalledMs).toBeLessThan(30_000);
  });

  it('ends with that code a process that is held up inside a function of Node', async () => {
    const { code, reports } = await spin('exit', 60_000, 'node');
    const [inner] = reports[0]?.stack ?? [];

    expect(code).toBe(70);
    expect(inner?.url).toMatch(/^node:.*querystring$/);
    expect(reports[0]?.stack.map((frame) => frame.function)).toContain('wanderInNode');
  });

  it('lets a loop that does end go on, and tells of it afterwards', async () => {
    const { code, said, reports } = await spin('stay', 3_000);

    expect(code).toBe(0);
    expect(reports).toMatchObject([{ exitCode: null }]);
    expect(reports[0]?.stack[0]?.function).toBe('chaseOwnTail');
    expect(JSON.parse(said)).toEqual(reports[0]);
  });
});
