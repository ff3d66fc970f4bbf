/** Three nodes and a network that cannot be trusted: orders exactly once in effect, letters in order, one clerk at a time. */

import { openEventStore } from '../../../runtime/durable/open-event-store.ts';
import {
  type ActorDefinition,
  type ActorSystem,
  accept,
  joinCluster,
  remotePath,
  startSystem,
  supervisor,
  worker,
} from '../../../runtime/index.ts';
import { singleton } from '../../../runtime/remote/index.ts';
import type { Scenario } from '../../../runtime/simulation/index.ts';
import { checkAll } from '../checkers/index.ts';
import type { SimEvent } from '../events.ts';
import { codeOf } from '../support.ts';
import { clerk, clerkIsThere, type LedgerMessage, type LedgerState, ledger } from './clerk.ts';
import { customerOf, LOAD_MS, NODES, type SimLife, serve } from './customers.ts';
import { type ShopMessage, type ShopState, shop } from './shop.ts';

const systems = new WeakMap<SimLife, ActorSystem>();

/** Takes letters that nobody answers; what it took counts only once it was decided. */
function sink(
  life: SimLife,
): ActorDefinition<null, { type: 'letter'; from: string; n: number }, { from: string; n: number }> {
  return {
    name: 'sink',
    fresh: () => null,
    decide: { letter: (_state, { from, n }) => accept(undefined, { from, n }) },
    evolve: (state, { from, n }) => {
      life.note({ kind: 'received', by: `${life.node.name}/${life.node.epoch}`, from, n });
      return state;
    },
  };
}

/** Hears of others that go. */
function watcher(life: SimLife): ActorDefinition<null, { type: 'look' } | { type: 'runtime.down' }> {
  return {
    name: 'watcher',
    fresh: (cx) => {
      cx.after(500, { type: 'look' });
      return null;
    },
    decide: {
      look: (_state, _message, cx) => {
        for (const name of NODES)
          if (name !== life.node.name) cx.watch(cx.ref(remotePath(name, 'esper/sink')));
        return accept();
      },
      'runtime.down': (_state, _message, cx) => {
        life.sometimes('somebody elsewhere was seen to go');
        cx.after(1_000, { type: 'look' });
        return accept();
      },
    },
  };
}

export const cluster: Scenario<SimEvent> = {
  name: 'cluster',
  nodes: NODES,
  lengthMs: LOAD_MS,
  settleMs: 8_000,
  network: { delayMs: [1, 8], dropRate: 0.01, duplicateRate: 0.01, reorderRate: 0.1 },
  faults: {
    most: 10,
    weights: {
      crash: 2,
      kill: 2,
      crash_at: 2,
      pause: 5,
      partition: 5,
      broker_restart: 2,
      storm: 3,
      drift: 2,
      wall_jump: 1,
      disk_slow: 1,
    },
    points: ['outboxBeforeAck', 'leaseBeforeRenew', 'eventsAfterAppendBeforeEvolve'],
  },
  sometimes: [
    'an order failed: NODE_DOWN',
    'an order failed: ACTOR_TIMEOUT',
    'somebody elsewhere was seen to go',
    'the clerk was on another node',
    'an old clerk was refused',
    'crashed at leaseBeforeRenew',
    'crashed at outboxBeforeAck',
  ],
  async boot(life, world) {
    const { disk, processes, ports, node } = life;
    const events = await openEventStore({ disk, folder: '/events', processes, segmentBytes: 16_384 });
    const joined = await joinCluster({
      ...ports,
      transport: life.transport,
      leases: life.leases,
      node: { name: node.name },
      protocol: 'shop 1',
      limits: { beatMs: 200, leaseMs: 1_200, joinMs: 3_000 },
      onReplaced: () => life.exit('another process has this name'),
    });
    const children = [
      worker(sink(life)),
      worker(shop(life)),
      worker(watcher(life)),
      ...(node.name === 'n1' ? [worker(ledger(life))] : []),
      singleton(joined, 'clerk', clerk(life, world), (held) => held),
    ];
    const options = { strategy: 'one_for_one', intensity: 5, periodMs: 2_000 } as const;
    const spec = supervisor('esper', options, children);
    const system = await startSystem(spec, { ...ports, node: joined.node, remote: joined, events });
    systems.set(life, system);
    void system.done.then((reason) => {
      if (reason.kind === 'crashed') life.exit(reason.error.message);
    });
    serve(life, customerOf(world), system);
  },
  bootFailed(error, _life, world) {
    const code = codeOf(error);
    const known = ['NODE_JOIN_LATE', 'LEASES_UNREACHABLE'].includes(code);
    world.always('a start fails for a reason', known, `${code}: ${error.stack}`);
  },
  async finish(world) {
    const { amounts } = customerOf(world);
    world.always('the clerk is there in the end', clerkIsThere(world));
    for (const name of NODES) {
      const life = world.life(name);
      const system = life && systems.get(life);
      if (life === undefined || system === undefined) return world.always('every node is back', false, name);
      for (const other of NODES) {
        const ref = system.ref<ShopMessage>(remotePath(other, 'esper/shop'));
        const state = await ref.ask<ShopState>({ type: 'look' }, { withinMs: 5_000 });
        if (other !== name) continue;
        life.note({ kind: 'found', store: name, ids: state.orders });
        for (const id of state.orders) life.note({ kind: 'effect', on: name, id });
        const should = state.orders.reduce((sum, id) => sum + (amounts.get(id) ?? 0), 0);
        life.note({ kind: 'sum', of: name, is: state.total, should });
      }
      if (name !== 'n1') continue;
      const { epochs } = await system
        .ref<LedgerMessage>('esper/ledger')
        .ask<LedgerState>({ type: 'look' }, { withinMs: 5_000 });
      for (const epoch of epochs) life.note({ kind: 'fenced', resource: 'ledger', epoch });
    }
  },
  check: (history) => checkAll(history, { slackMs: 14_000 }),
};
