/** Writes the pages that are made from the code. Run it through `npm run docs`, after a build. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { ERROR_TABLE } from '../dist/cli/error-table.js';
import { placementSchemaFile } from '../dist/config/placement/schema-file.js';
import { ADMIN_VERBS } from '../dist/contracts/index.js';
import { drawPage, MACHINES } from '../dist/machines/index.js';

const write = (page, text) => writeFileSync(new URL(page, import.meta.url), text);
const cell = (text) => text.replaceAll('|', '\\|');

const rows = [...ERROR_TABLE]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([code, { meaning, next }]) => `| \`${code}\` | ${cell(meaning)} | ${cell(next)} |`);

write('./machines.md', drawPage(MACHINES));
write(
  './errors.md',
  [
    '# Errors',
    '',
    'Generated from `cli/error-table.ts` by `npm run docs`; `esper explain <CODE>` says the same. A code never changes its meaning.',
    'A *refusal* carries its code as data and changed nothing; a *failure* is an error with a code; anything without a code is a bug.',
    '',
    '| Code | What it means | What to do |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n'),
);

write('../config/placement.schema.json', placementSchemaFile());

/** What comes between two markers of a page is replaced. */
const fill = (page, between, made) => {
  const text = readFileSync(new URL(page, import.meta.url), 'utf8');
  write(page, text.replace(between, made));
};

/** Arguments as one writes them: in brackets when they may be left out. */
const argumentsOf = ({ args }) =>
  Object.keys(args.properties)
    .filter((name) => name !== 'reason')
    .map((name) => (args.required?.includes(name) ? name : `[${name}]`))
    .join(' ');
const verbs = Object.entries(ADMIN_VERBS).map(
  ([name, verb]) =>
    `| \`${name}\` | ${verb.about} | ${argumentsOf(verb)} | ${verb.where === 'node' ? 'that node' : 'any'} | ${verb.roles.join(', ')} |`,
);
fill(
  './admin.md',
  /<!-- verbs -->[\s\S]*?<!-- end -->/,
  () =>
    `${['<!-- verbs -->', '', '| verb | about | arguments | answered by | roles |', '|---|---|---|---|---|', ...verbs].join('\n')}\n\n<!-- end -->`,
);

/** An example as it is and what it prints, between its two markers. */
const example = (_, name) => {
  const built = new URL(`../dist/examples/${name}.js`, import.meta.url).pathname;
  const printed = execFileSync(process.execPath, [built], { stdio: ['ignore', 'pipe', 'ignore'] });
  const code = readFileSync(new URL(`../examples/${name}.ts`, import.meta.url), 'utf8');
  return `<!-- example: ${name} -->\n\n\`\`\`ts\n${code}\`\`\`\n\n\`\`\`text\n${printed}\`\`\`\n\n<!-- end -->`;
};
for (const page of ['./runtime.md', './wrap.md'])
  fill(page, /<!-- example: ([a-z-]+) -->[\s\S]*?<!-- end -->/g, example);
