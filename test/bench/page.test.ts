/** The page of benchmarks: who runs one suite replaces one section. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { merged, type Occasion } from '../../bench/page.ts';
import { type Finished, toMarkdown } from '../../bench/report.ts';
import { SUITES } from '../../bench/suites/index.ts';

const ran = (suite: string, median: number): Finished => ({
  suite,
  figures: [{ name: 'tell', unit: '/s', median, p95: median }],
});
const monday: Occasion = { machine: 'an old machine', day: '2026-01-05', commit: 'abc123' };
const tuesday: Occasion = { machine: 'a new machine', day: '2026-01-06', commit: 'def456' };
const ORDER = ['boundary', 'packet', 'mailbox'];

describe('the page of benchmarks', () => {
  it('says of each section where, when and on what commit it was measured', () => {
    const page = merged('', [ran('packet', 3)], monday, ORDER);

    expect(page).toContain(
      `## packet\n\n2026-01-05, commit abc123, on an old machine\n\n${toMarkdown([ran('packet', 3)])}\n`,
    );
  });

  it('keeps the sections of suites that did not run, to the letter, and the order of all', () => {
    const before = merged('', [ran('mailbox', 1), ran('boundary', 2)], monday, ORDER);
    const after = merged(before, [ran('packet', 3)], tuesday, ORDER);

    expect(after.match(/^## .*$/gm)).toEqual(['## boundary', '## packet', '## mailbox']);
    const without = after.replace(/## packet[\s\S]*?(?=## mailbox)/, '');
    expect(without).toBe(before);
  });

  it('replaces a section as a whole when its suite runs again', () => {
    const before = merged('', [ran('mailbox', 1), ran('boundary', 2)], monday, ORDER);
    const after = merged(before, [ran('mailbox', 9)], tuesday, ORDER);

    expect(after.match(/^## mailbox$/gm)).toHaveLength(1);
    expect(after).toContain('2026-01-06, commit def456, on a new machine');
    expect(after).not.toContain(toMarkdown([ran('mailbox', 1)]));
    expect(after).toContain(toMarkdown([ran('boundary', 2)]));
  });

  it('drops the section of a suite that is no more', () => {
    const before = merged('', [ran('mailbox', 1), ran('boundary', 2)], monday, ORDER);

    expect(merged(before, [], tuesday, ['boundary']).match(/^## .*$/gm)).toEqual(['## boundary']);
  });

  it('is, in the repository, one that a next run would leave as it is', () => {
    const page = readFileSync('docs/benchmarks.md', 'utf8');
    const order = SUITES.map(({ name }) => name);

    expect(merged(page, [], monday, order)).toBe(page);
    expect(page.match(/^## /gm)?.length).toBeGreaterThan(0);
  });
});
