/** What the kernel of this machine says of those who wait for its disk. Linux tells, others do not. */
import { readFileSync } from 'node:fs';

export interface Pressure {
  /** Share of the last ten seconds in which somebody waited, 0 to 1. */
  readonly io: number;
}

/** 0 for what is not told. @param read reads a file; throws when it is not there */
export function pressureOf(read: (file: string) => string = fromProc): Pressure {
  return { io: shareIn(read, 'io') };
}

/** `some avg10=12.34 avg60=...` is 12.34 % of the time. */
function shareIn(read: (file: string) => string, what: 'io'): number {
  let text: string;
  try {
    text = read(`/proc/pressure/${what}`);
  } catch {
    return 0;
  }
  const percent = Number(/^some avg10=([\d.]+)/m.exec(text)?.[1] ?? 0);
  return Number.isFinite(percent) ? Math.min(1, percent / 100) : 0;
}

const fromProc = (file: string): string => readFileSync(file, 'utf8');
