/** `npm run conformance`: runs the table and says, row by row, what holds. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createVitest } from 'vitest/node';
import { asMarkdown, asText, summaryOf } from './report.mjs';

const HELP = `Runs the supervisor conformance table.

  npm run conformance -- [options]

  --json FILE   writes all results as JSON
  --write       writes docs/conformance.md
  --help        says this

Exit code 1 when a row that must hold does not, or a row is undecided.
`;

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Runs the tests; the answer maps each test's title to `{ state, ms, errors }`. */
async function decide() {
  const vitest = await createVitest('test', {
    root: here('../..'),
    project: ['unit', 'tensors'],
    watch: false,
    reporters: [{}],
  });
  const { rows, titleOf } = await vitest.projects[0].import(here('rows.ts'));
  await vitest.start([here('.')]);
  const results = new Map();
  for (const module of vitest.state.getTestModules()) {
    for (const { message } of module.errors())
      process.stderr.write(`${module.relativeModuleId}: ${message}\n`);
    for (const test of module.children.allTests()) results.set(test.name, resultOf(test));
  }
  await vitest.close();
  return rows.map((row) => ({ ...row, ...(results.get(titleOf(row)) ?? undecided(row)) }));
}

function resultOf(test) {
  const { state, errors = [] } = test.result();
  return {
    state: { passed: 'pass', failed: 'FAIL' }[state] ?? 'undecided',
    ms: Math.round(test.diagnostic()?.duration ?? 0),
    errors: errors.map(({ message }) => message),
  };
}

const undecided = ({ notApplicable }) => ({
  state: notApplicable === undefined ? 'undecided' : 'n.a.',
  ms: 0,
  errors: [],
});

const { values } = parseArgs({
  options: { json: { type: 'string' }, write: { type: 'boolean' }, help: { type: 'boolean' } },
});
if (values.help) {
  process.stdout.write(HELP);
} else {
  const decided = await decide();
  const summary = summaryOf(decided);
  process.stdout.write(asText(decided, summary));
  if (values.json !== undefined) {
    writeFileSync(values.json, `${JSON.stringify({ summary, rows: decided }, null, 2)}\n`);
  }
  if (values.write) writeFileSync(here('../../docs/conformance.md'), asMarkdown(decided, summary));
  process.exitCode = summary.holds ? 0 : 1;
}
