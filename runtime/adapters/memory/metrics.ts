/** Metrics kept in memory: what tests assert on and what an exporter renders. */
import type { Labels, Metrics } from '../../ports/metrics.ts';

interface Sample {
  readonly name: string;
  readonly labels: Labels;
  readonly value: number;
}

interface HistogramSample {
  readonly name: string;
  readonly labels: Labels;
  readonly count: number;
  readonly sum: number;
  /** Cumulative: observations at or below `le`; the last bucket is infinity. */
  readonly buckets: readonly { readonly le: number; readonly count: number }[];
}

/** Sorted by name, then labels: two equal histories give equal snapshots. */
export interface MetricsSnapshot {
  readonly counters: readonly Sample[];
  readonly gauges: readonly Sample[];
  readonly histograms: readonly HistogramSample[];
}

export interface MemoryMetrics extends Metrics {
  snapshot(): MetricsSnapshot;
  /** A counter's or gauge's value; 0 when never touched. */
  value(name: string, labels?: Labels): number;
}

const SECONDS = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const BYTES = Array.from({ length: 14 }, (_, i) => 64 * 4 ** i);

interface Series {
  readonly name: string;
  readonly labels: Labels;
  value: number;
}

interface Histogram extends Series {
  readonly bounds: readonly number[];
  readonly counts: number[];
  count: number;
}

const NONE: Labels = Object.freeze({});

export function memoryMetrics(): MemoryMetrics {
  const counters = new Map<string, Series>();
  /** By name, the series counted last and the very labels it was counted with: whoever counts often keeps its labels. */
  const latest = new Map<string, { readonly labels: Labels; readonly series: Series }>();
  const gauges = new Map<string, Series>();
  const histograms = new Map<string, Histogram>();
  return {
    count(name, by = 1, labels = NONE) {
      const last = latest.get(name);
      if (last?.labels === labels) {
        last.series.value += by;
        return;
      }
      const counted = series(counters, name, labels);
      counted.value += by;
      latest.set(name, { labels, series: counted });
    },
    gauge(name, value, labels = {}) {
      series(gauges, name, labels).value = value;
    },
    observe(name, value, labels = {}) {
      const id = identity(name, labels);
      const histogram = histograms.get(id) ?? newHistogram(name, labels);
      histograms.set(id, histogram);
      const bucket = histogram.bounds.findIndex((bound) => value <= bound);
      const slot = bucket < 0 ? histogram.bounds.length : bucket;
      histogram.counts[slot] = (histogram.counts[slot] ?? 0) + 1;
      histogram.count++;
      histogram.value += value;
    },
    value(name, labels = {}) {
      const id = identity(name, labels);
      return (counters.get(id) ?? gauges.get(id))?.value ?? 0;
    },
    snapshot: () => ({
      counters: sorted(counters).map(({ name, labels, value }) => ({ name, labels, value })),
      gauges: sorted(gauges).map(({ name, labels, value }) => ({ name, labels, value })),
      histograms: sorted(histograms).map(sampleOf),
    }),
  };
}

function series(all: Map<string, Series>, name: string, labels: Labels): Series {
  const id = identity(name, labels);
  const known = all.get(id);
  if (known !== undefined) return known;
  const made = { name, labels, value: 0 };
  all.set(id, made);
  return made;
}

function newHistogram(name: string, labels: Labels): Histogram {
  const bounds = name.endsWith('_bytes') ? BYTES : SECONDS;
  return { name, labels, bounds, counts: new Array<number>(bounds.length + 1).fill(0), count: 0, value: 0 };
}

function sampleOf({ name, labels, bounds, counts, count, value }: Histogram): HistogramSample {
  let running = 0;
  const buckets = counts.map((inside, i) => {
    running += inside;
    return { le: bounds[i] ?? Number.POSITIVE_INFINITY, count: running };
  });
  return { name, labels, count, sum: value, buckets };
}

/** Made at most counts, so without arrays but the one of keys. */
function identity(name: string, labels: Labels): string {
  const keys = Object.keys(labels);
  if (keys.length > 1) keys.sort();
  let id = name;
  for (const key of keys) id += `,${key}=${labels[key]}`;
  return id;
}

const sorted = <T>(all: ReadonlyMap<string, T>): T[] =>
  [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
