/** Tables as people keep them: comma-separated, with or without a header, the answer in one column. */
import { EsperError } from '../../contracts/index.ts';
import type { Rows } from '../types.ts';
import { type CsvLine, csvLines } from './csv-fields.ts';
import { floatRows } from './memory-rows.ts';

export interface CsvOptions {
  /** `auto`: the first line is a header when it has no number outside the target column. */
  readonly header: 'auto' | boolean;
  /** Column of the answer: its name in the header, its 0-based number, or `last`. */
  readonly target: string | number;
  readonly kind: 'classes' | 'values';
  /** Inputs are multiplied by this. Targets are not. */
  readonly scale: number;
  readonly delimiter: string;
  /** Classes known beforehand, in order, as from the training file. Absent: those of this file, sorted. */
  readonly classes?: readonly string[];
}

export interface CsvTable {
  readonly rows: Rows;
  /** Names of the input columns, from the header or `column 1` onwards. */
  readonly columns: readonly string[];
  /** Class names by label; empty for values. Sorted as numbers when all are numbers, else by code point. */
  readonly classes: readonly string[];
}

const CLASSES_MAX = 1000;

/**
 * Reads a whole table. Labels follow the sorted class names, so the order of rows does not change what a class is called.
 *
 * @throws DATA_EMPTY DATA_RAGGED_ROW DATA_NOT_A_NUMBER DATA_NO_SUCH_COLUMN DATA_UNKNOWN_CLASS DATA_TOO_MANY_CLASSES DATA_BAD_QUOTE, with 1-based line and column
 */
export function readCsv(text: string, options: CsvOptions): CsvTable {
  const lines = csvLines(text, options.delimiter);
  const first = lines.next().value as CsvLine | undefined;
  if (first === undefined) throw new EsperError('DATA_EMPTY', 'the table has no lines');
  const headed = hasHeader(first, options);
  const target = targetColumn(first, headed, options.target);
  const width = first.fields.length - 1;
  if (width < 1) throw new EsperError('DATA_EMPTY', 'the table has no input columns', { columns: 1 });
  const inputs = new Grower();
  const answers: { readonly line: number; readonly text: string }[] = [];
  for (const line of headed ? lines : chain(first, lines)) {
    if (line.fields.length !== width + 1) throw ragged(line, width + 1);
    for (const [column, field] of line.fields.entries()) {
      if (column !== target) inputs.push(number(field, line.line, column) * options.scale);
      else answers.push({ line: line.line, text: field });
    }
  }
  if (answers.length === 0) throw new EsperError('DATA_EMPTY', 'the table has a header and no rows');
  const names = headed ? first.fields : first.fields.map((_, column) => `column ${column + 1}`);
  const columns = names.filter((_, column) => column !== target);
  if (options.kind === 'values') {
    const values = Float32Array.from(answers, ({ text, line }) => number(text, line, target));
    return {
      rows: floatRows(inputs.done(), width, { kind: 'values', values, width: 1 }),
      columns,
      classes: [],
    };
  }
  const classes = options.classes ?? classNames(answers.map((answer) => answer.text));
  const labels = labelsOf(answers, classes, target);
  return {
    rows: floatRows(inputs.done(), width, { kind: 'classes', labels, classes: classes.length }),
    columns,
    classes,
  };
}

function* chain(first: CsvLine, rest: Iterable<CsvLine>): Generator<CsvLine> {
  yield first;
  yield* rest;
}

function hasHeader(first: CsvLine, { header, target }: CsvOptions): boolean {
  if (header !== 'auto') return header;
  if (typeof target === 'string' && target !== 'last') return true;
  const place = target === 'last' ? first.fields.length - 1 : target;
  return first.fields.every((field, column) => column === place || (field !== '' && parse(field) === null));
}

function targetColumn(first: CsvLine, headed: boolean, target: string | number): number {
  const columns = first.fields.length;
  const column =
    target === 'last' ? columns - 1 : typeof target === 'number' ? target : first.fields.indexOf(target);
  if (
    Number.isInteger(column) &&
    column >= 0 &&
    column < columns &&
    (headed || typeof target === 'number' || target === 'last')
  ) {
    return column;
  }
  throw new EsperError('DATA_NO_SUCH_COLUMN', `there is no target column ${target}`, {
    target,
    columns: headed ? first.fields : columns,
  });
}

/** Strict decimal: no empty field, no hexadecimal, no NaN, nothing that overflows float32. Null when it is none. */
function parse(field: string): number | null {
  if (field === '' || /[^0-9+\-.eE]/.test(field)) return null;
  const value = Number(field);
  return Number.isFinite(Math.fround(value)) ? value : null;
}

function number(field: string, line: number, column: number): number {
  const value = parse(field);
  if (value !== null) return value;
  const shown = field.length > 40 ? `${field.slice(0, 40)}...` : field;
  throw new EsperError(
    'DATA_NOT_A_NUMBER',
    `line ${line}, column ${column + 1}: '${shown}' is not a finite number`,
    { line, column: column + 1, value: shown },
    { hint: 'Every input must be a plain decimal number; drop or fill rows with gaps first.' },
  );
}

function ragged(line: CsvLine, expected: number): EsperError {
  return new EsperError(
    'DATA_RAGGED_ROW',
    `line ${line.line}: ${line.fields.length} columns where the first line has ${expected}`,
    {
      line: line.line,
      column: Math.min(line.fields.length, expected) + 1,
      columns: line.fields.length,
      expected,
    },
  );
}

function classNames(answers: readonly string[]): string[] {
  const names = [...new Set(answers)];
  if (names.length > CLASSES_MAX) {
    throw new EsperError(
      'DATA_TOO_MANY_CLASSES',
      `the target column has ${names.length} different values`,
      { classes: names.length, limit: CLASSES_MAX },
      { hint: 'For a number to be predicted set kind: values.' },
    );
  }
  const numeric = names.every((name) => parse(name) !== null);
  return names.sort(numeric ? (a, b) => Number(a) - Number(b) : (a, b) => (a < b ? -1 : 1));
}

function labelsOf(
  answers: readonly { readonly line: number; readonly text: string }[],
  classes: readonly string[],
  target: number,
): Uint16Array {
  const labels = new Map(classes.map((name, label) => [name, label]));
  return Uint16Array.from(answers, ({ line, text }) => {
    const label = labels.get(text);
    if (label !== undefined) return label;
    throw new EsperError(
      'DATA_UNKNOWN_CLASS',
      `line ${line}, column ${target + 1}: class '${text}' is not among those known`,
      { line, column: target + 1, value: text, classes: classes.slice(0, 20) },
    );
  });
}

/** Float32 memory that doubles: a table's size is not known before its end. */
class Grower {
  #data = new Float32Array(1024);
  #size = 0;
  push(value: number): void {
    if (this.#size === this.#data.length) {
      const wider = new Float32Array(this.#size * 2);
      wider.set(this.#data);
      this.#data = wider;
    }
    this.#data[this.#size++] = value;
  }
  done(): Float32Array {
    return this.#data.slice(0, this.#size);
  }
}
