/** Servers that are killed and come back where their clients look for them: on a port that nobody is given meanwhile. */
import { readFileSync } from 'node:fs';
import {
  type NatsServer,
  type NatsServerOptions,
  startNatsServer,
} from '../../../../runtime/adapters/nats/server.ts';
import { onSamePort, onSteadyPort } from '../../../cluster/steady-port.ts';

type Options = Omit<NatsServerOptions, 'port'>;

const tries = (options: Options) => ({
  start: (port: number) => startNatsServer({ ...options, port }),
  taken: isTaken,
});

/** What a server logs last when another has its port. */
const TAKEN = /address already in use"\s*$/;

function isTaken(error: unknown): boolean {
  const { code, details } = error as { code?: unknown; details?: { log?: string } };
  return code === 'NATS_SERVER_FAILED' && TAKEN.test(readFileSync(details?.log ?? '', 'utf8'));
}

/** @throws like `startNatsServer` */
export const startSteadyServer = (options: Options): Promise<NatsServer> => onSteadyPort(tries(options));

/** On the port it had. @throws like `startNatsServer`, or when the port is taken for 10 s */
export const reviveServer = (port: number, options: Options): Promise<NatsServer> =>
  onSamePort(port, tries(options));
