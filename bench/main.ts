/** `npm run bench`: runs suites, prints what they found, and leaves judging to the reader. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { machineLine } from './machine.ts';
import { isAnswer, parse } from './options.ts';
import { commitOf, merged } from './page.ts';
import { type Finished, shortOf, toJson, toText } from './report.ts';
import { runApart } from './suite-process.ts';
import { SUITES } from './suites/index.ts';

/** The built file lies in dist/bench. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const options = parse(process.argv.slice(2), SUITES);
if (isAnswer(options)) {
  (options.status === 0 ? console.log : console.error)(options.text);
  process.exit(options.status);
}
const machine = machineLine();
console.log(`${machine}\n`);
const finished: Finished[] = [];
for (const suite of options.suites) {
  console.error(`${suite.name} ...`);
  finished.push({ suite: suite.name, figures: await runApart(suite.name, options) });
}
console.log(toText(finished));
const short = shortOf(finished);
if (short > 0) console.log(`\n${short} ${short === 1 ? 'figure falls' : 'figures fall'} short`);
if (options.json !== null)
  writeFileSync(options.json, `${JSON.stringify(toJson(finished, machine), null, 2)}\n`);
if (options.write) {
  const path = `${ROOT}docs/benchmarks.md`;
  const page = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const occasion = { machine, day: new Date().toISOString().slice(0, 10), commit: commitOf(ROOT) };
  const order = SUITES.map(({ name }) => name);
  writeFileSync(path, merged(page, finished, occasion, order));
}
