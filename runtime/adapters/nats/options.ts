/** What somebody says about the NATS server to use, checked and put into the words of the client library. */
import { type ConnectionOptions, nkeyAuthenticator, nkeys, type TlsOptions } from 'nats';
import { EsperError } from '../../../contracts/failure.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Metrics } from '../../ports/metrics.ts';

export type NatsAuth =
  /** Of an nkey: begins with `SU`. */
  | { readonly seed: string }
  | { readonly user: string; readonly password: string }
  | { readonly token: string };

export interface NatsOptions {
  /** `nats://host:port` or `tls://host:port`, one or several of one cluster; user and password may stand in it. */
  readonly servers: string | readonly string[];
  /** Who this is, as the server's operator sees it. `[A-Za-z0-9_-]{1,64}`. */
  readonly name: string;
  /** What all subjects, the bucket and the streams of one cluster begin with; default `esper`. */
  readonly cluster?: string;
  readonly auth?: NatsAuth;
  /** Paths of PEM files. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Longest message to send, in bytes; never more than the server takes. */
  readonly maxBytes?: number;
  /** Milliseconds until a question to the server counts as not answered; default 1,500. */
  readonly answerMs?: number;
}

/** Of clusters, clients, durable consumers, services: safe in every subject and every file name. */
export const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/** A silent server is noticed after three of these at most. */
const PING_MS = 900;

/** @throws NATS_URL_INVALID, NATS_OPTIONS_INVALID: never with a secret in it */
export function clientOptions(
  options: NatsOptions,
): Omit<ConnectionOptions, 'servers'> & { readonly servers: string[]; readonly inboxPrefix: string } {
  const { name, cluster = 'esper', tls } = options;
  if (!NAME.test(name) || !NAME.test(cluster)) {
    throw invalid('the names of a client and of a cluster are 1 to 64 of A-Z, a-z, 0-9, - and _', {
      name,
      cluster,
    });
  }
  const urls = (typeof options.servers === 'string' ? options.servers.split(',') : options.servers).map(
    urlOf,
  );
  const [first] = urls;
  if (first === undefined) throw badUrl();
  const auth = options.auth ?? authIn(first);
  const secure = tls !== undefined || urls.some(({ protocol }) => protocol === 'tls:');
  return {
    servers: urls.map(({ host }) => host),
    name,
    // Nobody else may listen where this client's answers arrive.
    inboxPrefix: `_INBOX_${cluster}_${auth !== undefined && 'user' in auth ? tokenOf(auth.user) : name}`,
    maxReconnectAttempts: -1,
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 40,
    reconnectJitter: 40,
    reconnectJitterTLS: 40,
    pingInterval: PING_MS,
    maxPingOut: 2,
    timeout: 2_000,
    ignoreClusterUpdates: true,
    noAsyncTraces: true,
    ...(auth === undefined ? {} : login(auth)),
    ...(secure ? { tls: tlsOptions(tls ?? {}) } : {}),
  };
}

/** The user of a password is a word of the inbox only when a subject can hold it. */
const tokenOf = (user: string) => (NAME.test(user) ? user : 'user');

function login(auth: NatsAuth): Pick<ConnectionOptions, 'authenticator' | 'pass' | 'token' | 'user'> {
  if ('token' in auth) return { token: auth.token };
  if ('user' in auth) return { user: auth.user, pass: auth.password };
  const seed = new TextEncoder().encode(auth.seed.trim());
  try {
    nkeys.fromSeed(seed);
  } catch {
    throw invalid('the nkey seed cannot be read', {}); // the cause is left out: it may quote the seed
  }
  return { authenticator: nkeyAuthenticator(seed) };
}

const tlsOptions = ({ ca, cert, key }: NonNullable<NatsOptions['tls']>): TlsOptions => ({
  ...(ca === undefined ? {} : { caFile: ca }),
  ...(cert === undefined ? {} : { certFile: cert }),
  ...(key === undefined ? {} : { keyFile: key }),
});

function urlOf(text: string): URL {
  const whole = text.includes('://') ? text.trim() : `nats://${text.trim()}`;
  if (!URL.canParse(whole)) throw badUrl();
  const url = new URL(whole);
  if (!['nats:', 'tls:'].includes(url.protocol) || url.hostname === '') throw badUrl();
  if (url.port === '') url.port = '4222';
  return url;
}

function authIn({ username, password }: URL): NatsAuth | undefined {
  if (username === '') return undefined;
  const user = decoded(username);
  return password === '' ? { token: user } : { user, password: decoded(password) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl(); // the cause is left out: it may quote a password
  }
}

const invalid = (message: string, details: Record<string, unknown>) =>
  new EsperError('NATS_OPTIONS_INVALID', message, details, {
    hint: 'Correct what is said about the broker: names, keys and passwords.',
  });

/** Without the address, which may hold a password. */
const badUrl = () =>
  new EsperError(
    'NATS_URL_INVALID',
    'the address of the NATS server cannot be read',
    {},
    { hint: 'Write it like nats://127.0.0.1:4222, several joined by commas.' },
  );
