/** The page docs/benchmarks.md, written by the benchmarks themselves: a section for each suite, as it was last run. */
import { execFileSync } from 'node:child_process';
import { type Finished, toMarkdown } from './report.ts';

/** What a section says of its figures: without it they mean nothing. */
export interface Occasion {
  readonly machine: string;
  /** `2026-01-31`. */
  readonly day: string;
  readonly commit: string;
}

/** The commit that was measured, `unknown` outside a repository. */
export function commitOf(folder: string): string {
  try {
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: folder, stdio: 'pipe' })
      .toString()
      .trim();
  } catch {
    return 'unknown';
  }
}

const HEAD = `# Benchmarks

Written by \`npm run bench -- <suites> --write\`, which replaces the sections of those suites and keeps the others; do not
edit by hand.

A figure is the median of many repetitions after a warm-up, p95 is their slow end: 95 of 100 were as fast or faster.
Work is counted when it is completed, not when it is started. Each suite has a process of its own. Figures without a budget are peers or parts, taken in the
same run so that they can be compared. \`aim\` is what the project wants of itself, \`asked\` what it was asked for; a mark
with \`(p95)\` judges the slow end. A load average above a few tenths means that others used the machine: figures are
worse then, p95 most of all.
`;

/**
 * The page with new sections for what has run. Sections of other suites stay to the letter; those of suites that are no
 * more go.
 * @param page as it is, empty when there is none
 * @param order names of all suites, in the order of their sections
 */
export function merged(
  page: string,
  finished: readonly Finished[],
  occasion: Occasion,
  order: readonly string[],
): string {
  const sections = sectionsOf(page);
  for (const one of finished) sections.set(one.suite, sectionOf(one, occasion));
  return [HEAD, ...order.flatMap((suite) => sections.get(suite) ?? [])].join('\n');
}

const sectionOf = (one: Finished, { machine, day, commit }: Occasion): string =>
  `## ${one.suite}\n\n${day}, commit ${commit}, on ${machine}\n\n${toMarkdown([one])}\n`;

/** By suite, each from its heading to the next. */
function sectionsOf(page: string): Map<string, string> {
  const parts = page.split(/^(?=## )/m).filter((part) => part.startsWith('## '));
  return new Map(
    parts.map((part) => [part.slice('## '.length, part.indexOf('\n')).trim(), `${part.trimEnd()}\n`]),
  );
}
