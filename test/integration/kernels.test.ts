/** The committed kernels are, byte for byte, what the compiler makes of their source. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('the kernels compile again to the bytes that are committed', async () => {
  const check = promisify(execFile)(process.execPath, ['nn/kernels/build.mjs', '--check']);
  await expect(check).resolves.toMatchObject({ stderr: '', stdout: expect.not.stringContaining('STALE') });
});
