import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type NetworkBus, openNetworkBus } from '../../../actors/oona/network-bus.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import { type NatsLink, openNats } from '../../../runtime/adapters/nats/link.ts';
import type { NatsServer } from '../../../runtime/adapters/nats/server.ts';
import { nodeClock } from '../../../runtime/adapters/node/clock.ts';
import { nodeHasher } from '../../../runtime/adapters/node/hasher.ts';
import { nodeIds } from '../../../runtime/adapters/node/ids.ts';
import type { BusMessage } from '../../../runtime/index.ts';
import { type BusWorld, busContract, LINE } from '../../actors/oona/bus.contract.ts';
import { reviveServer, startSteadyServer } from '../nats/support/steady-server.ts';

const PATIENCE_MS = 20_000;
const storeDir = mkdtempSync(join(tmpdir(), 'oona-'));
let server: NatsServer;
let clusters = 0;

beforeAll(async () => {
  server = await startSteadyServer({ storeDir });
});
afterAll(async () => {
  await server.stop();
  rmSync(storeDir, { recursive: true, force: true });
});

async function reach(holds: () => boolean): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!holds() && performance.now() < until) await pause(10);
  expect(holds()).toBe(true);
}

async function openNode(cluster: string, node: string, options: { readonly defaultLimit?: number } = {}) {
  const ports = {
    clock: nodeClock(),
    hasher: nodeHasher(),
    ids: nodeIds(),
    log: memoryLog(),
    metrics: memoryMetrics(),
  };
  const link: NatsLink = await openNats({ ...ports, servers: [server.url], name: node, cluster });
  const bus: NetworkBus = await openNetworkBus(
    { ...ports, ...link },
    { node, epoch: 1, prefix: cluster, queueLimits: [], ...options },
  );
  const close = async () => {
    bus.close();
    await link.close();
  };
  return { bus, close };
}

async function natsWorld(): Promise<BusWorld> {
  const cluster = `bus${++clusters}`;
  const one = await openNode(cluster, 'one', { defaultLimit: LINE });
  const other = await openNode(cluster, 'other', { defaultLimit: LINE });
  return {
    one: one.bus,
    other: other.bus,
    counters: () => other.bus.counters(),
    reach,
    pass: async (ms) => pause(ms),
    end: async () => {
      await one.close();
      await other.close();
    },
  };
}

describe('the bus over a NATS server', () =>
  busContract(natsWorld, { plain: 'system.test', critical: 'compilation.test' }));

describe('critical messages', () => {
  it('outlive a server that is killed under load: none is lost, none has its effect twice', async () => {
    const cluster = `bus${++clusters}`;
    const one = await openNode(cluster, 'one');
    const two = await openNode(cluster, 'two');
    const heard: number[] = [];
    const hear = ({ body }: BusMessage) => void heard.push((body as unknown as { n: number }).n);
    two.bus.subscribe('compilation.job', hear, { queue: 'karn' });
    let next = 0;
    const load = async (ms: number) => {
      for (const until = performance.now() + ms; performance.now() < until; await pause(10))
        for (let i = 0; i < 5; i++)
          expect(one.bus.publish('compilation.job', { type: 'said', v: 1, n: next++ } as never)).toBe(true);
    };
    await load(300);
    const { port } = server;
    await server.kill9();
    await load(1_000);
    server = await reviveServer(port, { storeDir });
    await load(500);
    await reach(() => heard.length >= next);
    await pause(500);

    expect(heard.toSorted((a, b) => a - b)).toEqual(Array.from({ length: next }, (_, n) => n));
    expect(one.bus.network()).toMatchObject({ waiting: 0, refused: 0 });
    await one.close();
    await two.close();
  });
});
