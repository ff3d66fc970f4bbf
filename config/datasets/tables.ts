/** Data sets kept as text: optdigits, iris, and any table a person brings. */
import type { TaskConfig } from '../../contracts/index.ts';
import { type CsvOptions, type CsvTable, columnStatistics, normalise, readCsv } from '../../nn/data/index.ts';
import type { Rows } from '../../nn/types.ts';
import type { Disk } from '../../runtime/ports/disk.ts';
import type { CatalogueEntry } from './catalogue.ts';
import type { Dataset, DatasetEnv } from './dataset.ts';
import { inFile, locate, locateFile, readUnpacked } from './locate.ts';
import { DATASET_OPTIONS, readOptions } from './options.ts';
import { splitTest, splitTraining } from './splits.ts';

const PLAIN: CsvOptions = { header: 'auto', target: 'last', kind: 'classes', scale: 1, delimiter: ',' };

/** Counts 0..16 come out as 0..1. @throws DATA_NOT_FOUND and what the reader of tables throws, with the file */
export async function loadOptdigits(
  task: TaskConfig,
  env: DatasetEnv,
  entry: CatalogueEntry,
): Promise<Dataset> {
  readOptions(DATASET_OPTIONS.optdigits, task);
  const { folder, train, test } = await locate(env.disk, entry, env.dataDirs);
  const options = { ...PLAIN, scale: 1 / 16, classes: [...'0123456789'] };
  const [rows, testRows] = [
    await readTable(env.disk, train[0] ?? '', options),
    await readTable(env.disk, test[0] ?? '', options),
  ];
  return dataset(task, folder, rows, testRows.rows, 'none');
}

/** @throws DATA_NOT_FOUND and what the reader of tables throws, with the file */
export async function loadIris(task: TaskConfig, env: DatasetEnv, entry: CatalogueEntry): Promise<Dataset> {
  const { scaling, testShare, seed = env.seed } = readOptions(DATASET_OPTIONS.iris, task);
  const { folder, train } = await locate(env.disk, entry, env.dataDirs);
  const table = await readTable(env.disk, train[0] ?? '', PLAIN);
  const { rest, test } = splitTest(table.rows, testShare, seed);
  return dataset(task, folder, { ...table, rows: rest }, test, scaling);
}

/** @throws DATA_NOT_FOUND and what the reader of tables throws, with the file */
export async function loadCsv(task: TaskConfig, env: DatasetEnv): Promise<Dataset> {
  const {
    file,
    testFile,
    testShare,
    scaling,
    seed = env.seed,
    ...options
  } = readOptions(DATASET_OPTIONS.csv, task);
  const path = await locateFile(env.disk, file, env.dataDirs);
  const table = await readTable(env.disk, path, options);
  if (testFile === undefined) {
    const { rest, test } = splitTest(table.rows, testShare, seed);
    return dataset(task, path, { ...table, rows: rest }, test, scaling);
  }
  const testPath = await locateFile(env.disk, testFile, env.dataDirs);
  const known = options.kind === 'classes' ? { classes: table.classes } : {};
  const test = await readTable(env.disk, testPath, { ...options, ...known });
  return dataset(task, path, table, test.rows, scaling);
}

async function readTable(disk: Disk, path: string, options: CsvOptions): Promise<CsvTable> {
  const text = new TextDecoder().decode(await readUnpacked(disk, path));
  return inFile(path, () => readCsv(text, options));
}

function dataset(
  task: TaskConfig,
  from: string,
  table: CsvTable,
  testRows: Rows,
  scaling: 'standard' | 'none',
): Dataset {
  const split = splitTraining(table.rows, task);
  // Statistics of the training rows alone: the others must stay unseen.
  const statistics = scaling === 'standard' ? columnStatistics(split.train) : null;
  const scaled = (rows: Rows) => (statistics ? normalise(rows, statistics) : rows);
  const [train, validation, test] = [scaled(split.train), scaled(split.validation), scaled(testRows)];
  const counts = `${train.count} to train on, ${validation.count} to validate, ${test.count} to test`;
  return {
    train,
    validation,
    test,
    ...(table.classes.length > 0 && { classes: table.classes }),
    description: `${task.dataset} from ${from}: ${counts}`,
  };
}
