/** Durable accounts whose owner asks again until the answer is yes: nothing acknowledged is lost, nothing happens twice. */

import { openEventStore } from '../../../runtime/durable/open-event-store.ts';
import {
  type ActorDefinition,
  type ActorSystem,
  accept,
  startSystem,
  supervisor,
  worker,
} from '../../../runtime/index.ts';
import type { Life, Scenario, World } from '../../../runtime/simulation/index.ts';
import { checkAll } from '../checkers/index.ts';
import type { SimEvent } from '../events.ts';
import { between, codeOf, keepDoing, oneOf } from '../support.ts';

type SimLife = Life<SimEvent>;

const LOAD_MS = 4_000;
const ACCOUNTS = ['ann', 'bob', 'cid', 'dee'] as const;

interface Booking {
  readonly id: string;
  readonly amount: number;
}
interface Account {
  readonly balance: number;
  readonly bookings: readonly string[];
}
type Said = ({ readonly type: 'book'; readonly fall: boolean } & Booking) | { readonly type: 'look' };

/** The customer outlives every node: what was not confirmed is asked for again, under the same id. */
interface Customer {
  count: number;
  readonly open: Map<string, Booking & { readonly account: string }>;
  readonly amounts: Map<string, number>;
}
const customers = new WeakMap<World<SimEvent>, Customer>();
const customerOf = (world: World<SimEvent>): Customer => {
  const known = customers.get(world) ?? { count: 0, open: new Map(), amounts: new Map() };
  customers.set(world, known);
  return known;
};
const systems = new WeakMap<SimLife, ActorSystem>();

function account(life: SimLife, name: string): ActorDefinition<Account, Said, Booking> {
  const fallen = new Set<string>();
  return {
    name,
    fresh: () => ({ balance: 0, bookings: [] }),
    decide: {
      book: ({ balance, bookings }, { id, amount, fall }) => {
        if (bookings.includes(id)) return accept(balance);
        if (fall && !fallen.has(id)) {
          fallen.add(id);
          throw new Error('fell while booking');
        }
        return accept(balance + amount, { id, amount });
      },
      look: (state) => accept(state),
    },
    evolve: ({ balance, bookings }, { id, amount }) => ({
      balance: balance + amount,
      bookings: [...bookings, id],
    }),
    durable: { version: 1, snapshotEvery: 8, keep: { snapshots: 2, events: 'since_snapshot' } },
    recovered: ({ bookings }, _cx, { snapshot, damaged }) => {
      life.note({ kind: 'found', store: name, ids: bookings });
      if (snapshot > 0) life.sometimes('a start began with a snapshot');
      if (damaged > 0) life.sometimes('a damaged snapshot was passed over');
    },
  };
}

function serve(life: SimLife, customer: Customer, system: ActorSystem): void {
  const random = life.ports.random.split('customer');
  const ask = ({ id, amount, account: to }: Booking & { readonly account: string }) => {
    const fall = random.below(12) === 0;
    system
      .ref<Said>(`bank/${to}`)
      .ask({ type: 'book', id, amount, fall }, { withinMs: between(random, 5, 500) })
      .then(
        () => {
          life.note({ kind: 'acknowledged', store: to, id });
          if (life.alive) customer.open.delete(id);
        },
        (error) => life.sometimes(`a booking failed: ${codeOf(error)}`),
      );
  };
  keepDoing(
    life.ports.clock,
    () => random.below(25),
    () => {
      if (random.below(3) === 0) {
        for (const booking of [...customer.open.values()].slice(0, 3)) ask(booking);
      } else {
        const booking = {
          id: `b${++customer.count}`,
          amount: between(random, -50, 100),
          account: oneOf(random, ACCOUNTS),
        };
        customer.open.set(booking.id, booking);
        customer.amounts.set(booking.id, booking.amount);
        ask(booking);
      }
      return life.worldMs() < LOAD_MS;
    },
  );
}

export const durable: Scenario<SimEvent> = {
  name: 'durable',
  nodes: ['n1'],
  lengthMs: LOAD_MS,
  settleMs: 3_000,
  faults: {
    most: 8,
    // Two snapshots are kept, and one of them at least has to be sound.
    atMost: { bit_flip: 1 },
    ageing: '/events/snapshots',
    weights: {
      bit_flip: 2,
      crash: 3,
      crash_at: 5,
      kill: 2,
      disk_slow: 1,
      disk_full: 2,
      disk_error: 3,
      pause: 1,
    },
    points: [
      'eventsBeforeAppend',
      'eventsAfterAppendBeforeEvolve',
      'snapshotBeforeWrite',
      'snapshotBeforeRename',
      'snapshotAfterRenameBeforeDirSync',
      'segmentBeforeRotate',
      'walAfterAppendBeforeSync',
    ],
  },
  sometimes: [
    'a start began with a snapshot',
    'a damaged snapshot was passed over',
    'a booking failed: ACTOR_TIMEOUT',
    'crashed at eventsAfterAppendBeforeEvolve',
    'crashed at snapshotBeforeRename',
    'counted esper_restarts_total',
  ],
  async boot(life, world) {
    const { failPoints } = life.ports;
    const events = await openEventStore({
      disk: life.disk,
      folder: '/events',
      processes: life.processes,
      segmentBytes: 8_192,
      compactAfter: 40,
      failPoints,
    });
    const children = ACCOUNTS.map((name) => worker(account(life, name)));
    const options = { strategy: 'one_for_one', intensity: 4, periodMs: 1_000 } as const;
    const system = await startSystem(supervisor('bank', options, children), { ...life.ports, events });
    systems.set(life, system);
    void system.done.then((reason) => {
      if (reason.kind === 'crashed') life.exit(reason.error.message);
    });
    serve(life, customerOf(world), system);
  },
  bootFailed(error, _life, world) {
    const code = codeOf(error.cause ?? error);
    const known = code.startsWith('DISK_') || code === 'JOURNAL_FAILED';
    world.always('a start fails for a reason', known, `${code}: ${error.message}`);
  },
  async finish(world) {
    const life = world.life('n1');
    const system = life && systems.get(life);
    if (life === undefined || system === undefined) return world.always('the bank is open', false);
    const { amounts } = customerOf(world);
    for (const name of ACCOUNTS) {
      const state = await system
        .ref<Said>(`bank/${name}`)
        .ask<Account>({ type: 'look' }, { withinMs: 5_000 });
      life.note({ kind: 'found', store: name, ids: state.bookings });
      for (const id of state.bookings) life.note({ kind: 'effect', on: name, id });
      const should = state.bookings.reduce((sum, id) => sum + (amounts.get(id) ?? 0), 0);
      life.note({ kind: 'sum', of: name, is: state.balance, should });
    }
    await system.stop();
  },
  check: (history) => checkAll(history),
};
