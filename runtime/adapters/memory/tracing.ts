/** Spans of followed messages, in memory: for tests, and for whoever carries them on to a collector. */
import type { RandomStream } from '../../../contracts/random-stream.ts';
import type { TraceContext } from '../../actor/trace-context.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TracedOutcome, Tracing } from '../../ports/tracing.ts';

/** One message from being sent to being done with. Times are monotonic milliseconds; null: not yet, or never. */
export interface Span {
  readonly trace: TraceContext;
  readonly parentSpanId: string | null;
  readonly to: string;
  readonly type: string;
  readonly sentAtMs: number;
  handledAtMs: number | null;
  doneAtMs: number | null;
  outcome: TracedOutcome | null;
}

export interface MemoryTracing extends Tracing {
  /** In the order they were sent, the newest `kept`. */
  spans(): readonly Span[];
}

/** Follows every conversation that began outside unsampled no further, and all others. @param kept spans, default 10,000 */
export function memoryTracing(clock: Clock, random: RandomStream, kept = 10_000): MemoryTracing {
  const spans = new Map<string, Span>();
  return {
    onSend({ to, type }, parent) {
      if (parent !== null && !parent.sampled) return parent;
      const traceId = parent?.traceId ?? hex(random, 32);
      const trace = { traceId, spanId: hex(random, 16), sampled: true };
      const parentSpanId = parent?.spanId ?? null;
      const sentAtMs = clock.nowMs();
      spans.set(trace.spanId, {
        trace,
        parentSpanId,
        to,
        type,
        sentAtMs,
        handledAtMs: null,
        doneAtMs: null,
        outcome: null,
      });
      const [oldest] = spans.keys();
      if (spans.size > kept && oldest !== undefined) spans.delete(oldest);
      return trace;
    },
    onHandle({ spanId }) {
      const span = spans.get(spanId);
      if (span !== undefined) span.handledAtMs ??= clock.nowMs();
    },
    onDone({ spanId }, outcome) {
      const span = spans.get(spanId);
      if (span === undefined) return;
      span.doneAtMs = clock.nowMs();
      span.outcome = outcome;
    },
    spans: () => [...spans.values()],
  };
}

/** Never all zero, which the standard keeps for "none". */
function hex(random: RandomStream, digits: number): string {
  const text = Array.from({ length: digits }, () => random.below(16).toString(16)).join('');
  return /^0+$/.test(text) ? hex(random, digits) : text;
}
