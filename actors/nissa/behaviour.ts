/** Nissa's memory: what happened lately, in bounded rings, and how often since the start. */
import type {
  AdaptationDecision,
  FieldReport,
  RunEvent,
  SeedState,
  TrainingProgress,
} from '../../contracts/index.ts';
import { type Measurement, measurementsOf, type News } from './measurements.ts';

/** A decision with the place in the run where it was made. */
export interface TracedDecision {
  readonly boundary: number;
  readonly epoch: number;
  readonly decision: AdaptationDecision;
}

export interface Trace {
  readonly kept: number;
  readonly events: readonly RunEvent[];
  readonly decisions: readonly TracedDecision[];
  readonly reports: readonly FieldReport[];
  readonly progress: TrainingProgress | null;
  /** Seeds as of the newest boundary, or of the state gathered before it. */
  readonly seeds: readonly SeedState[];
  /** By `name{label=value}`. */
  readonly counters: Readonly<Record<string, number>>;
  readonly gauges: Readonly<Record<string, number>>;
}

export const emptyTrace = (kept: number): Trace => ({
  kept,
  events: [],
  decisions: [],
  reports: [],
  progress: null,
  seeds: [],
  counters: {},
  gauges: {},
});

/** The only way the trace changes. */
export function evolve(trace: Trace, news: News): Trace {
  return remember(measurementsOf(news).reduce(tally, trace), news);
}

function remember(trace: Trace, news: News): Trace {
  switch (news.type) {
    case 'nissa.run_event.reported':
      return { ...trace, events: ring(trace, trace.events, [news]) };
    case 'tamiyo.field_report.issued':
      return { ...trace, reports: ring(trace, trace.reports, [news]) };
    case 'tolaria.training.progressed':
      return { ...trace, progress: news };
    case 'tolaria.state.gathered':
      return { ...trace, seeds: news.seeds };
    case 'tolaria.boundary.committed': {
      const { boundary, epoch } = news;
      const made = news.decisions.map((decision) => ({ boundary, epoch, decision }));
      return { ...trace, seeds: news.seeds, decisions: ring(trace, trace.decisions, made) };
    }
    default:
      return trace;
  }
}

function tally(trace: Trace, { kind, name, value, labels }: Measurement): Trace {
  const key = seriesName(name, labels);
  switch (kind) {
    case 'count':
      return { ...trace, counters: { ...trace.counters, [key]: (trace.counters[key] ?? 0) + value } };
    case 'gauge':
      return { ...trace, gauges: { ...trace.gauges, [key]: value } };
    case 'observe': {
      const sum = (trace.counters[`${key}_sum`] ?? 0) + value;
      const seen = (trace.counters[`${key}_count`] ?? 0) + 1;
      return { ...trace, counters: { ...trace.counters, [`${key}_sum`]: sum, [`${key}_count`]: seen } };
    }
  }
}

export type Status = Omit<Trace, 'kept'> & { readonly stages: Readonly<Record<string, number>> };

/** What a question is answered with: the newest `limit` records of each kind, oldest first. */
export function statusOf({ kept: _, ...trace }: Trace, limit: number): Status {
  const newest = <T>(records: readonly T[]) => records.slice(Math.max(0, records.length - limit));
  const stages: Record<string, number> = {};
  for (const { stage } of trace.seeds) stages[stage] = (stages[stage] ?? 0) + 1;
  return {
    ...trace,
    stages,
    events: newest(trace.events),
    decisions: newest(trace.decisions),
    reports: newest(trace.reports),
  };
}

const ring = <T>({ kept }: Trace, records: readonly T[], added: readonly T[]): readonly T[] =>
  [...records, ...added].slice(-kept);

function seriesName(name: string, labels: Readonly<Record<string, string>>): string {
  const pairs = Object.keys(labels)
    .sort()
    .map((key) => `${key}=${labels[key]}`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
}
