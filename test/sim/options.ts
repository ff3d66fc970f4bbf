/** The words after `npm run sim --`. */
import { parseArgs } from 'node:util';
import { SUITES, suitesCalled } from './suites.ts';

export const HELP = `Runs whole systems from seeds, breaks them in every known way, and checks that every promise holds.

  npm run sim -- [options]

  --seeds <n>     seeds for every suite, default 200; suites with long runs take 1,000 at most
  --seed <n>      one seed, told in full; the same every time
  --suite <name>  one suite, with those whose names begin with it and a dash: ${SUITES.map(({ name }) => name).join(', ')}
  --jobs <n>      processes, default 2
  --planted       shows that each deliberate defect is found
  --no-shrink     leaves failing runs as they are
  --json <file>   writes what was found
  --history       with --seed: every note, one JSON a line
  --help

Ends with 1 when an invariant broke, a planted defect was not found, or 200 seeds did not reach what they should.`;

export interface Options {
  readonly seeds: number;
  readonly seed: number | null;
  readonly suites: readonly string[];
  readonly jobs: number;
  readonly planted: boolean;
  readonly shrinkBudget: number;
  readonly json: string | null;
  readonly history: boolean;
}

/** @returns the options, or a text to print and the status to end with */
export function parse(args: readonly string[]): Options | { readonly text: string; readonly status: number } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: 'string', default: '200' },
        seed: { type: 'string' },
        suite: { type: 'string' },
        jobs: { type: 'string', default: '2' },
        planted: { type: 'boolean', default: false },
        'no-shrink': { type: 'boolean', default: false },
        json: { type: 'string' },
        history: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { text: HELP, status: 0 };
    const { suite } = values;
    const called = suite === undefined ? SUITES.map(({ name }) => name) : suitesCalled(suite);
    if (called.length === 0) return { text: `there is no suite ${suite}\n\n${HELP}`, status: 2 };
    return {
      seeds: whole(values.seeds, 'seeds', 1),
      seed: values.seed === undefined ? null : whole(values.seed, 'seed', 0),
      suites: called,
      jobs: whole(values.jobs, 'jobs', 1),
      planted: values.planted,
      shrinkBudget: values['no-shrink'] ? 0 : 150,
      json: values.json ?? null,
      history: values.history,
    };
  } catch (error) {
    return { text: `${(error as Error).message}\n\n${HELP}`, status: 2 };
  }
}

function whole(text: string, name: string, least: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < least)
    throw new Error(`--${name} takes a whole number, not ${text}`);
  return number;
}
