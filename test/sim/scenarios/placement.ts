/** Four nodes and units that are placed, moved, drained and lost by lot: one node acts for each, and nothing acknowledged is lost. */

import { CommandGiven, type PlacementCommand, type UnitSpec } from '../../../contracts/index.ts';
import {
  type ActorSystem,
  joinCluster,
  openPlacement,
  placedRef,
  startSystem,
  stewardRef,
  supervisor,
} from '../../../runtime/index.ts';
import type { Scenario, World } from '../../../runtime/simulation/index.ts';
import { checkAll } from '../checkers/index.ts';
import type { SimEvent } from '../events.ts';
import { between, codeOf, keepDoing, oneOf, sleep } from '../support.ts';
import { type CounterMessage, counterUnit, type SimLife, storeOf } from './counters.ts';

const NODES: readonly string[] = ['n1', 'n2', 'n3', 'n4'];
const LOAD_MS = 6_000;
/** What the cluster may take, after everything has been healed, until each unit runs where it may and answers. */
const CONVERGED_MS = 10_000;
/** The last part of it: time for one answer, with a letter lost here and there. */
const ANSWER_MS = 1_000;

const unit = (name: string, rest: Partial<UnitSpec> = {}): UnitSpec => ({
  unit: name,
  actors: ['counter'],
  labels: [],
  apart: [],
  near: [],
  needs: {},
  warm: 0,
  handover: 'state',
  ...rest,
});

const UNITS: readonly UnitSpec[] = [
  unit('alpha', { warm: 1 }),
  unit('beta', { apart: ['alpha'] }),
  unit('gamma', { labels: ['big'], handover: 'restart' }),
];
const NAMES = UNITS.map((spec) => spec.unit);

interface Customer {
  count: number;
  readonly open: Map<string, { readonly id: string; readonly unit: string }>;
}
const customers = new WeakMap<World<SimEvent>, Customer>();
const systems = new WeakMap<SimLife, ActorSystem>();

export const placement: Scenario<SimEvent> = {
  name: 'cluster-placement',
  nodes: NODES,
  lengthMs: LOAD_MS,
  settleMs: CONVERGED_MS - ANSWER_MS,
  // Losses are for storms: a session that was slow before waits long for what is lost, wherever units are.
  network: { delayMs: [1, 6], duplicateRate: 0.005, reorderRate: 0.05 },
  faults: {
    most: 20,
    weights: {
      partition: 12,
      pause: 2,
      kill: 1.5,
      crash_at: 0.5,
      broker_restart: 1,
      storm: 1.5,
      drift: 1,
      slow: 1,
      poke: 3,
    },
    points: ['outboxBeforeAck', 'leaseBeforeRenew'],
    pokes: ['move', 'drain', 'uncordon', 'restart', 'leave'],
  },
  sometimes: [
    'a unit ran on another node than before',
    'a state was handed over',
    'a tenure of the past was refused',
    'a command was accepted: move',
    'a command was accepted: drain',
    'counted esper_placement_refused_total',
  ],
  async boot(life, world) {
    const { ports, node } = life;
    const { clock, log, metrics } = ports;
    const leases = life.leases;
    const placed = openPlacement({
      name: node.name,
      clock,
      log,
      metrics,
      leases,
      factories: Object.fromEntries(NAMES.map((name) => [name, counterUnit(life, world, 150)])),
      facts: () => facts(node.name),
      plan: { generation: 1, units: [...UNITS] },
      limits: {
        lookMs: 200,
        bidMs: 200,
        startMs: 3_000,
        takeMs: 400,
        vacantMs: 200,
        backoffMs: [50, 400],
        intensity: 20,
        periodMs: 4_000,
      },
      onLeave: () => life.exit('it was told to leave'),
    });
    const joined = await joinCluster({
      ...ports,
      transport: life.transport,
      leases,
      node: { name: node.name },
      protocol: 'counters 1',
      limits: { beatMs: 200, leaseMs: 1_200, joinMs: 3_000 },
      inventory: () => placed.inventory(),
      onReplaced: () => life.exit('another process has this name'),
    });
    const options = { strategy: 'one_for_one', intensity: 10, periodMs: 2_000 } as const;
    const spec = supervisor('esper', options, placed.children(joined));
    const system = await startSystem(spec, { ...ports, node: joined.node, remote: placed.side(joined) });
    systems.set(life, system);
    void system.done.then((reason) => {
      if (reason.kind === 'crashed') life.exit(reason.error.message);
    });
    const command = (given: PlacementCommand) => {
      stewardRef(system)
        .ask(CommandGiven.of({ command: given }), { withinMs: 1_000 })
        .then(
          () => life.sometimes(`a command was accepted: ${given.do}`),
          (error) => life.sometimes(`a command failed: ${codeOf(error)}`),
        );
    };
    life.onPoke((what, by) => command(commandOf(what, by)));
    load(life, world, system);
  },
  bootFailed(error, _life, world) {
    const code = codeOf(error);
    const known = ['NODE_JOIN_LATE', 'LEASES_UNREACHABLE'].includes(code);
    world.always('a start fails for a reason', known, `${code}: ${error.stack}`);
  },
  async finish(world) {
    const life = world.life('n1');
    const system = life && systems.get(life);
    if (life === undefined || system === undefined) return world.always('every node is back', false);
    for (const name of NAMES) {
      const store = storeOf(world, name);
      try {
        const state = await placedRef<CounterMessage>(system, name).ask<{ readonly ids: readonly string[] }>(
          { type: 'look' },
          { withinMs: ANSWER_MS },
        );
        const told = new Set(state.ids);
        world.always(
          'a unit knows what it has done',
          told.size === store.ids.length && store.ids.every((id) => told.has(id)),
          `${name}: ${told.size} of ${store.ids.length}`,
        );
      } catch (thrown) {
        world.always('converged in time', false, `${name}: ${codeOf(thrown)}`);
      }
      life.note({ kind: 'found', store: name, ids: [...store.ids] });
    }
  },
  check: (history) => checkAll(history, { slackMs: 14_000 }),
};

