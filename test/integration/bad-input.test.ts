/** What a person can get wrong: the right exit code, what happened, what to try - and every file as it was. */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Value } from '@sinclair/typebox/value';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DOCUMENTS } from '../../cli/views/documents.ts';
import { idxPair } from '../config/datasets/fixtures.ts';
import { cleanUpAfterwards, esper, folderFor, PATIENCE_MS, start } from './support/esper.ts';
import { moonsConfig, summaryOf, training } from './support/runs.ts';

cleanUpAfterwards();
const home = folderFor('bad-input');
const at = (...path: string[]) => join(home, ...path);

/** A config in a file of its own. */
function config(name: string, content: object): string {
  writeFileSync(at(name), JSON.stringify(content));
  return at(name);
}
/** Nothing grows, so that no catalogue is made before the data is looked at. */
const still = { growth: { enabled: false } };
const table = (file: string) => ({ task: { dataset: 'csv', options: { file } }, ...still });

/** Digests of all files, logs and the shared library of kernels aside: those only ever gain. */
function filesUnder(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.endsWith('esper.log') && !path.startsWith(at('esper', 'urza')));
  return Object.fromEntries(
    files.sort().map((path) => [path, createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );
}

const mirror: Server = createServer((_, response) => response.end('no flowers here\n'));
let finished: string;
let damaged: string;

/** The `n`th byte of the file, every bit turned. */
function flip(path: string, n: number): void {
  const bytes = readFileSync(path);
  bytes[n] = ~(bytes[n] ?? 0) & 0xff;
  writeFileSync(path, bytes);
}

/** A journal whose third record is damaged while many follow. */
async function damage(runId: string): Promise<void> {
  const { out } = await esper(home, ['wal', 'inspect', runId, '--json']);
  const { records } = JSON.parse(out) as {
    records: { segment: string; offset: number; bytes: number }[];
  };
  const third = records[2];
  flip(at('esper', 'runs', runId, 'journal', third?.segment ?? ''), (third?.offset ?? 0) + 40);
}

beforeAll(async () => {
  const short = moonsConfig(home, training({ epochs: 200 }));
  finished = summaryOf((await esper(home, ['train', short, '--json'])).said).runId;
  damaged = `${finished}-damaged`;
  cpSync(at('esper', 'runs', finished), at('esper', 'runs', damaged), { recursive: true });
  await damage(damaged);
  await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve));
  mkdirSync(at('data', 'mnist'), { recursive: true });
  const [train, test] = [idxPair(100), idxPair(10)];
  writeFileSync(at('data', 'mnist', 'train-images-idx3-ubyte'), train.images.subarray(0, 5000));
  writeFileSync(at('data', 'mnist', 'train-labels-idx1-ubyte'), train.labels);
  writeFileSync(at('data', 'mnist', 't10k-images-idx3-ubyte'), test.images);
  writeFileSync(at('data', 'mnist', 't10k-labels-idx1-ubyte'), test.labels);
  writeFileSync(at('gap.csv'), 'a,b,kind\n1,2,x\nNaN,3,y\n4,5,x\n');
  writeFileSync(at('ragged.csv'), 'a,b,kind\n1,2,x\n3,y\n4,5,x\n');
  writeFileSync(at('not-a-folder'), 'but a file\n');
}, PATIENCE_MS);
afterAll(() => void mirror.close());

const mirrorUrl = () => `http://127.0.0.1:${(mirror.address() as AddressInfo).port}`;

interface Mistake {
  readonly what: string;
  readonly args: () => readonly string[];
  readonly exit: number;
  readonly code: string;
  /** Where a config is at fault, its place is named instead of a `try:` of its own. */
  readonly next?: RegExp;
}

