/** The command line of the benchmarks. */
import { parseArgs } from 'node:util';
import type { Suite } from './suite.ts';

export interface Options {
  readonly suites: readonly Suite[];
  readonly json: string | null;
  readonly quick: boolean;
  readonly long: boolean;
  readonly write: boolean;
}

/** What to do instead of measuring: say something, and leave with this status. */
export interface Answer {
  readonly text: string;
  readonly status: number;
}

export const isAnswer = (parsed: Options | Answer): parsed is Answer => 'status' in parsed;

/** Words that stand for several suites. */
const GROUPS: Readonly<Record<string, (all: readonly Suite[]) => readonly string[]>> = {
  all: (all) => all.map(({ name }) => name),
  runtime: (all) => all.filter(({ room }) => room === 'runtime').map(({ name }) => name),
};

/** @param args without node and script */
export function parse(args: readonly string[], all: readonly Suite[]): Options | Answer {
  const { values, positionals } = read(args);
  if (values === null) return { text: `${positionals[0]}\n\n${help(all)}`, status: 2 };
  if (values.help) return { text: help(all), status: 0 };
  const names = positionals.flatMap((name) => GROUPS[name]?.(all) ?? [name]);
  const unknown = names.filter((name) => !all.some((suite) => suite.name === name));
  if (unknown.length > 0) return { text: `no suite ${unknown.join(', ')}\n\n${list(all)}`, status: 2 };
  if (names.length === 0) return { text: help(all), status: 2 };
  const suites = all.filter(({ name }) => names.includes(name));
  const { json = null, quick = false, long = false, write = false } = values;
  return { suites, json, quick, long, write };
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        json: { type: 'string' },
        long: { type: 'boolean' },
        quick: { type: 'boolean' },
        write: { type: 'boolean' },
      },
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { values: null, positionals: [error.message] };
  }
}

const help = (all: readonly Suite[]) => `npm run bench -- <suites...> [options]

Measures and prints each figure beside its budget. What falls short is marked; it never fails.

  --json <file>  also write {suite, machine, results: [{name, unit, value, p95, aim, seed}]}; value is the median
  --quick        a fifth of the repetitions
  --long         five minutes of paced messages in the suite bus
  --write        also write their sections of docs/benchmarks.md
  --help         this

${list(all)}`;

const list = (all: readonly Suite[]) =>
  [
    'suites:',
    ...all.map(({ name, about }) => `  ${name.padEnd(12)}${about}`),
    '  runtime     those of the actor runtime',
    '  all         every one',
  ].join('\n');
