/** The durable actor most tests tell stories about: it adds up what is put, and falls when told to. */
import {
  type ActorDefinition,
  accept,
  type ChildSpec,
  type Durable,
  type EventStore,
  type Recovery,
  refuse,
  startSystem,
  supervisor,
} from '../../../runtime/index.ts';
import { worldPorts } from '../support/world.ts';

export type Entry = { readonly put: number };

export type LedgerMessage =
  | { readonly type: 'put'; readonly amount: number; readonly times?: number }
  | { readonly type: 'put_slowly'; readonly amount: number; readonly until: Promise<void> }
  | { readonly type: 'sum' }
  | { readonly type: 'finish' }
  | { readonly type: 'fail' }
  | { readonly type: 'fail_soon' };

export interface Ledger {
  readonly sum: number;
  readonly entries: number;
}

export interface Seen {
  readonly recoveries: Recovery[];
  readonly recovering: boolean[];
}

export function ledger(
  name: string,
  durable: Partial<Durable<Ledger, Entry>> = {},
  seen: Seen = { recoveries: [], recovering: [] },
): ActorDefinition<Ledger, LedgerMessage, Entry> {
  return {
    name,
    durable: { version: 1, ...durable },
    fresh: (cx) => {
      seen.recovering.push(cx.recovering);
      return { sum: 0, entries: 0 };
    },
    recovered: (_state, cx, recovery) => {
      seen.recovering.push(cx.recovering);
      seen.recoveries.push(recovery);
    },
    decide: {
      put: ({ sum }, { amount, times = 1 }) => {
        if (sum + amount < 0) return refuse('LEDGER_OVERDRAWN');
        return accept('done', ...Array.from({ length: times }, () => ({ put: amount })));
      },
      put_slowly: async (_state, { amount, until }) => {
        await until;
        return accept('done', { put: amount });
      },
      sum: ({ sum }) => accept(sum),
      finish: (_state, _message, cx) => {
        cx.stop();
        return accept('bye', { put: 1 });
      },
      fail: () => {
        throw new Error('fell');
      },
      fail_soon: (_state, _message, cx) => {
        cx.job('fall', () => Promise.reject(new Error('fell')));
        return accept();
      },
    },
    evolve: ({ sum, entries }, { put }) => ({ sum: sum + put, entries: entries + 1 }),
  };
}

export async function world(
  children: readonly ChildSpec[],
  more: { events?: EventStore; failPoints?: object } = {},
) {
  const made = worldPorts();
  const spec = supervisor('top', { strategy: 'one_for_one', intensity: 100, periodMs: 60_000 }, children);
  const system = await startSystem(spec, { ...made.ports, ...(more as object) });
  return { ...made, system, ref: (id: string) => system.ref<LedgerMessage>(`top/${id}`) };
}

export const put = (amount: number, times = 1): LedgerMessage => ({ type: 'put', amount, times });
export const sum: LedgerMessage = { type: 'sum' };
export const soon = { withinMs: 1_000 };
