/** Image sets from files: MNIST and its sisters as IDX, CIFAR-10 as binary records. */
import { createHash } from 'node:crypto';
import { EsperError, type TaskConfig } from '../../contracts/index.ts';
import {
  CIFAR_SHAPE,
  type ImageShape,
  idxRows,
  joinRows,
  keepRows,
  pooledShape,
  poolImages,
  readCifar,
  readIdx,
} from '../../nn/data/index.ts';
import type { Rows } from '../../nn/types.ts';
import type { Disk } from '../../runtime/ports/disk.ts';
import type { CatalogueEntry } from './catalogue.ts';
import type { Dataset, DatasetEnv } from './dataset.ts';
import { HOMES } from './homes.ts';
import { inFile, type Located, locate, readUnpacked } from './locate.ts';
import { DATASET_OPTIONS, readOptions } from './options.ts';
import { splitTraining } from './splits.ts';

const GREY: ImageShape = { height: 28, width: 28, channels: 1 };
const CLOTHES = 'T-shirt or top,trouser,pullover,dress,coat,sandal,shirt,sneaker,bag,ankle boot'.split(',');
const THINGS = 'airplane,automobile,bird,cat,deer,dog,frog,horse,ship,truck'.split(',');
const DIGITS = [...'0123456789'];

/** @throws DATA_NOT_FOUND DATA_WRONG_FILES and what the readers of IDX throw, with the file */
export async function loadIdx(task: TaskConfig, env: DatasetEnv, entry: CatalogueEntry): Promise<Dataset> {
  const { pool } = readOptions(DATASET_OPTIONS.mnist, task);
  const located = await locate(env.disk, entry, env.dataDirs);
  const [rows, test] = await Promise.all([
    readPair(env.disk, located.train, task),
    readPair(env.disk, located.test, task),
  ]);
  const classes = task.dataset === 'mnist' ? DIGITS : CLOTHES;
  return dataset(task, located, { rows, test, shape: GREY, pool, classes });
}

/** @throws DATA_NOT_FOUND and what the reader of CIFAR throws, with the file */
export async function loadCifar(task: TaskConfig, env: DatasetEnv, entry: CatalogueEntry): Promise<Dataset> {
  const { pool } = readOptions(DATASET_OPTIONS.cifar10, task);
  const located = await locate(env.disk, entry, env.dataDirs);
  const [rows, test] = [
    await readBatches(env.disk, located.train),
    await readBatches(env.disk, located.test),
  ];
  return dataset(task, located, { rows, test, shape: CIFAR_SHAPE, pool, classes: THINGS });
}

async function readPair(disk: Disk, paths: readonly string[], task: TaskConfig): Promise<Rows> {
  const [imagePath = '', labelPath = ''] = paths;
  const [imageBytes, labelBytes] = [await readUnpacked(disk, imagePath), await readUnpacked(disk, labelPath)];
  if (task.dataset !== 'mnist') refuseDigits(task.dataset, labelPath, labelBytes);
  const images = inFile(imagePath, () => readIdx(imageBytes));
  const labels = inFile(labelPath, () => readIdx(labelBytes));
  const rows = inFile(imagePath, () => idxRows(images, labels));
  if (rows.inputs === GREY.height * GREY.width) return rows;
  throw new EsperError('DATA_WRONG_FILES', `${imagePath} has images of ${rows.inputs} pixels, not 784`, {
    file: imagePath,
    dims: images.dims,
  });
}

/** Same names, same sizes, other pictures: only the bytes tell the digits from the clothes. */
function refuseDigits(dataset: string, path: string, labels: Uint8Array): void {
  const sha256 = createHash('sha256').update(labels).digest('hex');
  if (!HOMES.mnist.files.some((file) => file.expect.sha256 === sha256)) return;
  throw new EsperError(
    'DATA_WRONG_FILES',
    `${path} belongs to mnist, not to ${dataset}`,
    { file: path, dataset },
    { hint: `Keep ${dataset} in a folder of its own name.` },
  );
}

async function readBatches(disk: Disk, paths: readonly string[]): Promise<Rows> {
  const batches: Rows[] = [];
  for (const path of paths) {
    const bytes = await readUnpacked(disk, path);
    batches.push(inFile(path, () => readCifar(bytes)));
  }
  return joinRows(batches);
}

interface Images {
  readonly rows: Rows;
  readonly test: Rows;
  readonly shape: ImageShape;
  readonly pool: number;
  readonly classes: readonly string[];
}

/** Pooled and decoded rows are kept: each is worked out once, however many epochs there are. */
function dataset(
  task: TaskConfig,
  { folder }: Located,
  { rows, test, shape, pool, classes }: Images,
): Dataset {
  const pooled = (images: Rows) => keepRows(poolImages(images, shape, pool));
  const { train, validation } = splitTraining(pooled(rows), task);
  const { height, width, channels } = pooledShape(shape, pool);
  const counts = `${train.count} to train on, ${validation.count} to validate, ${test.count} to test`;
  return {
    train,
    validation,
    test: pooled(test),
    classes,
    inputShape: [height, width, channels],
    description: `${task.dataset} from ${folder}: ${counts}`,
  };
}
