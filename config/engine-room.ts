/** Which backend a process opens, and with how much memory: the configuration, and what the environment adds to it. */
import { BACKEND_CHOICES, type BackendChoice, EsperError } from '../contracts/index.ts';
import { nearest } from './did-you-mean.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface EngineRoom {
  readonly choice: BackendChoice;
  /** Bytes of tensors that may exist at once, where somebody set a limit. */
  readonly maxBytes: number | undefined;
}

/**
 * `ESPER_BACKEND` speaks where the configuration says `auto`; `ESPER_MEMORY_MB` limits the tensors.
 * @throws CONFIG_ENVIRONMENT_INVALID
 */
export function engineRoom(configured: BackendChoice, env: Environment): EngineRoom {
  const wish = env.ESPER_BACKEND || 'auto';
  const named = BACKEND_CHOICES.find((choice) => choice === wish);
  if (named === undefined) {
    const guess = nearest(wish, BACKEND_CHOICES);
    throw invalid('ESPER_BACKEND', wish, guess ? `did you mean ${guess}?` : BACKEND_CHOICES.join(', '));
  }
  return { choice: configured === 'auto' ? named : configured, maxBytes: bytesOf(env.ESPER_MEMORY_MB) };
}

function bytesOf(megabytes: string | undefined): number | undefined {
  if (!megabytes) return undefined;
  const count = Number(megabytes);
  if (count > 0) return count * 1e6;
  throw invalid('ESPER_MEMORY_MB', megabytes, 'a number of megabytes above 0');
}

const invalid = (name: string, value: string, hint: string) =>
  new EsperError('CONFIG_ENVIRONMENT_INVALID', `${name}=${value} means nothing`, { name, value }, { hint });