/** Drained nodes are always the last: somebody must be left. */
function commandOf(what: string, by: number): PlacementCommand {
  const unit = NAMES[Math.floor(by * NAMES.length)] as string;
  const last = NODES.at(-1) as string;
  if (what === 'drain' || what === 'uncordon' || what === 'leave') return { do: what, node: last };
  if (what === 'restart') return { do: 'restart', unit };
  return { do: 'move', unit, ...(by * 100 - Math.floor(by * 100) < 0.5 ? {} : { to: last }) };
}

const facts = (name: string) => ({
  labels: name === 'n1' ? [] : ['big'],
  memoryMb: 1_000,
  freeMemoryMb: 800,
  cores: 4,
  load: 1,
  gpus: 0,
  freeGpus: 0,
  engine: 'simulated',
  loopDelayMs: 1,
  latencyMs: {},
  starvingMs: 0,
  overcommit: 0,
  ioHeat: 0,
});

const lastNode = new WeakMap<World<SimEvent>, Map<string, string>>();

/** Customers of one node: they count anywhere, again and again until they hear yes. */
function load(life: SimLife, world: World<SimEvent>, system: ActorSystem): void {
  const customer = customers.get(world) ?? { count: 0, open: new Map() };
  customers.set(world, customer);
  const before = lastNode.get(world) ?? new Map<string, string>();
  lastNode.set(world, before);
  const random = life.ports.random.split('customers');
  const add = ({ id, unit }: { readonly id: string; readonly unit: string }) => {
    const ref = placedRef<CounterMessage>(system, unit);
    ref.ask({ type: 'add', id }, { withinMs: between(random, 100, 1_500) }).then(
      () => {
        if (!life.alive) return;
        life.note({ kind: 'acknowledged', store: unit, id });
        customer.open.delete(id);
      },
      (error) => life.sometimes(`a count failed: ${codeOf(error)}`),
    );
  };
  const look = async (unit: string) => {
    try {
      const ref = placedRef<CounterMessage>(system, unit);
      const { node } = await ref.ask<{ readonly node: string }>({ type: 'look' }, { withinMs: 300 });
      if ((before.get(unit) ?? node) !== node) life.sometimes('a unit ran on another node than before');
      before.set(unit, node);
    } catch (thrown) {
      life.sometimes(`a look failed: ${codeOf(thrown)}`);
    }
    await sleep(life.ports.clock, 0);
  };
  keepDoing(
    life.ports.clock,
    () => 40 + random.below(160),
    () => {
      const unit = oneOf(random, NAMES);
      if (random.below(5) === 0) void look(unit);
      const waiting = [...customer.open.values()];
      if (waiting.length > 6) add(oneOf(random, waiting));
      else {
        const made = { id: `c${++customer.count}`, unit };
        customer.open.set(made.id, made);
        add(made);
      }
      return life.worldMs() < LOAD_MS;
    },
  );
}
