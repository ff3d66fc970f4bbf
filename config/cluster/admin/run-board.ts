/** What was heard last of each run, from the bus: any node can say how training goes, wherever it happens. */
import { TOPICS, TrainingProgress } from '../../../contracts/index.ts';
import type { Bus, Clock } from '../../../runtime/index.ts';

/** Runs that are remembered. */
const MOST_RUNS = 16;

export interface Heard {
  readonly progress: TrainingProgress;
  /** Milliseconds since. */
  readonly agoMs: number;
}

export class RunBoard {
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #runs = new Map<string, { readonly progress: TrainingProgress; readonly atMs: number }>();
  readonly #leave: () => void;

  /** Listens until `close`. */
  constructor(bus: Pick<Bus, 'subscribe'>, clock: Pick<Clock, 'nowMs'>) {
    this.#clock = clock;
    this.#leave = bus.subscribe(TOPICS.progress, ({ body }) => this.#hear(TrainingProgress.parse(body)));
  }

  /** Newest first. */
  runs(): readonly Heard[] {
    const nowMs = this.#clock.nowMs();
    return [...this.#runs.values()]
      .map(({ progress, atMs }) => ({ progress, agoMs: nowMs - atMs }))
      .toReversed();
  }

  close(): void {
    this.#leave();
  }

  #hear(progress: TrainingProgress): void {
    const { runId } = progress;
    this.#runs.delete(runId);
    this.#runs.set(runId, { progress, atMs: this.#clock.nowMs() });
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > MOST_RUNS && oldest !== undefined) this.#runs.delete(oldest);
  }
}
