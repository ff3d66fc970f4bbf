/** Keeps what the nodes of a demonstration tell: steps, seeds, and when which unit ran where. */
import type { NodeNews } from '../../config/cluster/news.ts';
import type { TrainingProgress } from '../../contracts/index.ts';
import type { Mark } from './rates.ts';

interface Placing {
  readonly unit: string;
  readonly node: string;
  readonly atMs: number;
}

export class Watch {
  readonly marks: Mark[] = [];
  /** Blueprints of the seeds that were planted. */
  readonly planted = new Set<string>();
  /** When the network last changed, or a seed in it. */
  changedMs = 0;
  readonly placings: Placing[] = [];
  germinated = 0;
  failure: string | null = null;
  readonly #cpuMs: () => number | null;
  readonly #losses: { readonly peer: string; readonly atMs: number }[] = [];
  readonly #waiting = new Set<() => void>();

  /** @param cpuMs processor time of the training thread, now */
  constructor(cpuMs: () => number | null) {
    this.#cpuMs = cpuMs;
  }

  hear(news: NodeNews): void {
    if (news.what === 'progress') this.#mark(news.atMs, news.progress);
    if (news.what === 'event' && news.event.what === 'germinated') {
      this.germinated++;
      this.planted.add(String(news.event.details.blueprintId));
    }
    if (news.what === 'unit' && news.state === 'running')
      this.placings.push({ unit: news.unit, node: news.node, atMs: news.atMs });
    if (news.what === 'peer' && (news.state === 'unreachable' || news.state === 'down'))
      this.#losses.push({ peer: news.peer, atMs: news.atMs });
    if (news.what === 'failed') this.failure = `${news.node}: ${news.code} ${news.text}`;
    for (const look of [...this.#waiting]) look();
  }

  #mark(atMs: number, { step, parameters, stages }: TrainingProgress): void {
    const structure = `${parameters} ${JSON.stringify(stages)}`;
    if (structure !== this.marks.at(-1)?.structure) this.changedMs = atMs;
    this.marks.push({ atMs, step, cpuMs: this.#cpuMs(), structure });
  }

  /** Units whose last place is this node. */
  unitsOn(node: string): readonly string[] {
    const last = new Map(this.placings.map((placing) => [placing.unit, placing.node]));
    return [...last].filter(([, where]) => where === node).map(([unit]) => unit);
  }

  /** Nodes that ever ran a unit. */
  nodesOf(unit: string): readonly string[] {
    return [...new Set(this.placings.filter((placing) => placing.unit === unit).map(({ node }) => node))];
  }

  /** Milliseconds from `sinceMs` until somebody missed the node; null when nobody did. */
  missedAfter(node: string, sinceMs: number): number | null {
    const times = this.#losses
      .filter(({ peer, atMs }) => peer === node && atMs >= sinceMs)
      .map(({ atMs }) => atMs);
    return times.length === 0 ? null : Math.min(...times) - sinceMs;
  }

  /** Milliseconds from `sinceMs` until all of these ran again; null while one does not. */
  runningAfter(units: readonly string[], sinceMs: number): number | null {
    const times = units.map((unit) =>
      Math.min(
        ...this.placings.filter((one) => one.unit === unit && one.atMs > sinceMs).map(({ atMs }) => atMs),
      ),
    );
    const last = Math.max(...times);
    return Number.isFinite(last) ? last - sinceMs : null;
  }

  /** True once the network has been the same for `forMs`; false after `withinMs`. @throws when the run failed */
  async settled(forMs: number, withinMs: number): Promise<boolean> {
    const from = this.marks.at(-1)?.atMs ?? 0;
    return this.until(() => {
      const now = this.marks.at(-1)?.atMs ?? 0;
      return now - Math.max(from, this.changedMs) >= forMs;
    }, withinMs);
  }

  /** Resolves when it is so, or false after `withinMs`. @throws when the run failed */
  async until(isSo: () => boolean, withinMs: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        settle();
      };
      const look = () => {
        if (this.failure !== null) end(() => reject(new Error(this.failure ?? '')));
        else if (isSo()) end(() => resolve(true));
      };
      const timer = setTimeout(() => end(() => resolve(false)), withinMs);
      this.#waiting.add(look);
      look();
    });
  }
}
