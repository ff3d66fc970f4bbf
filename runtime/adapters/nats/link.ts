/** All that one node needs from a NATS server, over one connection. */
import type { Leases } from '../../ports/leases.ts';
import type { Services } from '../../ports/services.ts';
import type { Streams } from '../../ports/streams.ts';
import type { Transport } from '../../ports/transport.ts';
import { dial } from './connect.ts';
import { Connection } from './connection.ts';
import { natsLeases } from './leases.ts';
import type { NatsOptions } from './options.ts';
import { natsServices } from './services.ts';
import { natsStreams } from './streams.ts';
import { natsTransport } from './transport.ts';

export interface NatsLink {
  readonly transport: Transport;
  readonly leases: Leases;
  readonly streams: Streams;
  readonly services: Services;
  readonly serverVersion: string;
  /** Says the last words that are under way, and lets go of the server. Twice is harmless. */
  close(): Promise<void>;
}

/**
 * Connects, and stays connected: an outage is waited for, however long it lasts. The caller closes the link.
 * @throws NATS_URL_INVALID, NATS_OPTIONS_INVALID, NATS_UNREACHABLE (retryable), NATS_AUTH_REFUSED, NATS_TLS_REFUSED,
 * NATS_SERVER_TOO_OLD, NATS_NO_JETSTREAM
 */
export async function openNats(options: NatsOptions): Promise<NatsLink> {
  const { clock, log, metrics, cluster = 'esper', maxBytes, answerMs = 1_500 } = options;
  const { nc, inboxPrefix } = await dial(options);
  const connection = new Connection({
    nc,
    inboxPrefix,
    clock,
    log,
    metrics,
    cluster,
    answerMs,
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
  return {
    transport: natsTransport(connection),
    leases: natsLeases(connection),
    streams: natsStreams(connection),
    services: natsServices(connection),
    serverVersion: nc.info?.version ?? '',
    close: () => connection.close(),
  };
}
