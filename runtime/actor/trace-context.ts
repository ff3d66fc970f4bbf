/** Which conversation a message belongs to, in the form the W3C gave it: `00-<trace>-<span>-<flags>`. */

export interface TraceContext {
  /** 32 hex digits, not all zero; the same for a whole conversation. */
  readonly traceId: string;
  /** 16 hex digits, not all zero; one step of it. */
  readonly spanId: string;
  /** Does anybody write this conversation down? */
  readonly sampled: boolean;
}

const FORM = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** The header `traceparent`, version 00. */
export function formatTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

/** Null for whatever the standard tells a receiver to ignore: it then starts a conversation of its own. */
export function parseTraceparent(header: string): TraceContext | null {
  const [, version, traceId, spanId, flags, more] = FORM.exec(header) ?? [];
  if (version === undefined || traceId === undefined || spanId === undefined || flags === undefined)
    return null;
  if (version === 'ff' || (version === '00' && more !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}
