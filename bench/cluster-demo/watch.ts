/** Keeps what the nodes of a demonstration tell: steps, seeds, and when which unit ran where. */
import type { NodeNews } from '../../config/cluster/news.ts';
import type { Mark } from './rates.ts';

interface Placing {
  readonly unit: string;
  readonly node: string;
  readonly atMs: number;
}

export class Watch {
  readonly marks: Mark[] = [];
  readonly placings: Placing[] = [];
  germinated = 0;
  failure: string | null = null;
  readonly #losses: { readonly peer: string; readonly atMs: number }[] = [];
  readonly #waiting = new Set<() => void>();

  hear(news: NodeNews): void {
    if (news.what === 'progress') this.marks.push({ atMs: news.atMs, step: news.progress.step });
    if (news.what === 'event' && news.event.what === 'germinated') this.germinated++;
    if (news.what === 'unit' && news.state === 'running')
      this.placings.push({ unit: news.unit, node: news.node, atMs: news.atMs });
    if (news.what === 'peer' && (news.state === 'unreachable' || news.state === 'down'))
      this.#losses.push({ peer: news.peer, atMs: news.atMs });
    if (news.what === 'failed') this.failure = `${news.node}: ${news.code} ${news.text}`;
    for (const look of [...this.#waiting]) look();
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
