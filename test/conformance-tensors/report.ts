/** The table as people read it: in a terminal, and in the marked sections of docs/backends.md. */
import { CASES } from './cases/index.ts';
import { SLOPE_TOLERANCE, TOLERANCE } from './error.ts';
import { type Finding, holds, inWords, type Verdict } from './verdict.ts';

const GROUPS = [...new Set(CASES.map(({ group }) => group))];

const present = (verdicts: readonly Verdict[]) => verdicts.filter(({ absent }) => absent === null);
const missing = (verdicts: readonly Verdict[]) => verdicts.filter(({ absent }) => absent !== null);
const failures = ({ findings }: Verdict) => findings.filter(({ pass }) => !pass);

function tally({ findings }: Verdict, group: string): string {
  const some = findings.filter((finding) => finding.group === group);
  const passed = some.filter(({ pass }) => pass).length;
  return passed === some.length ? `${passed}` : `${passed} of ${some.length}`;
}

const worst = ({ findings }: Verdict) =>
  findings.reduce((most, { pass, error }) => (pass ? Math.max(most, error ?? 0) : most), 0);

/** The header, a row for each group, what they add up to, and the largest error among what passed. */
function rows(verdicts: readonly Verdict[]): string[][] {
  const here = present(verdicts);
  const count = (group: string) => String(CASES.filter((subject) => subject.group === group).length);
  return [
    ['cases', '', ...here.map(({ name }) => name)],
    ...GROUPS.map((group) => [group, count(group), ...here.map((verdict) => tally(verdict, group))]),
    ['together', String(CASES.length), ...here.map(({ passed }) => String(passed))],
    ['largest error', '', ...here.map((verdict) => inWords(worst(verdict)))],
  ];
}

const said = ({ group, name, why }: Finding) => `${group}: ${name}: ${why}`;

export function asText(verdicts: readonly Verdict[]): string {
  const table = rows(verdicts);
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  return [
    ...table.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    ),
    '',
    ...present(verdicts).flatMap((verdict) => [
      ...failures(verdict).map((finding) => `${verdict.name}: ${said(finding)}`),
    ]),
    ...missing(verdicts).map(({ name, absent }) => `${name}: not here: ${absent}`),
    '',
    holds(verdicts) ? 'Every backend that has to be right is.' : 'A backend that has to be right is not.',
    '',
  ].join('\n');
}

/** The sections of docs/backends.md by the name of their mark. */
export function sectionsOf(
  verdicts: readonly Verdict[],
  machine: readonly string[],
): Readonly<Record<string, string>> {
  const [head, ...body] = rows(verdicts) as [string[], ...string[][]];
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const lists = present(verdicts)
    .filter((verdict) => failures(verdict).length > 0)
    .flatMap((verdict) => [`\`${verdict.name}\` fails:`, '', ...byReason(failures(verdict)), '']);
  const absent = missing(verdicts).map(({ name, absent: why }) => `- \`${name}\` was not here: ${why}`);
  return {
    backends: [
      '| backend | what it is for | |',
      '|---|---|---|',
      ...verdicts.map(({ name, purpose, required }) =>
        line([`\`${name}\``, purpose, required ? 'has to pass' : 'optional']),
      ),
    ].join('\n'),
    table: [
      ...machine.map((words) => `- ${words}`),
      ...present(verdicts)
        .filter(({ name, device }) => device !== name && name !== 'wasm-stock')
        .map(({ name, device }) => `- \`${name}\` ran on: ${device}`),
      `- Passed means: within ${TOLERANCE} of \`cpu\`, and for gradients within ${SLOPE_TOLERANCE} of difference quotients; no memory left behind that \`cpu\` frees`,
      '',
      line(head),
      `|${head.map((_, column) => (column === 0 ? '---' : '---:')).join('|')}|`,
      ...body.map(line),
      '',
      ...absent,
    ]
      .join('\n')
      .trimEnd(),
    limits: [...new Set(CASES.flatMap(({ limit }) => limit ?? []))].map((limit) => `- ${limit}.`).join('\n'),
    failures: lists.length === 0 ? 'None fails.' : lists.join('\n').trimEnd(),
  };
}

/** Twenty cases that lack one kernel are one line; so are all that are wrong without an error. */
function byReason(findings: readonly Finding[]): string[] {
  const reasons = new Map<string, string[]>();
  for (const { name, error, why } of findings) {
    const reason = error === null ? why! : 'an answer, and no error';
    const told = error === null ? name : `${name}: ${why}`;
    reasons.set(reason, [...(reasons.get(reason) ?? []), told]);
  }
  return [...reasons].flatMap(([reason, told]) => [`- ${reason}`, ...told.map((name) => `  - ${name}`)]);
}
