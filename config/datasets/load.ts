/** From a task's name to its three tables: made, or read from the first folder that has the files. */
import { EsperError, type TaskConfig } from '../../contracts/index.ts';
import { CATALOGUE, type CatalogueEntry } from './catalogue.ts';
import type { Dataset, DatasetEnv } from './dataset.ts';
import { loadMoons, loadParity, loadTeacherStudent, loadTwoSpirals } from './generated.ts';
import { loadCifar, loadIdx } from './images.ts';
import { loadCsv, loadIris, loadOptdigits } from './tables.ts';

/** The task's own folder comes first among `env.dataDirs`. */
type Loader = (task: TaskConfig, env: DatasetEnv, entry: CatalogueEntry) => Dataset | Promise<Dataset>;

const LOADERS: Readonly<Record<string, Loader>> = {
  'two-spirals': loadTwoSpirals,
  parity: loadParity,
  moons: loadMoons,
  'teacher-student': loadTeacherStudent,
  mnist: loadIdx,
  'fashion-mnist': loadIdx,
  cifar10: loadCifar,
  optdigits: loadOptdigits,
  iris: loadIris,
};

/**
 * Loads what a task learns from. The same task, files and seed give the same rows in the same order.
 *
 * @throws DATA_UNKNOWN_DATASET DATA_BAD_OPTION DATA_NOT_FOUND DATA_TOO_FEW_ROWS, and what the readers throw, with the file
 */
export async function loadDataset(task: TaskConfig, env: DatasetEnv): Promise<Dataset> {
  const dataDirs = task.dataDir === null ? env.dataDirs : [task.dataDir, ...env.dataDirs];
  const here = { ...env, dataDirs };
  if (task.dataset === 'csv') return loadCsv(task, here);
  const entry = CATALOGUE.find(({ name }) => name === task.dataset);
  const load = LOADERS[task.dataset];
  if (entry && load) return load(task, here, entry);
  const known = [...CATALOGUE.map(({ name }) => name), 'csv'];
  throw new EsperError(
    'DATA_UNKNOWN_DATASET',
    `there is no data set '${task.dataset}'`,
    { dataset: task.dataset, known },
    { hint: `Known are ${known.join(', ')}.` },
  );
}
