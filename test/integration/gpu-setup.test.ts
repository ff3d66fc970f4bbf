/** `npm run gpu:setup` says what it would do, and refuses what it does not understand. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const setUp = (...args: string[]) =>
  spawnSync(process.execPath, ['cli/gpu-setup/main.mjs', ...args], { encoding: 'utf8' });

describe('gpu:setup', () => {
  it('explains itself', () => {
    const { status, stdout } = setUp('--help');

    expect(status).toBe(0);
    for (const option of ['--tensorflow', '--cpu', '--stock', '--target', '--dry-run'])
      expect(stdout).toContain(option);
  });

  it('tells its steps in a dry run and touches nothing', () => {
    const target = mkdtempSync(join(tmpdir(), 'esper-gpu-'));
    const { status, stdout } = setUp('--dry-run', '--cpu', '--target', target, '--cache', target);

    expect(status).toBe(0);
    expect(stdout).toMatch(/tensorflow-cpu==[\d.]+/);
    expect(stdout).toMatch(/npm install --no-save .*--ignore-scripts @tensorflow\/tfjs-node-gpu@4\.22\.0/);
    expect(stdout).toContain('tfjs_binding.node');
    expect(readdirSync(target)).toEqual([]);
  });

  it('takes the package as it is published when that is asked for', () => {
    const { stdout } = setUp('--dry-run', '--stock');

    expect(stdout).toContain('tfjs-node-gpu@4.22.0');
    expect(stdout).not.toContain('--ignore-scripts');
  });

  it('refuses what it does not know', () => {
    expect(setUp('--stocks')).toMatchObject({ status: 2 });
    expect(setUp('--stock', '--tensorflow', 'pip').stderr).toContain('leave --tensorflow out');
  });
});
