/** What a process said on its error output, so that its end can be told whole: the error, and the last lines of its log. */

/** Characters that are kept; what is older goes first. */
const MOST_KEPT = 1_048_576;
/** Lines of an error that are told from its beginning and from its end: the end of a long dump does not name its cause. */
const [FIRST, LAST] = [80, 40];
const LOG_LINES = 40;
/** A line of a log: an object of a node, or what a nats-server writes behind its process id. */
const LOG_LINE = /^(\{"|\[\d+\] \d{4}\/)/;
/** What a nats-server logs of its own end. */
const FATAL = /^\[\d+\] \S+ \S+ \[(FTL|ERR)\]/;

export class LastWords {
  #text = '';

  add(text: string): void {
    this.#text = (this.#text + text).slice(-MOST_KEPT);
  }

  get text(): string {
    return this.#text;
  }

  /** The last lines of its log. */
  get log(): readonly string[] {
    return this.#text
      .split('\n')
      .filter((line) => LOG_LINE.test(line))
      .slice(-LOG_LINES);
  }

  /** @param code of its exit @param signal that ended it; one of both is null */
  tell(who: string, code: number | null, signal: NodeJS.Signals | null): string {
    const lines = this.#text.split('\n').filter((line) => line.trim() !== '');
    const isLog = (line: string) => LOG_LINE.test(line);
    const error = lines.filter((line) => !isLog(line) || FATAL.test(line));
    const log = lines.filter(isLog);
    return [
      `${who} ended by itself: exit code ${code ?? 'none'}, signal ${signal ?? 'none'}`,
      `its error (${error.length} lines):`,
      ...indented(whole(error)),
      `its log (the last ${Math.min(LOG_LINES, log.length)} of ${log.length} lines):`,
      ...indented(log.slice(-LOG_LINES)),
    ].join('\n');
  }
}

function whole(lines: readonly string[]): readonly string[] {
  const left = lines.length - FIRST - LAST;
  if (left <= 0) return lines;
  return [...lines.slice(0, FIRST), `... ${left} lines more ...`, ...lines.slice(-LAST)];
}

export const indented = (lines: readonly string[]) => lines.map((line) => `  ${line}`);
