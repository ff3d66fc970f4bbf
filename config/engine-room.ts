/** Which backend a process opens, and with how much memory: the configuration, and what the environment adds to it. */
import { BACKEND_CHOICES, type BackendChoice, EsperError } from '../contracts/index.ts';
import { nearest } from './did-you-mean.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface EngineRoom {
  readonly choice: BackendChoice;
  /** Bytes of tensors that may exist at once, where somebody set a limit. */
  readonly maxBytes: number | undefined;
  /** Threads that one step may use; the bits are the same. */
  readonly threads: 1 | 2;
  /** OpenBLAS for dense products, where it was asked for: `library` is its path, if not the usual one. */
  readonly blas: { readonly library: string | undefined } | null;
}

/**
 * `ESPER_BACKEND` speaks where the configuration says `auto`, and when a run goes on, for the backend of its beginning
 * may be gone; `ESPER_MEMORY_MB` limits the tensors; `ESPER_THREADS=1`
 * keeps a step on one thread; `ESPER_BLAS`, 1 or the path of a library, asks for OpenBLAS.
 * @param goesOn the configuration is that of a run which began earlier
 * @throws CONFIG_ENVIRONMENT_INVALID
 */
export function engineRoom(configured: BackendChoice, env: Environment, goesOn = false): EngineRoom {
  const wish = env.ESPER_BACKEND || 'auto';
  const named = BACKEND_CHOICES.find((choice) => choice === wish);
  if (named === undefined) {
    const guess = nearest(wish, BACKEND_CHOICES);
    throw invalid('ESPER_BACKEND', wish, guess ? `did you mean ${guess}?` : BACKEND_CHOICES.join(', '));
  }
  const heard = configured === 'auto' || (goesOn && named !== 'auto');
  return {
    choice: heard ? named : configured,
    maxBytes: bytesOf(env.ESPER_MEMORY_MB),
    threads: threadsOf(env.ESPER_THREADS),
    blas: blasOf(env.ESPER_BLAS),
  };
}

function threadsOf(wish: string | undefined): 1 | 2 {
  if (!wish || wish === '2') return 2;
  if (wish === '1') return 1;
  throw invalid('ESPER_THREADS', wish, '1 or 2: a step is never spread over more');
}

function blasOf(wish: string | undefined): EngineRoom['blas'] {
  if (!wish || wish === '0') return null;
  return { library: wish === '1' ? undefined : wish };
}

function bytesOf(megabytes: string | undefined): number | undefined {
  if (!megabytes) return undefined;
  const count = Number(megabytes);
  if (count > 0) return count * 1e6;
  throw invalid('ESPER_MEMORY_MB', megabytes, 'a number of megabytes above 0');
}

const invalid = (name: string, value: string, hint: string) =>
  new EsperError('CONFIG_ENVIRONMENT_INVALID', `${name}=${value} means nothing`, { name, value }, { hint });
