/** What of a command's arguments may be written down: no secrets, nothing long, nothing that breaks a line. */
const SECRET = /secret|password|passwd|token|credential|private|seed$|key$/i;
const LONGEST = 200;
const MOST = 32;

/** A copy that may be kept. Arguments that are named after secrets lose their value. */
export function redacted(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return within(args, 0) as Record<string, unknown>;
}

function within(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.length > LONGEST ? `${value.slice(0, LONGEST)}...` : value;
  if (typeof value !== 'object' || value === null) return value;
  if (depth > 3) return '...';
  if (Array.isArray(value)) return value.slice(0, MOST).map((item) => within(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MOST)
      .map(([name, inner]) => [
        name.slice(0, LONGEST),
        SECRET.test(name) ? '[secret]' : within(inner, depth + 1),
      ]),
  );
}
