/** The keys of a JSON object as written, twins included: `JSON.parse` keeps the last of two without a word. */

/** @param text valid JSON whose outermost value is an object */
export function topLevelKeys(text: string): string[] {
  const keys: string[] = [];
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === '{' || sign === '[') depth++;
    else if (sign === '}' || sign === ']') depth--;
    else if (sign === '"') {
      const end = endOfString(text, at);
      if (depth === 1 && followedByColon(text, end)) keys.push(JSON.parse(text.slice(at, end)));
      at = end - 1;
    }
  }
  return keys;
}

/** Index after the closing quote of the string that opens at `at`. */
function endOfString(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end + 1;
}

function followedByColon(text: string, at: number): boolean {
  let next = at;
  while (' \t\n\r'.includes(text[next] ?? ':')) next++;
  return text[next] === ':';
}
