/** A durable shop: an order that comes again is answered again, and filled once. */
import { type ActorDefinition, accept } from '../../../runtime/index.ts';
import type { ActingLife } from './customers.ts';

export interface ShopState {
  readonly total: number;
  readonly orders: readonly string[];
}
interface Filled {
  readonly id: string;
  readonly amount: number;
}
export type ShopMessage =
  | { readonly type: 'order'; readonly id: string; readonly amount: number }
  | { readonly type: 'look' };

export function shop(life: ActingLife): ActorDefinition<ShopState, ShopMessage, Filled> {
  return {
    name: 'shop',
    fresh: () => ({ total: 0, orders: [] }),
    decide: {
      order: ({ orders, total }, { id, amount }) =>
        orders.includes(id) ? accept(total) : accept(total + amount, { id, amount }),
      look: (state) => accept(state),
    },
    evolve: ({ total, orders }, { id, amount }) => ({ total: total + amount, orders: [...orders, id] }),
    durable: { version: 1, snapshotEvery: 20 },
    recovered: ({ orders }) => life.note({ kind: 'found', store: life.node.name, ids: orders }),
  };
}
