/** A sentence over several lines, each no longer than the terminal is wide. */

const INDENT = '  ';

/** Breaks at spaces; a word that is longer than a line is broken anywhere. Colours are not expected in it. */
export function wrap(text: string, columns: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => pieces(one, columns - INDENT.length))) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= columns) line = longer;
    else {
      lines.push(line);
      line = INDENT + word;
    }
  }
  return [...lines, line].join('\n');
}

function pieces(word: string, room: number): readonly string[] {
  const most = Math.max(1, room);
  return word.length <= most ? [word] : [word.slice(0, most), ...pieces(word.slice(most), most)];
}
