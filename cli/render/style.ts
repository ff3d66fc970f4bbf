/** Colour and weight for terminals; plain text for everything else. */

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

const paint = (on: boolean, open: number, close: number) => (text: string) =>
  on ? `\u001b[${open}m${text}\u001b[${close}m` : text;

export const style = (colours: boolean): Style => ({
  bold: paint(colours, 1, 22),
  dim: paint(colours, 2, 22),
  red: paint(colours, 31, 39),
  green: paint(colours, 32, 39),
  yellow: paint(colours, 33, 39),
  cyan: paint(colours, 36, 39),
});

/** Are colours wanted on this stream? The option wins, then NO_COLOR, then FORCE_COLOR, then whether it is a terminal. */
export function coloursWanted(
  option: boolean,
  env: Readonly<Record<string, string | undefined>>,
  isTTY: boolean,
): boolean {
  if (!option || env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0';
  return isTTY && env.TERM !== 'dumb';
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
const PAINT = /\u001b\[[0-9;]*m/g;

/** Columns a text takes on screen, colours not counted. */
export const width = (text: string): number => text.replace(PAINT, '').length;
