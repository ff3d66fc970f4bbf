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
  type UnitFactory,
} from '../../../runtime/index.ts';
import type { Scenario, World } from '../../../runtime/simulation/index.ts';
import { checkAll } from '../checkers/index.ts';
import type { SimEvent } from '../events.ts';
import { codeOf, keepDoing, oneOf } from '../support.ts';
import { type CounterMessage, counterUnit, type SimLife, storeOf } from './counters.ts';
import { countAndWrite } from './unit-customers.ts';
import { UnitWatch } from './unit-watch.ts';

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
  // One node alone can have it: while that is away it waits.
  unit('delta', { labels: ['rare'] }),
];
const NAMES = UNITS.map((spec) => spec.unit);

const systems = new WeakMap<SimLife, ActorSystem>();

/** @param pausesMs of those who keep moving units about, one of these for each world; 0 where there is nobody */
const placed = (
  { name, faults, sometimes }: Pick<Scenario<SimEvent>, 'name' | 'faults' | 'sometimes'>,
  pausesMs: readonly number[],
): Scenario<SimEvent> => ({
  name,
  nodes: NODES,
  lengthMs: LOAD_MS,
  settleMs: CONVERGED_MS - ANSWER_MS,
  // Losses are for storms: a session that was slow before waits long for what is lost, wherever units are.
  network: { delayMs: [1, 6], duplicateRate: 0.005, reorderRate: 0.05 },
  faults,
  sometimes,
  boot: (life, world) => boot(life, world, pausesMs),
  bootFailed,
  finish,
  check: (history) => checkAll(history, { slackMs: 14_000 }),
});

const SOMETIMES = [
  'a unit ran on another node than before',
  'a state was handed over',
  'a command was accepted: move',
  'counted esper_placement_refused_total',
];

/** Everything that can befall nodes and units. */
export const placement = placed(
  {
    name: 'cluster-placement',
    faults: {
      most: 28,
      weights: {
        partition: 12,
        pause: 5,
        kill: 1.5,
        crash_at: 0.5,
        broker_restart: 1,
        storm: 1.5,
        drift: 1,
        slow: 1,
        cut: 3,
        poke: 10,
      },
      points: ['outboxBeforeAck', 'leaseBeforeRenew'],
      pokes: ['move', 'move', 'move', 'restart', 'restart', 'drain', 'uncordon', 'leave', 'ail'],
    },
    // That the store refuses a tenure of the past is told and not asked for: a pause has to fall into the 6 ms on the way there.
    sometimes: [...SOMETIMES, 'a command was accepted: drain'],
  },
  [0, 200, 600],
);

/** Units that are handed on all the time, by nodes that lose sight of each other and of the lease store. */
export const handover = placed(
  {
    name: 'cluster-handover',
    faults: {
      most: 28,
      weights: { partition: 12, cut: 4, slow: 1, storm: 1, poke: 2 },
      pokes: ['restart', 'ail'],
    },
    sometimes: [...SOMETIMES, 'counted esper_placement_states_outdated_total'],
  },
  [150, 300],
);

async function boot(life: SimLife, world: World<SimEvent>, pausesMs: readonly number[]): Promise<void> {
  const { ports, node } = life;
  const { clock, log, metrics } = ports;
  const leases = life.leases;
  const watch = new UnitWatch(life);
  const placed = openPlacement({
    name: node.name,
    clock,
    log,
    metrics,
    leases,
    factories: Object.fromEntries(
      NAMES.map((name) => [name, watch.of(ailing(counterUnit(life, world, 80), life, world))]),
    ),
    facts: () => facts(node.name),
    plan: { generation: 1, units: [...UNITS] },
    limits: {
      lookMs: 200,
      bidMs: 200,
      startMs: 3_000,
      takeMs: 400,
      vacantMs: 200,
      backoffMs: [50, 400],
      intensity: 4,
      periodMs: 2_500,
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
  const spec = supervisor('esper', options, placed.children(watch.over(joined)));
  const system = await startSystem(spec, { ...ports, node: joined.node, remote: placed.side(joined) });
  systems.set(life, system);
  watch.begin(system, () => placed.facts().units);
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
  life.onPoke((what, by) => {
    if (what === 'ail') fallIll(world, life.worldMs(), by);
    command(commandOf(what, by));
  });
  keepCommanding(life, world, command, pausesMs);
  countAndWrite(life, world, system, { names: NAMES, untilMs: LOAD_MS });
}

function bootFailed(error: Error, _life: SimLife, world: World<SimEvent>): void {
  const code = codeOf(error);
  const known = ['NODE_JOIN_LATE', 'LEASES_UNREACHABLE'].includes(code);
  world.always('a start fails for a reason', known, `${code}: ${error.stack}`);
}

async function finish(world: World<SimEvent>): Promise<void> {
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
}

const ill = new WeakMap<World<SimEvent>, Map<string, number>>();
const illnesses = (world: World<SimEvent>): Map<string, number> => {
  const known = ill.get(world) ?? new Map<string, number>();
  ill.set(world, known);
  return known;
};

const unitBy = (by: number): string => NAMES[Math.floor(by * NAMES.length)] as string;

/** No node can start that unit for a while: it falls again and again, and is well when the load ends. */
function fallIll(world: World<SimEvent>, nowMs: number, by: number): void {
  illnesses(world).set(unitBy(by), Math.min(LOAD_MS, nowMs + 4_000));
}

const ailing = (factory: UnitFactory, life: SimLife, world: World<SimEvent>): UnitFactory => ({
  ...factory,
  children: (start) => {
    if (life.worldMs() < (illnesses(world).get(start.unit) ?? 0)) throw new Error('it cannot start now');
    return factory.children(start);
  },
});

/** Somebody on each node keeps moving units about, more or less busily. @param pausesMs one for each world */
function keepCommanding(
  life: SimLife,
  world: World<SimEvent>,
  command: (given: PlacementCommand) => void,
  pausesMs: readonly number[],
): void {
  const pauseMs = oneOf(world.random.split('operators'), pausesMs);
  if (pauseMs === 0) return;
  const random = life.ports.random.split('operators');
  keepDoing(
    life.ports.clock,
    () => random.below(2 * pauseMs),
    () => {
      const unit = oneOf(random, NAMES);
      if (random.below(3) === 0) command({ do: 'restart', unit });
      else command({ do: 'move', unit, ...(random.below(2) === 0 ? {} : { to: oneOf(random, NODES) }) });
      return life.worldMs() < LOAD_MS;
    },
  );
}

/** Drained nodes are always the last: somebody must be left. */
function commandOf(what: string, by: number): PlacementCommand {
  const unit = unitBy(by);
  const last = NODES.at(-1) as string;
  if (what === 'drain' || what === 'uncordon' || what === 'leave') return { do: what, node: last };
  if (what === 'restart' || what === 'ail') return { do: 'restart', unit };
  return { do: 'move', unit, ...(by * 100 - Math.floor(by * 100) < 0.5 ? {} : { to: last }) };
}

const facts = (name: string) => ({
  labels: name === 'n1' ? [] : name === 'n3' ? ['big', 'rare'] : ['big'],
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
