/** Nissa moves from node to node while everybody reports: she remembers all of it, each once, in order. */
import { expect, it } from 'vitest';
import type { Status } from '../../../actors/nissa/behaviour.ts';
import { NetworkBus } from '../../../actors/oona/network-bus.ts';
import { nissaUnit } from '../../../config/cluster/nissa-unit.ts';
import { randomStream, StatusRequested, TOPICS } from '../../../contracts/index.ts';
import type { MemoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memoryIds } from '../../../runtime/adapters/memory/ids.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import { nodeHasher } from '../../../runtime/adapters/node/hasher.ts';
import {
  type Message,
  placedRef,
  type Ref,
  startSystem,
  supervisor,
  type UnitFactory,
  type UnitStart,
} from '../../../runtime/index.ts';
import { memoryCluster } from '../../actors/oona/worlds.ts';
import { unit } from '../../runtime/placement/facts.ts';
import { type PlacedNode, placedNodes } from '../../runtime/placement/nodes.ts';
import { meanwhile } from '../../runtime/remote/nodes.ts';
import { fieldReport } from '../../support/field-report.ts';

const report = (seedId: string) => fieldReport({ seedId });

async function cluster() {
  const buses = new Map<string, NetworkBus>();
  const world = placedNodes({ generation: 1, units: [unit('nissa')] }, (node) => ({
    nissa: nissaUnit('nissa', { bus: () => buses.get(node) as NetworkBus, tell: () => {} }),
  }));
  const { broker, clock } = world;
  const ids = memoryIds();
  const all: PlacedNode[] = [];
  for (const [place, name] of ['n1', 'n2'].entries()) {
    const line = `${name}-bus`;
    const bus = new NetworkBus(
      {
        transport: broker.connect(line),
        streams: broker.streams(line),
        services: broker.services(line),
        ...{ clock, ids, hasher: nodeHasher(), log: memoryLog(), metrics: memoryMetrics() },
      },
      { node: line, epoch: place + 1 },
    );
    buses.set(name, bus);
    await meanwhile(clock, bus.ensure());
    all.push(await world.start(name));
  }
  const home = () => world.running(all, 'nissa')[0] ?? '';
  await world.until(() => home() !== '');
  const [first] = all as [PlacedNode, PlacedNode];
  const status = () =>
    meanwhile(
      clock,
      placedRef<StatusRequested>(first.system, 'nissa').ask<Status>(StatusRequested.of({ limit: 500 }), {
        withinMs: 5_000,
      }),
    );
  return { ...world, first, home, seen: status, bus: buses.get('n1') as NetworkBus };
}

it('no report is lost, doubled or overtaken, and counters go on', async () => {
  const { first, home, seen, bus, clock, command, until } = await cluster();
  const said: string[] = [];
  const say = async (count: number) => {
    for (let i = 0; i < count; i++) {
      const seedId = `s${said.length}`;
      said.push(seedId);
      expect(bus.publish(TOPICS.fieldReports, report(seedId))).toBe(true);
      await clock.advance(5);
    }
  };
  await say(50);
  for (let move = 0; move < 3; move++) {
    const to = home() === 'n1' ? 'n2' : 'n1';
    await command(first, { do: 'move', unit: 'nissa', to });
    await say(60);
    await until(() => home() === to);
  }
  await clock.advance(10_000);
  const { reports, counters } = await seen();

  expect(reports.map(({ seedId }) => seedId)).toEqual(said);
  expect(counters['esper_field_reports_total{outcome=CULLED}']).toBe(said.length);
});

/** One tenure of the unit on a node, with what it was given. */
async function tenure({ clock, bus, given }: { clock: MemoryClock; bus: NetworkBus; given: unknown }) {
  const factory = nissaUnit('nissa', { bus: () => bus, tell: () => {} });
  const held = { epoch: 1 } as unknown as UnitStart['held'];
  const one = { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 } as const;
  const tree = supervisor('esper', one, [
    supervisor('units', one, [supervisor('nissa', one, factory.children({ unit: 'nissa', held, given }))]),
  ]);
  const ports = { clock, ids: memoryIds(), metrics: memoryMetrics(), log: memoryLog() };
  const system = await startSystem(tree, { ...ports, random: randomStream(1) });
  const door = system.ref<Message>('esper/units/nissa/nissa');
  return {
    take: (from: Ref<Message> = door) =>
      meanwhile(clock, (factory.handover as NonNullable<UnitFactory['handover']>).take(from, 1_000)),
    reports: async () =>
      (
        await meanwhile(
          clock,
          (door as Ref<StatusRequested>).ask<Status>(StatusRequested.of({ limit: 500 }), { withinMs: 1_000 }),
        )
      ).reports.map(({ seedId }) => seedId),
    stop: () => meanwhile(clock, system.stop('it moves')),
  };
}

it('what comes after she has given her state away is for the next tenure', async () => {
  const { clock, join } = memoryCluster();
  const [bus, other] = [await join('one'), await join('two')];
  const first = await tenure({ clock, bus, given: undefined });
  bus.publish(TOPICS.fieldReports, report('before'));
  await clock.advance(1_000);
  const given = await first.take();
  bus.publish(TOPICS.fieldReports, report('between'));
  await clock.advance(1_000);
  expect(await first.reports()).toEqual(['before']);
  await first.stop();
  const next = await tenure({ clock, bus: other, given });
  bus.publish(TOPICS.fieldReports, report('after'));
  await clock.advance(20_000);

  expect(await next.reports()).toEqual(['before', 'between', 'after']);
});

it('she hears again when she could not give it away', async () => {
  const { clock, join } = memoryCluster();
  const bus = await join('one');
  const unit = await tenure({ clock, bus, given: undefined });
  const busy = { ask: () => Promise.reject(new Error('too busy')) } as unknown as Ref<Message>;
  await expect(unit.take(busy)).rejects.toThrow('too busy');
  bus.publish(TOPICS.fieldReports, report('later'));
  await clock.advance(20_000);

  expect(await unit.reports()).toEqual(['later']);
});
