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

Exit code 1 when a row that must hold does not, a row is undecided, or a test beside the table fails.
`;

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Runs the tests: the rows with what became of them, and the tests that belong to no row. */
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
    for (const { message } of module.errors()) {
      process.stderr.write(`${module.relativeModuleId}: ${message}\n`);
    }
    for (const test of module.children.allTests()) results.set(nameOf(test), resultOf(test));
  }
  await vitest.close();
  const decided = rows.map((row) => {
    const title = titleOf(row);
    const result = results.get(title) ?? undecided(row);
    results.delete(title);
    return { ...row, ...result };
  });
  // files finish in any order, and the page must not tell which
  const beside = [...results].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  return { rows: decided, beside: beside.map(([name, result]) => ({ name, ...result })) };
}

/** Rows are named alone; other tests with the suite they stand in. */
const nameOf = ({ name, fullName }) => (/^(otp|esper) /.test(name) ? name : fullName.replace(' > ', ' '));

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

/** The options given, or null after saying what is wrong with them. */
function optionsOf() {
  try {
    const options = { json: { type: 'string' }, write: { type: 'boolean' }, help: { type: 'boolean' } };
    return parseArgs({ options }).values;
  } catch ({ message }) {
    process.stderr.write(`${message}\n\n${HELP}`);
    process.exitCode = 2;
    return null;
  }
}

async function run({ json, write }) {
  const results = await decide();
  const summary = summaryOf(results);
  process.stdout.write(asText(results, summary));
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ summary, ...results }, null, 2)}\n`);
  if (write) writeFileSync(here('../../docs/conformance.md'), asMarkdown(results, summary));
  process.exitCode = summary.holds ? 0 : 1;
}

const options = optionsOf();
if (options?.help) process.stdout.write(HELP);
else if (options !== null) await run(options);
