/** Subjects and patterns of a broker: words joined by dots, `*` for one word, `>` for all that follow. */

/** Does `subject` fall under `pattern`? */
export function subjectMatches(pattern: string, subject: string): boolean {
  if (pattern === subject) return true;
  const wanted = pattern.split('.');
  const words = subject.split('.');
  for (const [i, want] of wanted.entries()) {
    if (want === '>') return words.length > i;
    if (words[i] === undefined || (want !== '*' && want !== words[i])) return false;
  }
  return wanted.length === words.length;
}
