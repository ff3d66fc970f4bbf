/** The first screen of the README, held against what `npm start` really does. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { cleanUpAfterwards, esper, folderFor, PATIENCE_MS, type Said } from './support/esper.ts';
import { type Summary, summaryOf } from './support/runs.ts';

cleanUpAfterwards();
const home = folderFor('readme');
const readme = readFileSync('README.md', 'utf8');

let said: readonly Said[];
let summary: Summary;

beforeAll(async () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { start: string } };
  const [, , ...args] = scripts.start.split(' ');
  ({ said } = await esper(home, [...args, '--json']));
  summary = summaryOf(said);
}, PATIENCE_MS);

describe('the first screen of the README', () => {
  it('shows adaptations as they happen', () => {
    const told = readme.split('\n').filter((line) => /^[·+] \w+ epoch \d+/.test(line));
    const real = said
      .filter(({ text }) => text !== undefined)
      .map(({ what, epoch, text }) => `${what} epoch ${epoch} ${text}`);

    expect(told.length).toBeGreaterThanOrEqual(5);
    for (const line of told) expect(real).toContain(line.slice(2).replace(/ {2,}/g, ' '));
  });

  it('shows the result as it is', () => {
    const { epoch, hostParametersAtBirth, parameters, testAccuracy, germinated, fossilized, culled } =
      summary.ended;

    expect(readme).toContain(`goal reached after ${epoch} epochs`);
    expect(readme).toContain(`${hostParametersAtBirth} at birth -> ${parameters} grown`);
    expect(readme).toContain(`test accuracy  ${(100 * (testAccuracy ?? 0)).toFixed(1)} %`);
    expect(readme).toContain(`${germinated} germinated, ${fossilized} fossilized, ${culled} culled`);
  });
});
