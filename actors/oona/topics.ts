/** Which topics a pattern hears: `*` stands for one word, `>` at the end for one or more. */

/**
 * Compiles a pattern into a test.
 * @throws Error when a word is empty, or `>` is not the last word
 */
export function topicMatcher(pattern: string): (topic: string) => boolean {
  const words = pattern.split('.');
  if (words.some((word) => word === '')) throw new Error(`empty word in topic pattern "${pattern}"`);
  if (words.slice(0, -1).includes('>')) throw new Error(`">" must be the last word of "${pattern}"`);
  const open = words.at(-1) === '>';
  const fixed = open ? words.slice(0, -1) : words;
  return (topic) => {
    const said = topic.split('.');
    if (open ? said.length <= fixed.length : said.length !== fixed.length) return false;
    return fixed.every((word, i) => word === '*' || word === said[i]);
  };
}
