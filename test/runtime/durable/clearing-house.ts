/** A durable bank: a teller who remembers every order, and accounts that do each of them once. */
import {
  type ActorDefinition,
  accept,
  type SupervisorSpec,
  supervisor,
  worker,
} from '../../../runtime/index.ts';

export interface Order {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly amount: number;
}

export type Outcome = 'open' | 'done' | 'refused';

/** What the teller knows, by order id. */
export type Orders = Readonly<Record<string, Order & { readonly outcome: Outcome }>>;

export interface Account {
  readonly balance: number;
  /** Orders done here: an order that comes again is answered, not done again. */
  readonly done: readonly string[];
}

type Booking = { readonly type: 'book'; readonly id: string; readonly by: number };
type AccountMessage = Booking | { readonly type: 'account' };

export type TellerMessage =
  | (Order & { readonly type: 'order' })
  | { readonly type: 'go'; readonly id: string }
  | { readonly type: 'settled'; readonly id: string; readonly outcome: Outcome }
  | { readonly type: 'orders' };

type TellerEvent = { readonly opened: Order } | { readonly settled: string; readonly outcome: Outcome };

export const OPENING = 100;
const PATIENCE = { withinMs: 1_000 };

function account(name: string): ActorDefinition<Account, AccountMessage, Omit<Booking, 'type'>> {
  return {
    name,
    durable: { version: 1, snapshotEvery: 2, keep: { events: 'since_snapshot' } },
    fresh: () => ({ balance: OPENING, done: [] }),
    decide: {
      book: ({ balance, done }, { id, by }) => {
        if (done.includes(id)) return accept('done');
        return balance + by < 0 ? accept('refused') : accept('done', { id, by });
      },
      account: (state) => accept(state),
    },
    evolve: ({ balance, done }, { id, by }) => ({ balance: balance + by, done: [...done, id] }),
  };
}

const teller: ActorDefinition<Orders, TellerMessage, TellerEvent> = {
  name: 'teller',
  durable: { version: 1, snapshotEvery: 3 },
  fresh: () => ({}),
  recovered: (orders, cx) => {
    for (const { id, outcome } of Object.values(orders))
      if (outcome === 'open') cx.self.send({ type: 'go', id });
  },
  decide: {
    order: (orders, { type: _, ...order }, cx) => {
      if (orders[order.id] !== undefined) return accept('accepted');
      cx.self.send({ type: 'go', id: order.id });
      return accept('accepted', { opened: order });
    },
    go: (orders, { id }, cx) => {
      const order = orders[id];
      if (order?.outcome !== 'open') return accept();
      const book = (at: string, booking: string, by: number) =>
        cx.ref<AccountMessage>(`bank/${at}`).ask<Outcome>({ type: 'book', id: booking, by }, PATIENCE);
      cx.job(id, async () => {
        const outcome = await book(order.from, `${id}-`, -order.amount);
        if (outcome === 'done') await book(order.to, `${id}+`, order.amount);
        return { type: 'settled', id, outcome };
      });
      return accept();
    },
    settled: (orders, { id, outcome }) =>
      orders[id]?.outcome === 'open' ? accept(undefined, { settled: id, outcome }) : accept(),
    orders: (orders) => accept(orders),
  },
  evolve: (orders, event) => {
    if ('opened' in event) return { ...orders, [event.opened.id]: { ...event.opened, outcome: 'open' } };
    const order = orders[event.settled];
    return order === undefined ? orders : { ...orders, [order.id]: { ...order, outcome: event.outcome } };
  },
};

export const bankOf = (names: readonly string[]): SupervisorSpec =>
  supervisor('bank', { strategy: 'one_for_one', intensity: 20, periodMs: 1_000 }, [
    ...names.map((name) => worker(account(name))),
    worker(teller),
  ]);
