/** A page written by hand with sections that a program fills: what stands between two marks is replaced. */

const OPENING = (name: string) => `<!-- generated: ${name} -->`;
const CLOSING = '<!-- end -->';

/** @throws when the page has no such mark, or a section is not closed */
export function filled(page: string, sections: Readonly<Record<string, string>>): string {
  return Object.entries(sections).reduce((text, [name, body]) => {
    const from = text.indexOf(OPENING(name));
    const to = text.indexOf(CLOSING, from);
    if (from < 0 || to < 0) throw new Error(`the page has no section ${OPENING(name)} .. ${CLOSING}`);
    return `${text.slice(0, from)}${OPENING(name)}\n${body}\n${text.slice(to)}`;
  }, page);
}
