/** Units in real threads on two nodes: asked by name from anywhere, and moved with what they know. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NetworkBus, openNetworkBus } from '../../../actors/oona/network-bus.ts';
import { engine } from '../../../config/engine.ts';
import type { Innovator } from '../../../config/hosts/innovators.ts';
import { hostPorts } from '../../../config/hosts/ports.ts';
import {
  CommandGiven,
  KernelCharacterized,
  KernelCompiled,
  KernelsQueried,
  type PlacementStatus,
  ProposalsWanted,
  StatusWanted,
  type UnitSpec,
} from '../../../contracts/index.ts';
import { randomStream } from '../../../contracts/random-stream.ts';
import { memoryBroker } from '../../../runtime/adapters/memory/broker.ts';
import { nodeClock } from '../../../runtime/adapters/node/clock.ts';
import {
  type ActorSystem,
  joinCluster,
  openPlacement,
  placedRef,
  startSystem,
  stewardRef,
  supervisor,
} from '../../../runtime/index.ts';
import { certificateFor, kernelFor } from '../../actors/urza/examples.ts';
import { node as factsOf, unit } from '../../runtime/placement/facts.ts';
import { fieldReport } from '../../support/field-report.ts';

const built = new URL('../../../dist/config/cluster/innovation-unit.js', import.meta.url);
const { innovationUnit } = (await import(
  built.href
)) as typeof import('../../../config/cluster/innovation-unit.ts');

const PATIENCE_MS = 60_000;
const home = mkdtempSync(join(tmpdir(), 'esper-move-'));
const units: readonly Innovator[] = ['karn', 'urza'];
const plan = { generation: 1, units: units.map((name): UnitSpec => unit(name)) };
const broker = memoryBroker({ clock: nodeClock(), random: randomStream(1).split('broker') });
const nodes: { readonly system: ActorSystem; readonly bus: NetworkBus }[] = [];

async function startNode(name: string) {
  const ports = hostPorts(name, join(home, `${name}.log`));
  const systemPorts = await ports.system(0);
  const [transport, leases] = [broker.connect(name), broker.leases(name)];
  const brokerSide = { transport, streams: broker.streams(name), services: broker.services(name) };
  let bus: NetworkBus | null = null;
  const options = {
    bus: () => bus as NetworkBus,
    ports,
    home: join(home, name),
    logFile: join(home, `${name}.log`),
    run: null,
    tell: () => {},
  };
  const { v: _v, able: _a, units: _u, warm: _w, cordoned: _c, name: _n, ...machine } = factsOf(name);
  const placement = openPlacement({
    ...ports,
    name,
    leases,
    plan,
    factories: Object.fromEntries(units.map((actor) => [actor, innovationUnit(actor, [actor], options)])),
    facts: () => machine,
  });
  const cluster = await joinCluster({
    ...ports,
    random: systemPorts.random,
    transport,
    leases,
    node: { name },
    protocol: 'one',
    inventory: () => placement.inventory(),
  });
  bus = await openNetworkBus(
    { ...ports, ...brokerSide },
    { node: name, epoch: cluster.node.epoch, prefix: 'esper' },
  );
  const limits = { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 } as const;
  const system = await startSystem(supervisor('esper', limits, [...placement.children(cluster)]), {
    ...systemPorts,
    node: cluster.node,
    remote: placement.side(cluster),
  });
  nodes.push({ system, bus });
}

const on = (index: number): ActorSystem => (nodes[index] as { system: ActorSystem }).system;

async function whereIs(name: string): Promise<string> {
  const status = await stewardRef(on(0)).ask<PlacementStatus>(StatusWanted.of({}), { withinMs: 5_000 });
  const found = status.units.find((one) => one.unit === name);
  return found?.state === 'running' ? found.node : '';
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    if (await isSo().catch(() => false)) return;
    await pause(50);
  }
  throw new Error('it did not come about');
}

async function move(name: string): Promise<void> {
  const to = (await whereIs(name)) === 'n1' ? 'n2' : 'n1';
  await stewardRef(on(0)).ask(CommandGiven.of({ command: { do: 'move', unit: name, to } }), {
    withinMs: 5_000,
  });
  await until(async () => (await whereIs(name)) === to);
}

const wanted = ProposalsWanted.of({
  requestId: 'r-1',
  activation: 'relu',
  rows: 'vector',
  families: [],
  spans: ['layer'],
  poisoned: 0,
});
const culled = (blueprintId: string, seedId: string) => fieldReport({ blueprintId, seedId });
const ask = <A>(index: number, name: string, message: { readonly type: string }): Promise<A> =>
  placedRef(on(index), name).ask<A>(message, { withinMs: 10_000 });

beforeAll(async () => {
  await startNode('n1');
  await startNode('n2');
  await until(async () => (await whereIs('karn')) !== '' && (await whereIs('urza')) !== '');
}, PATIENCE_MS * 2);
afterAll(async () => {
  for (const { system, bus } of nodes) {
    await system.stop('done');
    bus.close();
  }
  rmSync(home, { recursive: true, force: true });
});

describe('a unit in a thread', () => {
  it('is asked by name from every node', async () => {
    const any = KernelsQueried.of({
      kernelId: null,
      families: [],
      spans: [],
      requiredTags: [],
      excludedTags: [],
    });

    expect(await Promise.all([0, 1].map((node) => ask(node, 'urza', any)))).toEqual([[], []]);
  });

  it('refuses what is not for it, and nobody but its own node can make it give its state away', async () => {
    await expect(ask(0, 'urza', { type: 'urza.nonsense' })).rejects.toMatchObject({
      details: { refused: 'UNIT_MAIL_UNKNOWN' },
    });
    for (const node of [0, 1])
      await expect(ask(node, 'karn', { type: 'unit.state.taken' })).rejects.toMatchObject({
        details: { refused: 'UNIT_NOT_YOURS' },
      });
  });

  it('takes along what it has learned, from node to node and back', async () => {
    const before = await ask<{ proposed: number; skipped: number }>(0, 'karn', wanted);
    await ask(0, 'karn', culled('widen-4-relu', 's1'));
    await ask(1, 'karn', culled('widen-4-relu', 's2'));
    const learned = { proposed: before.proposed - 1, skipped: before.skipped + 1 };
    expect(await ask(1, 'karn', wanted)).toEqual(learned);

    await move('karn');
    expect(await ask(0, 'karn', wanted)).toEqual(learned);
    await move('karn');
    expect(await ask(1, 'karn', wanted)).toEqual(learned);
  });

  it('takes along a library that is many messages long', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `widen-${i}`);
    const kernels = names.map((id) => {
      const { blueprint, ...rest } = kernelFor(id);
      return { ...rest, blueprint: { ...blueprint, description: id.repeat(10_000) } };
    });
    for (const [i, kernel] of kernels.entries()) {
      const certificate = { ...certificateFor(names[i] as string), kernelId: kernel.kernelId };
      await ask(0, 'urza', KernelCompiled.of({ requestId: 'r-2', kernel, parents: [] }));
      await ask(1, 'urza', KernelCharacterized.of({ requestId: 'r-2', certificate, engine }));
    }
    expect(JSON.stringify(kernels).length).toBeGreaterThan(800_000);
    await move('urza');

    for (const kernel of kernels) {
      const of = KernelsQueried.of({
        ...{ families: [], spans: [], requiredTags: [], excludedTags: [] },
        kernelId: kernel.kernelId,
      });
      expect(await ask(1, 'urza', of)).toMatchObject([{ kernel }]);
    }
  });
});
