/** Text to fields, as RFC 4180 has it: quotes, doubled quotes, line breaks within quotes. One pass, no look-back. */
import { EsperError } from '../../contracts/index.ts';

export interface CsvLine {
  /** 1-based line of the file where the record begins. */
  readonly line: number;
  /** Trimmed unless quoted. */
  readonly fields: readonly string[];
}

/**
 * Records in order. Blank lines are skipped, a byte order mark too; lines end in LF or CRLF.
 *
 * @throws DATA_BAD_QUOTE with line and column
 */
export function* csvLines(text: string, delimiter: string): Generator<CsvLine> {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const begin = line;
    const fields: string[] = [];
    for (;;) {
      const field =
        text[at] === '"' ? quoted(text, at, delimiter, begin, fields.length) : plain(text, at, delimiter);
      fields.push(field.value);
      line += field.breaks;
      at = field.end;
      if (text[at] !== delimiter) break;
      at++;
    }
    if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    line++;
    if (fields.length > 1 || fields[0] !== '') yield { line: begin, fields };
  }
}

interface Field {
  readonly value: string;
  /** Index of what follows: a delimiter, a line end, or the end of the text. */
  readonly end: number;
  readonly breaks: number;
}

function plain(text: string, from: number, delimiter: string): Field {
  let end = from;
  while (end < text.length && text[end] !== delimiter && text[end] !== '\n') end++;
  const value = text.slice(from, end).trim();
  return { value, end: text[end] === '\n' && text[end - 1] === '\r' ? end - 1 : end, breaks: 0 };
}

function quoted(text: string, from: number, delimiter: string, line: number, column: number): Field {
  const parts: string[] = [];
  let breaks = 0;
  let begin = from + 1;
  for (let at = begin; at < text.length; at++) {
    if (text[at] === '\n') breaks++;
    if (text[at] !== '"') continue;
    parts.push(text.slice(begin, at));
    if (text[at + 1] === '"') {
      parts.push('"');
      at++;
      begin = at + 1;
      continue;
    }
    const next = text[at + 1];
    if (next !== undefined && next !== delimiter && next !== '\n' && next !== '\r') break;
    return { value: parts.join(''), end: at + 1, breaks };
  }
  throw new EsperError(
    'DATA_BAD_QUOTE',
    `line ${line}, column ${column + 1}: the quote does not close the field`,
    {
      line,
      column: column + 1,
    },
  );
}
