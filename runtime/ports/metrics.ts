/** Numbers about what goes on, with few and closed labels. A run id is never a label. */
export type Labels = Readonly<Record<string, string>>;

export interface Metrics {
  /** Adds to a counter named `..._total`. */
  count(name: string, by?: number, labels?: Labels): void;
  /** Sets a gauge. */
  gauge(name: string, value: number, labels?: Labels): void;
  /** Records one observation of a duration in seconds or a size in bytes. */
  observe(name: string, value: number, labels?: Labels): void;
}
