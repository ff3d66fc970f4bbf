/** The style of the house as functions: files in, broken rules out. */
import { posix } from 'node:path';

export interface SourceFile {
  /** Relative to the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** One broken rule, written for the person who has to mend it. */
export interface Breach {
  readonly path: string;
  readonly rule: string;
  readonly instead: string;
}

type Banned = readonly [pattern: RegExp, instead: string, allowedIn?: RegExp];

/** Calls that make a run impossible to repeat, and what the core uses in their place. */
const BANNED: readonly Banned[] = [
  [
    /\bDate\.now\(|\bnew Date\b|\bperformance\.now\(/,
    'the clock port, so that a simulated day takes a second',
  ],
  [/\bMath\.random\(/, 'contracts/random-stream.ts, so that a failure comes back with its seed'],
  [/\bset(Timeout|Interval|Immediate)\(/, 'the clock port or a timer message, so that it survives a restart'],
  [/\bqueueMicrotask\(/, 'a message to oneself', /^runtime\/actor\//],
  [/\bconsole\./, 'the log port'],
  [/from 'node:(fs|net|http|child_process|worker_threads)/, 'a port, with its adapter in runtime/adapters'],
  [/\bcrypto\.randomUUID\(/, 'the ids port, so that a simulated run names everything alike'],
  [/\beval\(|\bnew Function\(/, 'data: nothing received is ever run as code'],
];

const CORE = /^(contracts|machines|nn|runtime|actors)\//;
const ADAPTERS = /\/adapters\//;
const LINES_MAX = 400;

/** Comments say such names freely; only code is held to the rules. */
const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');

export function bannedCalls({ path, text }: SourceFile): Breach[] {
  if (!CORE.test(path) || ADAPTERS.test(path)) return [];
  const code = withoutComments(text);
  return BANNED.filter(([pattern, , allowedIn]) => pattern.test(code) && !allowedIn?.test(path)).map(
    ([pattern, instead]) => ({ path, rule: `uses ${pattern.exec(code)?.[0]}`, instead: `use ${instead}` }),
  );
}

export function tooLong({ path, text }: SourceFile): Breach[] {
  const lines = text.trimEnd().split('\n').length;
  if (lines <= LINES_MAX) return [];
  return [{ path, rule: `${lines} lines, more than ${LINES_MAX}`, instead: 'one idea a file: split it' }];
}

/** A file starts with one sentence for a newcomer; after `#!` where there is one. */
export function noOpeningSentence({ path, text }: SourceFile): Breach[] {
  const lines = text.split('\n');
  const first = (lines[0]?.startsWith('#!') ? lines[1] : lines[0]) ?? '';
  if (/^(\/\*\*|\/\/) [A-Z"`\d].{10,}/.test(first)) return [];
  return [
    { path, rule: 'no opening sentence', instead: 'begin with one line that says what this file is for' },
  ];
}

export function notKebabCase({ path }: SourceFile): Breach[] {
  const name = posix.basename(path);
  if (/^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/.test(name)) return [];
  return [
    { path, rule: 'a file name that is not kebab-case', instead: 'lower case words joined by hyphens' },
  ];
}

export function unfinishedWords({ path, text }: SourceFile): Breach[] {
  const word = /\b(TODO|FIXME|XXX|HACK|stub(?:s|bed)?)\b/.exec(text)?.[0];
  if (word === undefined) return [];
  return [{ path, rule: `says ${word}`, instead: 'finish it, or leave it out' }];
}

/** `folders` are the actors' own: each is introduced by a README and defined in one place. */
export function unfurnishedActors(paths: readonly string[]): Breach[] {
  const known = new Set(paths);
  const folders = new Set(
    paths.map((path) => /^actors\/[^/]+(?=\/)/.exec(path)?.[0]).filter((f) => f !== undefined),
  );
  return [...folders].flatMap((folder) =>
    ['README.md', 'actor.ts']
      .filter((room) => !known.has(`${folder}/${room}`))
      .map((room) => ({
        path: folder,
        rule: `has no ${room}`,
        instead: 'owns, hears, says, when it dies, limits',
      })),
  );
}

/** Relative links of a page that lead nowhere. */
export function deadLinks({ path, text }: SourceFile, exists: (path: string) => boolean): Breach[] {
  const prose = text.replace(/```[\s\S]*?```/g, '').replace(/`[^`]*`/g, '');
  const targets = [...prose.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '');
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => !exists(posix.join(posix.dirname(path), decodeURIComponent(target))))
    .map((target) => ({ path, rule: `links to ${target}`, instead: 'a page that exists' }));
}

/** Codes that this file can give away: failures and refusals. */
export function codesIn({ text }: SourceFile): string[] {
  const code = withoutComments(text);
  return [...code.matchAll(/\b(?:new EsperError|refuse)\(\s*'([A-Z][A-Z0-9_]+)'/g)].map(
    (match) => match[1] ?? '',
  );
}

/** Names that this file gives to messages. */
export function messagesIn({ text }: SourceFile): string[] {
  return [...withoutComments(text).matchAll(/\bmessage\(\s*'([^']+)'/g)].map((match) => match[1] ?? '');
}
