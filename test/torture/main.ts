/** `npm run wal:torture`: cuts, flips, disk faults and kills against the journal; ends with 1 if any promise broke. */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { cuts } from './cuts.ts';
import { faults } from './faults.ts';
import { flips } from './flips.ts';
import { kills } from './kills.ts';
import type { Progress, Verdict } from './verdict.ts';

const HELP = `usage: npm run wal:torture -- [options]

  --rounds <n>   writers to kill (200)
  --only <name>  one of: cuts, flips, faults, kills
  --json <file>  write the verdicts there
  --help         this
`;
const SHOWN = 5;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    only: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const say = (text: string) => process.stdout.write(text);
if (values.help) say(HELP);
else process.exitCode = (await torture()) ? 0 : 1;

/** @returns whether every promise held */
async function torture(): Promise<boolean> {
  const rounds = Number(values.rounds);
  const all: readonly (readonly [string, (progress: Progress) => Promise<Verdict>])[] = [
    ['cuts', cuts],
    ['flips', flips.fresh],
    ['flips', flips.ring],
    ['faults', faults],
    ['kills', (progress) => kills(rounds, progress)],
  ];
  const verdicts: Verdict[] = [];
  for (const [name, run] of all.filter(([name]) => values.only === undefined || name === values.only)) {
    const verdict = await run(progressOf(name));
    say(`\r${described(verdict)}\n`);
    verdicts.push(verdict);
  }
  if (values.json) await writeFile(values.json, `${JSON.stringify(verdicts, null, 2)}\n`);
  return verdicts.length > 0 && verdicts.every(({ violations }) => violations.length === 0);
}

/** Only for people: a file that gets the output gets the verdicts. */
function progressOf(name: string): Progress {
  let shown = -1;
  return (done, of) => {
    const percent = Math.floor((100 * done) / Math.max(1, of));
    if (process.stdout.isTTY && percent !== shown) say(`\r${name} ${percent} %  `);
    shown = percent;
  };
}

function described({ name, tried, met, violations }: Verdict): string {
  const counts = Object.entries(met).map(([what, times]) => `${what} ${times}`);
  const shown = violations.slice(0, SHOWN).map((violation) => `\n    ${violation}`);
  const outcome = violations.length === 0 ? 'all promises held' : `${violations.length} BROKEN`;
  return `${name}: ${tried} tried, ${outcome} (${counts.join(', ')})${shown.join('')}`;
}
