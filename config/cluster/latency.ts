/** How far the other nodes are: each is asked for a word every few seconds, and the round trips are smoothed. */
import type { PeerView } from '../../runtime/index.ts';
import { remotePath } from '../../runtime/index.ts';
import { accept, defineActor } from '../../runtime/local.ts';

/** Name of the actor below the root of every node. */
export const LATENCY = 'latency';
const EVERY_MS = 3_000;
const WITHIN_MS = 1_000;
/** What the newest round trip counts against all before. */
const NEWEST = 0.3;

/** Round trips by node, smoothed; who is gone is forgotten. */
export class RoundTrips {
  readonly #ms = new Map<string, number>();

  note(node: string, ms: number): void {
    const before = this.#ms.get(node);
    this.#ms.set(node, before === undefined ? ms : before + NEWEST * (ms - before));
  }

  keepOnly(nodes: ReadonlySet<string>): void {
    for (const node of this.#ms.keys()) if (!nodes.has(node)) this.#ms.delete(node);
  }

  /** Milliseconds, by node. */
  all(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#ms].map(([node, ms]) => [node, Math.round(ms * 100) / 100]));
  }
}

export interface LatencyArgs {
  readonly peers: () => readonly PeerView[];
  readonly roundTrips: RoundTrips;
}

export type LatencyMessage =
  | { readonly type: 'latency.look' }
  | { readonly type: 'latency.asked' }
  | { readonly type: 'latency.measured'; readonly node: string; readonly ms: number | null };

export const latency = defineActor<LatencyArgs, LatencyMessage, never, LatencyArgs>({
  name: LATENCY,
  fresh(cx, args) {
    cx.after(EVERY_MS, { type: 'latency.look' });
    return args;
  },
  decide: {
    'latency.asked': () => accept(null),
    'latency.look': ({ peers, roundTrips }, _, cx) => {
      const near = peers().filter(({ state }) => state === 'up');
      roundTrips.keepOnly(new Set(near.map(({ node }) => node)));
      for (const { node } of near) {
        const ref = cx.ref<LatencyMessage>(remotePath(node, `esper/${LATENCY}`));
        cx.job(`round trip to ${node}`, async () => {
          const began = cx.nowMs();
          const answered = await ref.ask({ type: 'latency.asked' }, { withinMs: WITHIN_MS }).then(
            () => true,
            () => false,
          );
          return { type: 'latency.measured', node, ms: answered ? cx.nowMs() - began : null };
        });
      }
      cx.after(EVERY_MS, { type: 'latency.look' });
      return accept();
    },
    'latency.measured': ({ roundTrips }, { node, ms }) => {
      // Who does not answer in time is far, however near the last answer came from.
      roundTrips.note(node, ms ?? WITHIN_MS);
      return accept();
    },
  },
});
