/** A curve in one line of text. */

const LEVELS = '▁▂▃▄▅▆▇█';

/**
 * Lowest reading at the bottom, highest at the top; a flat curve lies low.
 * @param columns most characters; longer curves keep the last reading of each stretch
 */
export function sparkline(readings: readonly number[], columns = 40): string {
  const count = Math.min(columns, readings.length);
  const picked = Array.from(
    { length: count },
    (_, at) => readings[Math.ceil(((at + 1) * readings.length) / count) - 1] ?? 0,
  );
  const low = Math.min(...picked);
  const span = Math.max(...picked) - low;
  return picked
    .map((reading) => LEVELS[span === 0 ? 0 : Math.round(((reading - low) / span) * (LEVELS.length - 1))])
    .join('');
}
