/** A node's way to its broker: with the keys of its cluster nobody comes in under its name, and no stranger's word is heard. */
import { EsperError } from '../../contracts/index.ts';
import { type NatsLink, openNats } from '../../runtime/adapters/nats/link.ts';
import { hmacSeal } from '../../runtime/adapters/node/seal.ts';
import type { Clock, Log, Metrics } from '../../runtime/index.ts';
import { SealedTransport } from '../../runtime/remote/sealed-transport.ts';
import type { NodeKeys } from '../keys/node-keys.ts';

export interface LinkOptions {
  /** Address of the broker; `tls://` for one that speaks TLS. */
  readonly nats: string;
  /** Of the node: its user has the same. */
  readonly name: string;
  readonly cluster: string;
  /** Null: whoever reaches the broker is believed. */
  readonly keys: NodeKeys | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** The caller closes it. @throws NATS_UNREACHABLE, NATS_AUTH_REFUSED, NATS_TLS_REFUSED, NATS_OPTIONS_INVALID */
export async function openLink({ nats, keys, ...rest }: LinkOptions): Promise<NatsLink> {
  if (keys === null) return withoutKeys({ servers: nats, ...rest });
  const tls = nats.includes('tls://') ? { tls: keys.tls } : {};
  const link = await openNats({ servers: nats, ...rest, auth: keys.auth, ...tls });
  return { ...link, transport: new SealedTransport(link.transport, hmacSeal(keys.secret), rest.metrics) };
}

async function withoutKeys(options: Parameters<typeof openNats>[0]): Promise<NatsLink> {
  try {
    return await openNats(options);
  } catch (thrown) {
    if (!(thrown instanceof EsperError) || !WANTS_KEYS.has(thrown.code)) throw thrown;
    const { code, message, details } = thrown;
    const hint =
      'this node was given no keys: name the folder of those the cluster was made with, --keys <dir>';
    throw new EsperError(code, message, { ...details }, { cause: thrown, hint });
  }
}

const WANTS_KEYS: ReadonlySet<string> = new Set(['NATS_AUTH_REFUSED', 'NATS_TLS_REFUSED']);