const MISTAKES: readonly Mistake[] = [
  {
    what: 'an unknown setting',
    args: () => ['train', config('unknown.yaml', { training: { epoch: 3 } })],
    exit: 3,
    code: 'CONFIG_UNKNOWN_KEY',
    next: /did you mean epochs\?/,
  },
  {
    what: 'a setting of the wrong type',
    args: () => ['train', config('type.yaml', { training: { epochs: 'many' } })],
    exit: 3,
    code: 'CONFIG_WRONG_TYPE',
    next: /wants|write|whole number|number/,
  },
  {
    what: 'settings that exclude each other',
    args: () => ['train', config('both.yaml', { host: { hidden: [8] }, growth: { targetHidden: [4] } })],
    exit: 3,
    code: 'CONFIG_CONTRADICTION',
    next: /a layer can only grow/,
  },
  {
    what: 'a config file that is not there',
    args: () => ['train', at('nowhere.yaml')],
    exit: 4,
    code: 'CONFIG_NOT_FOUND',
  },
  {
    what: 'a data file that is not there',
    args: () => ['train', config('missing.yaml', { ...table(at('nowhere.csv')), growth: {} })],
    exit: 4,
    code: 'DATA_NOT_FOUND',
  },
  {
    what: 'a data set that was never fetched',
    args: () => ['train', config('cifar.yaml', { task: { dataset: 'cifar10' }, ...still })],
    exit: 4,
    code: 'DATA_NOT_FOUND',
    next: /try: .*esper data fetch cifar10/,
  },
  {
    what: 'a truncated image file',
    args: () => [
      'train',
      config('mnist.yaml', { task: { dataset: 'mnist', validationRows: 10 }, ...still }),
      '--data-dir',
      at('data'),
    ],
    exit: 9,
    code: 'DATA_TRUNCATED',
  },
  {
    what: 'a table with a gap',
    args: () => ['train', config('gap.yaml', table(at('gap.csv')))],
    exit: 9,
    code: 'DATA_NOT_A_NUMBER',
  },
  {
    what: 'a table with a short row',
    args: () => ['train', config('ragged.yaml', table(at('ragged.csv')))],
    exit: 9,
    code: 'DATA_RAGGED_ROW',
  },
  {
    what: 'a mirror that serves something else',
    args: () => ['data', 'fetch', 'iris', '--mirror', mirrorUrl()],
    exit: 9,
    code: 'DOWNLOAD_CHECKSUM',
  },
  {
    what: 'a home that cannot be written to',
    args: () => ['train', moonsConfig(home), '--home', at('not-a-folder')],
    exit: 4,
    code: 'DISK_NOT_FOUND',
  },
  {
    what: 'an unknown command',
    args: () => ['trian', 'moons.yaml'],
    exit: 2,
    code: 'CLI_USAGE',
    next: /try: did you mean train\?/,
  },
  { what: 'an unknown option', args: () => ['train', '--fast'], exit: 2, code: 'CLI_USAGE' },
  { what: 'a run that does not exist', args: () => ['resume', 'nobody'], exit: 4, code: 'RUN_NOT_FOUND' },
  {
    what: 'a run that has ended, resumed',
    args: () => ['resume', finished],
    exit: 8,
    code: 'RUN_ALREADY_ENDED',
    next: /try: .*esper run show/,
  },
  {
    what: 'a run with a damaged journal, resumed',
    args: () => ['resume', damaged],
    exit: 9,
    code: 'JOURNAL_CORRUPT',
    next: /try: .*esper wal verify/,
  },
];

describe.each(MISTAKES)('$what', ({ args, exit, code, next = /^try: \S/m }) => {
  it(`ends with ${exit}, says ${code} and what to do, and loses nothing`, async () => {
    const line = args();
    const before = filesUnder(home);
    const ended = await esper(home, line);

    expect({ exit: ended.code, out: ended.out }).toEqual({ exit, out: '' });
    expect(ended.err).toContain(code);
    expect(ended.err).toMatch(next);
    expect(ended.err).not.toMatch(/^\s+at /m);
    expect(filesUnder(home)).toEqual(before);
  });
});

describe('the same as data', () => {
  it('is one document of its schema', async () => {
    const { code, out } = await esper(home, ['resume', 'nobody', '--json']);
    const answer: unknown = JSON.parse(out);

    expect(code).toBe(4);
    expect([...Value.Errors(DOCUMENTS.Failure, answer)]).toEqual([]);
    expect(answer).toMatchObject({ kind: 'Failure', code: 'RUN_NOT_FOUND' });
  });
});

describe('a damaged journal', () => {
  it('is told from a whole one, with the place of the damage', async () => {
    const [good, bad] = [
      await esper(home, ['wal', 'verify', finished]),
      await esper(home, ['wal', 'verify', damaged]),
    ];

    expect([good.code, bad.code]).toEqual([0, 9]);
    expect(bad.out).toMatch(/damage +00000001\.wal at byte \d+: record 3 is damaged/);
  });

  it('is still read up to the damage, and whoever reads it is warned', async () => {
    const { code, out, err } = await esper(home, ['run', 'show', damaged]);

    expect(code).toBe(0);
    expect(out).toContain(damaged);
    expect(err).toContain(`JOURNAL_CORRUPT ${damaged} is read up to record 3`);
  });
});

describe('a run that somebody is training', () => {
  it('is not given to a second process, and goes on undisturbed', async () => {
    const first = start(home, ['train', moonsConfig(home, training({ epochs: 100_000 })), '--json']);
    const { runId } = await first.hears(({ step }) => Number(step) >= 100);
    const second = await esper(home, ['resume', String(runId)]);
    const here = Number((await first.hears(() => true)).step);
    first.kill('SIGINT');
    const { code, said } = await first.ended;

    expect(second.code).toBe(8);
    expect(second.err).toMatch(/JOURNAL_LOCKED[\s\S]*^try: \S/m);
    expect(code).toBe(130);
    expect(summaryOf(said).ended.step).toBeGreaterThan(here);
    expect(existsSync(at('esper', 'runs', String(runId), 'journal', 'journal.lock'))).toBe(false);
  });
});
