/** A data set that is read before it is known whether anybody will ask for it. */
import type { TaskConfig } from '../../contracts/index.ts';
import type { Dataset, DatasetEnv } from './dataset.ts';
import { loadDataset } from './load.ts';

type Load = (task: TaskConfig, env: DatasetEnv) => Promise<Dataset>;

/**
 * Begins to read; whoever asks the returned loader for the same gets what was read, or what went wrong then. Anything
 * else it reads anew.
 */
export function loadAhead(task: TaskConfig, env: DatasetEnv): Load {
  const begun = loadDataset(task, env);
  begun.catch(() => undefined); // whoever asks hears of it; nobody may
  const key = keyOf(task, env);
  return (asked, where) => (keyOf(asked, where) === key ? begun : loadDataset(asked, where));
}

const keyOf = (task: TaskConfig, { dataDirs, seed }: DatasetEnv) => JSON.stringify([task, dataDirs, seed]);
