import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../config/load.ts';

const block = /```yaml\n([\s\S]+?)```/.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '';

describe("the README's example of a run", () => {
  it('is a valid configuration that grows', () => {
    const { config } = loadConfig({ file: 'README.md', text: block });

    expect(config).toMatchObject({
      name: 'mine',
      task: { dataset: 'csv', validationRows: 200 },
      growth: { enabled: true },
    });
  });
});
