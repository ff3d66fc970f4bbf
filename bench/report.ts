/** Figures as people and programs read them: a table with the budget beside each figure, and JSON. */
import { BUDGETS, type Budget, type Mark, markOf } from './budgets.ts';
import type { Figure } from './suite.ts';

/** One finished suite. */
export interface Finished {
  readonly suite: string;
  readonly figures: readonly Figure[];
}

interface Row {
  readonly name: string;
  readonly figure: Figure;
  readonly budget: Budget | undefined;
  readonly mark: Mark;
}

/** Median and p95 of each figure, with what was promised; null where nothing was. */
export function toJson(finished: readonly Finished[], machine: string) {
  return {
    suite: finished.map(({ suite }) => suite).join(' '),
    machine,
    results: rowsOf(finished).map(({ name, figure, budget }) => ({
      name,
      unit: figure.unit,
      value: figure.median,
      p95: figure.p95,
      aim: budget?.aim ?? null,
      seed: budget?.seed ?? null,
    })),
  };
}

const MARKS: Readonly<Record<Mark, string>> = {
  aim: 'ok',
  seed: 'ok, short of the aim',
  short: 'SHORT',
  shown: '',
};
const HEAD = ['figure', 'unit', 'median', 'p95', 'aim', 'asked', ''];

/** For the terminal: columns of spaces. */
export function toText(finished: readonly Finished[]): string {
  const cells = [HEAD, ...rowsOf(finished).map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...cells.map((row) => (row[column] as string).length)));
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          column < 2 || column === 6
            ? cell.padEnd(widths[column] as number)
            : cell.padStart(widths[column] as number),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** For a page: a Markdown table. */
export function toMarkdown(finished: readonly Finished[]): string {
  const rows = rowsOf(finished).map((row) => `| ${cellsOf(row).join(' | ')} |`);
  return [`| ${HEAD.join(' | ')} |`, '|---|---|---:|---:|---:|---:|---|', ...rows].join('\n');
}

/** How many figures are worse than what was asked, or than the aim where nothing was asked. */
export const shortOf = (finished: readonly Finished[]): number =>
  rowsOf(finished).filter(({ mark }) => mark === 'short').length;

function rowsOf(finished: readonly Finished[]): readonly Row[] {
  return finished.flatMap(({ suite, figures }) =>
    figures.map((figure) => {
      const name = `${suite}/${figure.name}`;
      const budget = BUDGETS[name];
      return { name, figure, budget, mark: markOf(figure, budget) };
    }),
  );
}

function cellsOf({ name, figure, budget, mark }: Row): readonly string[] {
  const limit = (value: number | null | undefined) =>
    value == null ? '' : `${budget?.better === 'more' ? '>=' : '<='} ${say(value)}`;
  const judged = budget?.judged === 'p95' ? ' (p95)' : '';
  return [
    name,
    figure.unit,
    say(figure.median),
    say(figure.p95),
    limit(budget?.aim),
    limit(budget?.seed),
    `${MARKS[mark]}${judged}`,
  ];
}

/** Three digits are all that a benchmark knows. */
function say(value: number): string {
  if (Math.abs(value) >= 1e6) return `${Number((value / 1e6).toPrecision(3))} M`;
  if (Math.abs(value) >= 1e4) return `${Number((value / 1e3).toPrecision(3))} k`;
  return String(Number(value.toPrecision(3)));
}
