/** `npm run test:cluster`: the faults of nodes, roads and brokers of the catalogue, on real processes and a real server; 1 if any promise broke. */
import { writeFile } from 'node:fs/promises';
import { inspect, parseArgs } from 'node:util';
import { findNatsServer } from '../../runtime/adapters/nats/index.ts';
import { type Ground, loopback, namespaces, noNamespaces } from './ground.ts';
import { doubled, frozen, killed } from './rows/nodes.ts';
import { oneWay, symmetric } from './rows/partitions.ts';
import { failedOver, moved } from './rows/placement.ts';
import { doubledMessages, late, overtaken } from './rows/roads.ts';
import type { Row } from './rows/row.ts';
import { hung, restarted } from './rows/server.ts';
import { forged, oversized } from './rows/strangers.ts';
import { NODES, Yard } from './yard.ts';

const HELP = `usage: npm run test:cluster -- [options]

  --only <ids>   rows of the catalogue, such as F1,F14
  --long         rounds and outages of a campaign (about an hour)
  --lenient      times and speeds are told, and fail only beyond twice their limit: for busy machines
  --seed <text>  of the load (a new one each time unless said)
  --json <file>  write the results there
  --help         this

Real node processes, a real nats-server (NATS_SERVER_BIN, PATH, or the development package), network namespaces where they can be made.
`;
const ROWS: readonly Row[] = [
  killed,
  frozen,
  doubled,
  restarted,
  symmetric,
  oneWay,
  hung,
  late,
  doubledMessages,
  overtaken,
  forged,
  oversized,
  failedOver,
  moved,
];

interface Criterion {
  readonly what: string;
  readonly holds: boolean;
  readonly measured: string;
}

interface Result {
  readonly id: string;
  readonly title: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly criteria: readonly Criterion[];
  readonly notes: readonly string[];
  readonly seconds: number;
}

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    long: { type: 'boolean', default: false },
    lenient: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(process.pid) },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const say = (text: string) => process.stdout.write(`${text}\n`);
// Processes of a row end with this one, which a signal alone would not see to.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
if (values.help) say(HELP);
else process.exitCode = (await campaign()) ? 0 : 1;

/** @returns whether every row that was played passed */
async function campaign(): Promise<boolean> {
  const bin = findNatsServer(process.env);
  const without = noNamespaces();
  const only = values.only?.toUpperCase().split(',');
  const chosen = ROWS.filter(({ id }) => only?.includes(id) ?? true);
  say(`nats-server: ${bin}\nnamespaces: ${without ?? 'yes'}\nseed: ${values.seed}\n`);
  const results: Result[] = [];
  for (const row of chosen) {
    const result = row.roads && without !== null ? skipped(row, without) : await play(row, bin);
    results.push(result);
    tell(result);
  }
  const count = (outcome: Result['outcome']) => results.filter((result) => result.outcome === outcome);
  const named = count('skipped').map(({ id }) => id);
  say(`${count('passed').length} passed, ${count('failed').length} failed, ${named.length} skipped`);
  if (named.length > 0) say(`skipped: ${named.join(', ')}: ${without}`);
  if (values.json) await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`);
  return results.length > 0 && count('failed').length === 0;
}

async function play(row: Row, bin: string): Promise<Result> {
  const startedMs = performance.now();
  const criteria: Criterion[] = [];
  const notes: string[] = [];
  const ground: Ground = row.roads ? namespaces(NODES) : loopback;
  const yards: Yard[] = [];
  try {
    await row.play({
      ground,
      long: values.long,
      open: async (options = {}) => {
        const yard = await Yard.open({ ground, bin, seed: `${values.seed} ${row.id}`, ...options });
        yards.push(yard);
        return yard;
      },
      expect: (what, holds, measured) => void criteria.push({ what, holds, measured }),
      within: (what, ms, limitMs) => {
        const stood = Math.max(0, ...yards.map(({ standstill }) => standstill.longestMs));
        const holds = ms <= (values.lenient ? 2 : 1) * limitMs + stood;
        criteria.push({
          what: `${what} within ${limitMs} ms`,
          holds,
          measured: `${ms.toFixed(0)} ms at most`,
        });
      },
      speed: (what, holds, measured) =>
        void criteria.push({
          what,
          holds: holds || values.lenient,
          measured: `${measured}${holds ? '' : ' (falls short)'}`,
        }),
      say: (text) => void notes.push(text),
    });
  } catch (error) {
    criteria.push({ what: 'the row could be played', holds: false, measured: wholeError(error) });
  } finally {
    for (const yard of yards) {
      const { allMs, longestMs } = yard.standstill;
      if (allMs > 0)
        notes.push(
          `the machine stood still for ${allMs.toFixed(0)} ms, ${longestMs.toFixed(0)} ms at a time: limits are later by that`,
        );
      await yard.close();
      for (const fall of yard.falls)
        criteria.push({ what: 'every process stood', holds: false, measured: fall });
    }
    ground.close();
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  const failed = criteria.length === 0 || criteria.some(({ holds }) => !holds);
  return { id: row.id, title: row.title, outcome: failed ? 'failed' : 'passed', criteria, notes, seconds };
}

function skipped({ id, title }: Row, why: string): Result {
  return { id, title, outcome: 'skipped', criteria: [], notes: [why], seconds: 0 };
}

function tell({ id, title, outcome, criteria, notes, seconds }: Result): void {
  say(
    `${outcome === 'passed' ? '✓' : outcome === 'failed' ? '✗' : '-'} ${id.padEnd(4)} ${title} (${seconds.toFixed(0)} s)`,
  );
  const within = (text: string) => text.replaceAll('\n', '\n        ');
  for (const { what, holds, measured } of criteria)
    say(`    ${holds ? '✓' : '✗'} ${what}: ${within(measured)}`);
  for (const note of notes) say(`      ${note}`);
}

/** With its stack, its details and its causes, however deep and long. */
function wholeError(error: unknown): string {
  return inspect(error, { depth: null, maxStringLength: null, maxArrayLength: null });
}
