/** Columns that line up, numbers to the right, with no frame to get in the way of `awk`. */
import { type Style, width } from './style.ts';

export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => string;
  readonly right?: boolean;
}

/** One line for the titles, one for each row; ends with a line break. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], paint: Style): string {
  const cells = rows.map((row) => columns.map((column) => column.of(row)));
  const widths = columns.map((column, at) =>
    Math.max(column.title.length, ...cells.map((line) => width(line[at] ?? ''))),
  );
  const line = (texts: readonly string[]) =>
    texts
      .map((text, at) => {
        const gap = ' '.repeat(Math.max(0, (widths[at] ?? 0) - width(text)));
        return columns[at]?.right ? gap + text : text + gap;
      })
      .join('  ')
      .trimEnd();
  const titles = paint.dim(line(columns.map(({ title }) => title.toUpperCase())));
  return `${[titles, ...cells.map(line)].join('\n')}\n`;
}

/** `name   value` lines, names aligned. */
export function pairs(entries: readonly (readonly [name: string, value: string])[], paint: Style): string {
  const longest = Math.max(0, ...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${paint.dim(name.padEnd(longest))}  ${value}\n`).join('');
}
