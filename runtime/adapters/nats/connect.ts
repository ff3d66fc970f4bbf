/** Dials a NATS server and says in plain words why that did not work. */
import { connect, type NatsConnection } from 'nats';
import { EsperError } from '../../../contracts/failure.ts';
import { clientOptions, type NatsOptions } from './options.ts';

const OLDEST = [2, 9] as const;

/**
 * @throws NATS_URL_INVALID, NATS_OPTIONS_INVALID, NATS_UNREACHABLE (retryable), NATS_AUTH_REFUSED, NATS_TLS_REFUSED,
 * NATS_SERVER_TOO_OLD, NATS_NO_JETSTREAM
 */
export async function dial(options: NatsOptions): Promise<{ nc: NatsConnection; inboxPrefix: string }> {
  const wanted = clientOptions(options);
  let nc: NatsConnection;
  try {
    nc = await connect(wanted);
  } catch (thrown) {
    throw explained(thrown, wanted.servers.join(', '));
  }
  const unfit = unfitness(nc.info?.version ?? '', nc.info?.jetstream === true);
  if (unfit === null) return { nc, inboxPrefix: wanted.inboxPrefix };
  await nc.close();
  throw unfit;
}

/** Why a server cannot be used, or null. */
export function unfitness(version: string, jetstream: boolean): EsperError | null {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10) || 0);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    return new EsperError(
      'NATS_SERVER_TOO_OLD',
      `the NATS server is ${version || 'of an unknown version'}; ${OLDEST.join('.')} is the oldest that works`,
      { version },
      { hint: 'Install a newer nats-server, or name another with NATS_SERVER_BIN.' },
    );
  }
  if (jetstream) return null;
  return new EsperError(
    'NATS_NO_JETSTREAM',
    'the NATS server keeps no streams',
    { version },
    { hint: 'Start it with -js, or with a jetstream block in its configuration.' },
  );
}

/** @param address hosts and ports only */
function explained(thrown: unknown, address: string): EsperError {
  const { code = '', message = '' } = thrown as { code?: string; message?: string };
  if (['AUTHORIZATION_VIOLATION', 'BAD_AUTHENTICATION', 'AUTHENTICATION_EXPIRED'].includes(code)) {
    return new EsperError(
      'NATS_AUTH_REFUSED',
      `the NATS server at ${address} refuses these credentials`,
      { address },
      { hint: 'Check user, password, token or nkey seed against the configuration of the server.' },
    );
  }
  if (isTls(code, message)) {
    return new EsperError(
      'NATS_TLS_REFUSED',
      `no secure connection to the NATS server at ${address} came about`,
      { address, reason: code || message },
      { hint: 'Check that both sides use TLS, and that each trusts the authority of the other.' },
    );
  }
  return new EsperError(
    'NATS_UNREACHABLE',
    `no NATS server answers at ${address}`,
    { address, reason: code },
    { hint: 'Start the server, or correct its address (NATS_URL).', retryable: true },
  );
}

const isTls = (code: string, message: string) =>
  ['TLS', 'SERVER_OPT_NA'].includes(code) ||
  /CERT|SSL|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code) ||
  /\btls\b/i.test(message);
