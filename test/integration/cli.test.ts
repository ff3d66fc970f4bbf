/** The built `esper` as a process: exit codes, pipes, files on a real disk. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const home = mkdtempSync(join(tmpdir(), 'esper-cli-'));
afterAll(() => rmSync(home, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** @param env added to a bare environment; undefined values take a variable out */
function esper(args: readonly string[], env: Record<string, string> = {}, closeOut = false): Promise<Ended> {
  const child = spawn(process.execPath, ['dist/cli/main.js', ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: home, ESPER_HOME: join(home, 'esper'), ...env },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  if (closeOut) child.stdout.destroy();
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err })));
}

describe('the built command', () => {
  it('knows its version and its help', async () => {
    const [version, help] = await Promise.all([esper(['--version']), esper(['--help'])]);

    expect(version).toMatchObject({ code: 0, err: '' });
    expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(help.out).toContain('Usage: esper');
  });

  it.each([
    [['config', 'validate', 'config/spirals.yaml'], 0],
    [['config', 'validate', 'config/nowhere.yaml'], 4],
    [['config', 'validate', 'config/spirals.yaml', '--set', 'training.epochs=0'], 3],
    [['trian'], 2],
    [['run', 'show', 'latest'], 4],
  ])('%j ends with %i', async (args, code) => {
    expect((await esper(args)).code).toBe(code);
  });

  it('takes settings from the environment and says that it did', async () => {
    const { out } = await esper(['config', 'explain', 'training.epochs', '--json'], {
      ESPER_TRAINING__EPOCHS: '77',
    });

    expect(JSON.parse(out)).toMatchObject({ value: 77, origin: 'env:ESPER_TRAINING__EPOCHS' });
  });

  it('points at line and column of a mistake on disk', async () => {
    const file = join(home, 'bad.yaml');
    writeFileSync(file, 'training:\n  epoch: 3\n');
    const { code, err } = await esper(['train', file]);

    expect(code).toBe(3);
    expect(err).toContain(
      `${file}:2:3: CONFIG_UNKNOWN_KEY no setting \`epoch\` in training\n  did you mean epochs?`,
    );
  });

  it('does not mind a reader that goes away', async () => {
    const { code, err } = await esper(['config', 'schema'], {}, true);

    expect([code, err]).toEqual([0, '']);
  });

  it('examines this machine: tensors multiply, the disk syncs', async () => {
    const { code, out } = await esper(['doctor', '--json']);
    const { checks } = JSON.parse(out) as { checks: { name: string; state: string }[] };

    expect(code).toBe(0);
    expect(checks.filter(({ state }) => state === 'failed')).toEqual([]);
    expect(checks.map(({ name }) => name)).toContain('tensors');
  });
});
