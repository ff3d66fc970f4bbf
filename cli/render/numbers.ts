/** Numbers as people read them: four digits, units, and a dash for what was not measured. */

/** Four significant digits, no exponent unless it is tiny. */
export function loss(value: number | null): string {
  if (value === null) return '-';
  return Math.abs(value) > 0 && Math.abs(value) < 1e-4 ? value.toExponential(2) : value.toPrecision(4);
}

/** A share of 0 to 1 as percent with one decimal; rounds down at the top, so that 100.0 % means all. */
export function percent(share: number | null): string {
  if (share === null) return '-';
  const shown = share < 1 ? Math.min(99.9, Math.round(share * 1000) / 10) : share * 100;
  return `${shown.toFixed(1)} %`;
}

/** `1,234,567`. By hand: tables of all the world's numbers would have to be loaded for the commas. */
export const whole = (value: number): string => `${Math.round(value)}`.replace(/\B(?=(\d{3})+$)/g, ',');

/** `48 ms`, `3.2 s`, `4 min 05 s`, `2 h 03 min`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${two(Math.floor(seconds % 60))} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** `12 B`, `3.4 kB`, `5.6 MB`. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
  const value = count / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
}

/** UTC, to the second, sortable. */
export const moment = (wallMs: number): string =>
  `${new Date(wallMs).toISOString().slice(0, 19).replace('T', ' ')}Z`;

const two = (value: number): string => String(value).padStart(2, '0');
