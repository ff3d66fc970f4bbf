/** Where data is looked for and kept, from the command line and the environment. */
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface DataFolders {
  /** Searched in this order; the cache is the last. */
  readonly dataDirs: readonly string[];
  readonly cacheDir: string;
}

/**
 * `--data-dir`, else ESPER_DATA_DIR (several parted as in PATH), then the cache: ESPER_CACHE_DIR, else the user's own.
 *
 * @param flag what `--data-dir` said
 */
export function dataFolders(env: Readonly<Record<string, string | undefined>>, flag?: string): DataFolders {
  const named = flag ?? env.ESPER_DATA_DIR ?? '';
  const userCache = join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'esper');
  const cacheDir = join(env.ESPER_CACHE_DIR || userCache, 'data');
  return { dataDirs: [...named.split(delimiter).filter((dir) => dir !== ''), cacheDir], cacheDir };
}
