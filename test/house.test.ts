/** The style of the house, as a test: what the formatter and the type checker cannot see. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ERROR_TABLE } from '../cli/error-table.ts';
import { CATALOGUE } from '../contracts/index.ts';
import {
  type Breach,
  bannedCalls,
  codesIn,
  deadLinks,
  messagesIn,
  noOpeningSentence,
  notKebabCase,
  type SourceFile,
  tooLong,
  unfinishedWords,
  unfurnishedActors,
} from './support/house.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const ROOMS = [
  'actors',
  'runtime',
  'contracts',
  'machines',
  'nn',
  'config',
  'cli',
  'bench',
  'examples',
  'test',
];

const under = (folder: string): string[] =>
  existsSync(root + folder)
    ? readdirSync(root + folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length).replaceAll('\\', '/'))
    : [];
const load = (path: string): SourceFile => ({ path, text: readFileSync(root + path, 'utf8') });
const told = (breaches: readonly Breach[]): string[] =>
  breaches.map(({ path, rule, instead }) => `${path}: ${rule}; ${instead}`);

const paths = ROOMS.flatMap(under);
const sources = paths.filter((path) => path.endsWith('.ts')).map(load);
const core = sources.filter(({ path }) => !path.startsWith('test/'));
const pages = [...under('docs'), 'README.md', 'CHANGELOG.md', ...paths]
  .filter((path) => path.endsWith('.md') && existsSync(root + path))
  .map(load);

describe('the house', () => {
  it.each([
    ['calls nothing that cannot be repeated', bannedCalls],
    ['has no file longer than one sitting', tooLong],
    ['names its files in kebab-case', notKebabCase],
  ] as const)('%s', (_, rule) => {
    expect(told(sources.flatMap((file) => rule(file)))).toEqual([]);
  });

  it('opens every file with a sentence', () => {
    expect(told(core.flatMap(noOpeningSentence))).toEqual([]);
  });

  it('leaves nothing unfinished', () => {
    expect(told([...core, ...pages].flatMap(unfinishedWords))).toEqual([]);
  });

  it('reads tensorflow.js once a thread: imported by name, it is scanned for 400 ms first', () => {
    const product = core.filter(({ path }) => !path.startsWith('bench/') && !path.startsWith('examples/'));
    const scanning = /^import (?!type\b)[^;]*from '@tensorflow\/tfjs[^']*'/m;
    expect(product.filter(({ text }) => scanning.test(text)).map(({ path }) => path)).toEqual([]);
  });

  it('introduces every actor', () => {
    expect(told(unfurnishedActors(paths))).toEqual([]);
  });

  it('has no dead link', () => {
    expect(told(pages.flatMap((page) => deadLinks(page, (path) => existsSync(root + path))))).toEqual([]);
  });

  it('explains every code in cli/error-table.ts', () => {
    // a benchmark that finds its own figures wrong ends with a code too, and examples refuse in words of their own: whoever
    // meets those has the source before them
    const met = core.filter(({ path }) => !/^(bench|examples)\//.test(path));
    const missing = new Map(
      met.flatMap((file) =>
        codesIn(file)
          .filter((code) => !ERROR_TABLE.has(code))
          .map((code) => [code, `${code} (${file.path})`] as const),
      ),
    );

    expect([...missing.values()].sort()).toEqual([]);
  });

  it('prints that table in docs/errors.md; `npm run docs` prints it again', () => {
    const page = load('docs/errors.md').text;
    const absent = [...ERROR_TABLE].filter(
      ([code, { meaning }]) => !page.includes(`| \`${code}\` | ${meaning}`),
    );

    expect(absent.map(([code]) => code)).toEqual([]);
    expect(page.match(/^\| `/gm)).toHaveLength(ERROR_TABLE.size);
  });

  it('keeps every message in the catalogue; only config may have words of its own', () => {
    const listed = new Set(CATALOGUE.map(({ type }) => type));
    const said = core.flatMap((file) => messagesIn(file).map((type) => ({ type, path: file.path })));

    expect(said.length).toBeGreaterThan(10);
    const shared = said.filter(({ path }) => !path.startsWith('config/'));
    expect(shared.filter(({ type }) => !listed.has(type))).toEqual([]);
    expect(shared.filter(({ path }) => !path.startsWith('contracts/'))).toEqual([]);
  });
});

describe('the rules themselves', () => {
  const file = (path: string, text: string): SourceFile => ({ path, text });
  const opening = '/** Tends the seeds of one host. */\n';

  it.each([
    ['contracts/a.ts', 'const t = Date.now();'],
    ['actors/kasmina/behaviour.ts', 'const at = new Date();'],
    ['runtime/cell.ts', 'const t = performance.now();'],
    ['nn/a.ts', 'const w = Math.random();'],
    ['machines/a.ts', 'setTimeout(() => {}, 5);'],
    ['runtime/supervisor/a.ts', 'queueMicrotask(next);'],
    ['actors/a/jobs.ts', "console.log('x');"],
    ['runtime/a.ts', "import { readFile } from 'node:fs/promises';"],
    ['nn/a.ts', "const f = new Function('return 1');"],
  ])('catch in %s: %s', (path, code) => {
    expect(bannedCalls(file(path, code))).toHaveLength(1);
  });

  it.each([
    ['runtime/adapters/node/clock.ts', 'const t = Date.now();'],
    ['cli/main.ts', "console.log('x');"],
    ['runtime/actor/cell.ts', 'queueMicrotask(next);'],
    ['nn/a.ts', '// Math.random() would not come back\n/* nor Date.now() */'],
    ['nn/a.ts', 'clearTimeout(x); offsetTimeout(y)'],
  ])('let pass in %s: %s', (path, code) => {
    expect(bannedCalls(file(path, code))).toEqual([]);
  });

  it('catch a file that is too long, and not one that just fits', () => {
    expect(tooLong(file('nn/a.ts', 'x\n'.repeat(400)))).toEqual([]);
    expect(tooLong(file('nn/a.ts', 'x\n'.repeat(401)))).toHaveLength(1);
  });

  it('catch a file that opens without a sentence', () => {
    expect(noOpeningSentence(file('nn/a.ts', `${opening}export {};`))).toEqual([]);
    expect(noOpeningSentence(file('cli/main.ts', `#!/usr/bin/env node\n${opening}`))).toEqual([]);
    expect(noOpeningSentence(file('nn/a.ts', "import a from 'a';"))).toHaveLength(1);
    expect(noOpeningSentence(file('nn/a.ts', '/**\n * Later.\n */'))).toHaveLength(1);
  });

  it('catch names that are not kebab-case', () => {
    expect(notKebabCase(file('nn/seed-slot.test.ts', ''))).toEqual([]);
    expect(notKebabCase(file('nn/seedSlot.ts', ''))).toHaveLength(1);
    expect(notKebabCase(file('nn/seed_slot.ts', ''))).toHaveLength(1);
  });

  it.each(['// TODO: later', '/* FIXME */', 'a stub for now'])('catch the unfinished: %s', (text) => {
    expect(unfinishedWords(file('nn/a.ts', text))).toHaveLength(1);
  });

  it('catch an actor without a README', () => {
    expect(unfurnishedActors(['actors/tree.ts', 'actors/karn/actor.ts', 'actors/karn/README.md'])).toEqual(
      [],
    );
    expect(unfurnishedActors(['actors/karn/actor.ts', 'actors/karn/options.ts'])).toHaveLength(1);
  });

  it('catch dead links and spare live, foreign and quoted ones', () => {
    const page = file(
      'docs/tour.md',
      '[a](adr/0001.md#why) [b](https://example.org) `[c](gone.md)` [d](../gone.md)',
    );

    expect(deadLinks(page, (path) => path === 'docs/adr/0001.md').map(({ rule }) => rule)).toEqual([
      'links to ../gone.md',
    ]);
  });

  it('find codes and messages where they are made', () => {
    const text =
      "throw new EsperError(\n  'DISK_FULL', 'x');\nreturn refuse('SLOT_TAKEN', {});\n// new EsperError('NOT_ME')";

    expect(codesIn(file('a.ts', text))).toEqual(['DISK_FULL', 'SLOT_TAKEN']);
    expect(messagesIn(file('a.ts', "export const A = message('a.b.c', 1, {});"))).toEqual(['a.b.c']);
  });
});
