/** Buses for tests: in one process, over threads, and over a broker in memory, all on a clock that tests move. */
import { expect } from 'vitest';
import { InProcessBus } from '../../../actors/oona/in-process-bus.ts';
import { NetworkBus, type NetworkBusOptions } from '../../../actors/oona/network-bus.ts';
import { serveThreadBus } from '../../../actors/oona/serve-thread-bus.ts';
import { ThreadBus } from '../../../actors/oona/thread-bus.ts';
import { randomStream } from '../../../contracts/index.ts';
import { type BrokerOptions, memoryBroker } from '../../../runtime/adapters/memory/broker.ts';
import { type MemoryClock, memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memoryIds } from '../../../runtime/adapters/memory/ids.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import { linkPair } from '../../../runtime/adapters/memory/threads.ts';
import { nodeHasher } from '../../../runtime/adapters/node/hasher.ts';
import { type BusWorld, LINE } from './bus.contract.ts';

/** Milliseconds a test waits for what must come. */
const PATIENCE_MS = 60_000;

/** Moves the clock until something holds. */
export const reaching = (clock: MemoryClock) => async (holds: () => boolean) => {
  for (let ms = 0; ms < PATIENCE_MS && !holds(); ms += 20) await clock.advance(20);
  expect(holds()).toBe(true);
};

export async function inProcessWorld(): Promise<BusWorld> {
  const clock = memoryClock();
  const bus = new InProcessBus({ clock, ids: memoryIds() }, { defaultLimit: LINE, queueLimits: [] });
  return {
    one: bus,
    other: bus,
    counters: () => bus.counters(),
    reach: reaching(clock),
    pass: (ms) => clock.advance(ms),
    end: async () => bus.close(),
  };
}

export async function threadWorld(): Promise<BusWorld> {
  const clock = memoryClock();
  const ports = { clock, ids: memoryIds(), log: memoryLog() };
  const node = new InProcessBus(ports, { defaultLimit: LINE, queueLimits: [] });
  const thread = () => {
    const { near, far } = linkPair(clock);
    serveThreadBus(near, node);
    return new ThreadBus(far, ports);
  };
  return {
    one: thread(),
    other: thread(),
    counters: () => node.counters(),
    reach: reaching(clock),
    pass: (ms) => clock.advance(ms),
    end: async () => node.close(),
  };
}

/** Nodes of one cluster over a broker in memory. */
export function memoryCluster(faults: Partial<BrokerOptions> = {}) {
  const clock = memoryClock();
  const broker = memoryBroker({ clock, random: randomStream('oona'), ...faults });
  const metrics = memoryMetrics();
  const log = memoryLog();
  const ids = memoryIds();
  let epoch = 0;
  const join = (node: string, options: Partial<NetworkBusOptions> = {}): NetworkBus =>
    new NetworkBus(
      {
        transport: broker.connect(node),
        streams: broker.streams(node),
        services: broker.services(node),
        clock,
        hasher: nodeHasher(),
        ids,
        log,
        metrics,
      },
      { node, epoch: ++epoch, ...options },
    );
  const ready = async (bus: NetworkBus) => {
    const made = bus.ensure();
    await clock.advance(100);
    await made;
    return bus;
  };
  return {
    clock,
    broker,
    metrics,
    log,
    reach: reaching(clock),
    join: async (node: string, options: Partial<NetworkBusOptions> = {}) => ready(join(node, options)),
  };
}

export async function networkWorld(): Promise<BusWorld> {
  const { clock, reach, join } = memoryCluster();
  const options = { defaultLimit: LINE, queueLimits: [] };
  const one = await join('one', options);
  const other = await join('other', options);
  return {
    one,
    other,
    counters: () => other.counters(),
    reach,
    pass: (ms) => clock.advance(ms),
    end: async () => {
      one.close();
      other.close();
    },
  };
}
