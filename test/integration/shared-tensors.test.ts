/** A process with Esper and tensorflow.js: Esper comes first and loads little, and nobody notices. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('has all of tensorflow.js after Esper has loaded its part, and one engine for both', async () => {
  const script = fileURLToPath(new URL('./fixtures/shared-tensors.mjs', import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script]);

  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    words: ['loadGraphModel', 'loadLayersModel', 'sequential', 'train', 'data', 'webgl_util'],
    backend: 'wasm',
    tensors: [[3, 2], [2]],
    layersModel: true,
  });
});
