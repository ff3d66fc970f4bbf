/** The page docs/benchmarks.md, written by the benchmarks themselves. */
import { execFileSync } from 'node:child_process';
import { type Finished, toMarkdown } from './report.ts';

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

/** Without a date: the same figures give the same page. */
export function pageOf(finished: readonly Finished[], machine: string, commit: string): string {
  return `# Benchmarks

Written by \`npm run bench -- all --write\`; do not edit by hand.

- Machine: ${machine}
- Commit: ${commit}

A figure is the median of many repetitions after a warm-up, p95 is their slow end: 95 of 100 were as fast or faster.
Work is counted when it is completed, not when it is started. Each suite has a process of its own. Figures without a budget are peers or parts, taken in the
same run so that they can be compared. \`aim\` is what the project wants of itself, \`asked\` what it was asked for; a mark
with \`(p95)\` judges the slow end. A load average above a few tenths means that others used the machine: figures are
worse then, p95 most of all.

${toMarkdown(finished)}
`;
}
