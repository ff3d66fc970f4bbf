/** A real server with keys that were made for it, and ways to come in. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyFiles } from '../../../config/keys/key-files.ts';
import { KEY_PATHS } from '../../../config/keys/paths.ts';
import { secretText } from '../../../config/keys/read-keys.ts';
import { writeKeys } from '../../../config/keys/write-keys.ts';
import { ADMIN_ROLES } from '../../../contracts/index.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import { type NatsLink, openNats, startNatsServer } from '../../../runtime/adapters/nats/index.ts';
import { nodeClock } from '../../../runtime/adapters/node/clock.ts';

export interface SecureServer {
  readonly folder: string;
  readonly url: string;
  stop(): Promise<void>;
}

/** Keys in a folder of their own, and a server that believes them. */
export async function secureServer(): Promise<SecureServer> {
  const folder = mkdtempSync(join(tmpdir(), 'esper-keys-'));
  const plan = { folder, cluster: 'esper', nodes: ['n1', 'n2'], hosts: [], roles: ADMIN_ROLES };
  await writeKeys(folder, await keyFiles({ ...plan, nowMs: Date.now() }), false);
  const config = readFileSync(join(folder, KEY_PATHS.serverConfig), 'utf8');
  const lines = config.slice(config.indexOf('tls {')).trimEnd().split('\n');
  const server = await startNatsServer({ storeDir: join(folder, 'server'), configLines: lines });
  return {
    folder,
    url: server.url.replace('nats:', 'tls:'),
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Comes in with the key of one user and the certificate of the same or another. */
export async function linkAs(
  { folder, url }: SecureServer,
  user: string,
  more: { readonly cert?: string | null; readonly name?: string; readonly ca?: string } = {},
): Promise<NatsLink> {
  const cert = more.cert === undefined ? user : more.cert;
  const at = (path: string) => join(folder, path);
  return openNats({
    servers: url,
    name: more.name ?? user,
    cluster: 'esper',
    auth: { seed: await secretText(at(KEY_PATHS.seed(user))) },
    tls: {
      ca: more.ca ?? at(KEY_PATHS.ca),
      ...(cert === null ? {} : { cert: at(KEY_PATHS.cert(cert)), key: at(KEY_PATHS.certKey(cert)) }),
    },
    clock: nodeClock(),
    log: memoryLog(),
    metrics: memoryMetrics(),
  });
}
