/** Somebody outside of all nodes, with a key of their own: asks for kernels, and hears what the nodes publish. */
import { type NetworkBus, openNetworkBus } from '../../actors/oona/network-bus.ts';
import { ensureKeys } from '../../config/keys/local-keys.ts';
import { readNodeKeys } from '../../config/keys/node-keys.ts';
import type { PlacementFile } from '../../config/placement/plan.ts';
import { memoryMetrics } from '../../runtime/adapters/memory/metrics.ts';
import { openNats } from '../../runtime/adapters/nats/link.ts';
import { nodeClock } from '../../runtime/adapters/node/clock.ts';
import { nodeHasher } from '../../runtime/adapters/node/hasher.ts';
import { nodeIds } from '../../runtime/adapters/node/ids.ts';
import { hmacSeal } from '../../runtime/adapters/node/seal.ts';
import { pinoLog } from '../../runtime/adapters/pino/log.ts';
import type { Clock } from '../../runtime/index.ts';
import { SealedTransport } from '../../runtime/remote/sealed-transport.ts';
import { Origins } from './origins.ts';

export const CUSTOMER = 'customer';

export interface Customer {
  readonly bus: NetworkBus;
  readonly clock: Clock;
  readonly origins: Origins;
  /** What this customer's ids begin with. */
  readonly life: number;
  close(): Promise<void>;
}

/** Keys for all nodes and the customer, before anybody else makes them for the nodes alone. */
export const keysWithCustomer = (folder: string, { cluster, nodes }: PlacementFile, nowMs: number) =>
  ensureKeys({ folder, cluster, nodes: [...nodes.map(({ name }) => name), CUSTOMER], nowMs });

/** @param keys folder; null for a broker that asks for none. The caller closes it. */
export async function openCustomer(nats: string, cluster: string, keys: string | null): Promise<Customer> {
  const [clock, ids, metrics, log] = [nodeClock(), nodeIds(), memoryMetrics(), pinoLog({ level: 'error' })];
  const mine = keys === null ? null : await readNodeKeys(keys, CUSTOMER, cluster);
  const proof = mine === null ? {} : { auth: mine.auth, tls: mine.tls };
  const raw = await openNats({ servers: nats, name: CUSTOMER, cluster, clock, log, metrics, ...proof });
  const transport =
    mine === null ? raw.transport : new SealedTransport(raw.transport, hmacSeal(mine.secret), metrics);
  const life = Math.floor(clock.wallMs() / 1000);
  const bus = await openNetworkBus(
    { ...raw, transport, clock, hasher: nodeHasher(), ids, log, metrics },
    { node: CUSTOMER, epoch: life, prefix: cluster },
  );
  const origins = new Origins(raw.transport, cluster);
  return {
    bus,
    clock,
    origins,
    life,
    async close() {
      origins.close();
      bus.close();
      await raw.close();
    },
  };
}
