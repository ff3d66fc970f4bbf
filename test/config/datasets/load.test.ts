/** Each data set loads with the rows its protocol names, from the first folder that has it. */
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { type DatasetEnv, loadDataset } from '../../../config/datasets/index.ts';
import { type MemoryDisk, memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { inputsOf, labelsOf, targetsOf } from '../../nn/data/read-all.ts';
import { cifarBatch, digitLines, idxPair, task, utf8 } from './fixtures.ts';

let disk: MemoryDisk;
let env: DatasetEnv;
beforeEach(() => {
  disk = memoryDisk();
  env = { disk, dataDirs: ['/data', '/cache'], seed: 1 };
});

function putMnist(folder: string, trainRows = 20, testRows = 5): void {
  const [train, test] = [idxPair(trainRows), idxPair(testRows)];
  disk.put(`${folder}/train-images-idx3-ubyte.gz`, gzipSync(train.images));
  disk.put(`${folder}/train-labels-idx1-ubyte`, train.labels);
  disk.put(`${folder}/t10k-images-idx3-ubyte`, test.images);
  disk.put(`${folder}/t10k-labels-idx1-ubyte.gz`, gzipSync(test.labels));
}

const firstPixels = (rows: Parameters<typeof inputsOf>[0]) =>
  inputsOf(rows).map(([pixel = 0]) => pixel * 255);
const round = (numbers: number[]) => numbers.map(Math.round);

describe('mnist', () => {
  it('keeps the last rows to validate, packed files or not', async () => {
    putMnist('/data/mnist');
    const set = await loadDataset(task('mnist', { validationRows: 5 }), env);

    expect(round(firstPixels(set.train))).toEqual(Array.from({ length: 15 }, (_, i) => i));
    expect(round(firstPixels(set.validation))).toEqual([15, 16, 17, 18, 19]);
    expect(labelsOf(set.test)).toEqual([0, 1, 2, 3, 4]);
    expect(set.classes).toHaveLength(10);
    expect(set.description).toContain('/data/mnist');
  });

  it('validates on the rows after those it trains on when these are counted', async () => {
    putMnist('/data/mnist');
    const set = await loadDataset(task('mnist', { trainRows: 10, validationRows: 2 }), env);

    expect(set.train.count).toBe(10);
    expect(round(firstPixels(set.validation))).toEqual([10, 11]);
  });

  it('shrinks on request', async () => {
    putMnist('/data/mnist');
    const set = await loadDataset(task('mnist', { options: { pool: 4 } }), env);

    expect([set.train.inputs, set.test.inputs]).toEqual([49, 49]);
    expect(round(firstPixels(set.train).slice(0, 3))).toEqual([0, 1, 2]);
  });

  it('is not taken for fashion, though the names are the same', async () => {
    putMnist('/data/mnist');

    await expect(loadDataset(task('fashion-mnist', { dataDir: '/data/mnist' }), env)).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
      details: { searched: expect.not.arrayContaining(['/data/mnist']) },
    });
    putMnist('/data/fashion-mnist', 3, 2);
    const fashion = await loadDataset(task('fashion-mnist'), env);
    expect(fashion.train.count).toBe(3);
    expect(fashion.classes).toContain('trouser');
  });

  it('says which file is damaged', async () => {
    putMnist('/data/mnist');
    disk.put('/data/mnist/train-images-idx3-ubyte.gz', gzipSync(idxPair(20).images).subarray(0, 40));

    await expect(loadDataset(task('mnist'), env)).rejects.toMatchObject({
      code: 'DATA_BAD_GZIP',
      details: { path: '/data/mnist/train-images-idx3-ubyte.gz' },
    });
    disk.put('/data/mnist/train-images-idx3-ubyte.gz', gzipSync(idxPair(20).images.subarray(0, 900)));
    await expect(loadDataset(task('mnist'), env)).rejects.toMatchObject({
      code: 'DATA_TRUNCATED',
      details: { file: '/data/mnist/train-images-idx3-ubyte.gz', expectedBytes: 15_696 },
    });
  });
});

describe('folders', () => {
  it('are searched in order: the task, the data folders, the cache', async () => {
    for (const [rows, folder] of [
      [3, '/mine'],
      [4, '/data/mnist'],
      [5, '/cache/mnist'],
    ] as const) {
      putMnist(folder, rows);
    }
    const rows = async (changed = {}) => (await loadDataset(task('mnist', changed), env)).train.count;

    expect(await rows({ dataDir: '/mine' })).toBe(3);
    expect(await rows({ dataDir: '/elsewhere' })).toBe(4);
    expect(await rows()).toBe(4);
    env = { ...env, dataDirs: ['/cache'] };
    expect(await rows()).toBe(5);
  });

  it('that lack a file do not count, and the error says what to do', async () => {
    putMnist('/data/mnist');
    await disk.remove('/data/mnist/train-labels-idx1-ubyte');

    await expect(loadDataset(task('mnist'), env)).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
      details: { searched: ['/data/mnist', '/data', '/cache/mnist', '/cache'] },
      hint: expect.stringContaining('esper data fetch mnist'),
    });
  });
});

describe('cifar10', () => {
  it('joins the official batches in order', async () => {
    for (let batch = 1; batch <= 5; batch++) {
      disk.put(`/data/cifar-10-batches-bin/data_batch_${batch}.bin`, cifarBatch(2, batch * 2));
    }
    disk.put('/data/cifar-10-batches-bin/test_batch.bin', cifarBatch(3, 100));
    const set = await loadDataset(task('cifar10', { validationRows: 3, options: { pool: 2 } }), env);

    expect(round([...firstPixels(set.train), ...firstPixels(set.validation)])).toEqual([
      2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
    ]);
    expect([set.train.inputs, set.validation.count, set.test.count]).toEqual([3 * 16 * 16, 3, 3]);
    expect(set.inputShape).toEqual([16, 16, 3]);
  });

  it('takes the subset where there is no more', async () => {
    disk.put('/data/cifar10-subset/train_4000.bin.gz', gzipSync(cifarBatch(8, 0)));
    disk.put('/data/cifar10-subset/test_1000.bin.gz', gzipSync(cifarBatch(2, 0)));
    const set = await loadDataset(task('cifar10'), env);

    expect([set.train.count, set.test.count, set.classes?.[0]]).toEqual([8, 2, 'airplane']);
  });
});

describe('optdigits', () => {
  it('scales counts of 16 to 1, with or without a header line', async () => {
    disk.put('/data/optdigits/optdigits.tra', utf8(digitLines(40)));
    disk.put('/data/optdigits/optdigits.tes', utf8(digitLines(20)));
    const set = await loadDataset(task('optdigits', { validationRows: 10 }), env);

    expect([set.train.count, set.validation.count, set.test.count]).toEqual([30, 10, 20]);
    expect(inputsOf(set.train)[16]?.[63]).toBe(1);
    expect(labelsOf(set.validation)[0]).toBe(0);

    const header = `${Array.from({ length: 64 }, (_, i) => `Block ${i + 1}`).join(',')},Class\n`;
    disk.put('/headed/optdigits.tra.csv', utf8(header + digitLines(40)));
    disk.put('/headed/optdigits.tes.csv', utf8(header + digitLines(20)));
    const same = await loadDataset(task('optdigits', { validationRows: 10, dataDir: '/headed' }), env);
    expect(inputsOf(same.train)).toEqual(inputsOf(set.train));
  });
});

describe('tables', () => {
  const iris = Array.from({ length: 30 }, (_, i) => `${i},${i * 2},1,0,Iris-${'abc'[i % 3]}`).join('\n');

  it('without a test of their own are split by the seed, the same way each time', async () => {
    disk.put('/data/iris/iris.data', utf8(iris));
    const load = (seed: number) => loadDataset(task('iris', { validationRows: 4 }), { ...env, seed });
    const set = await load(1);

    expect([set.train.count, set.validation.count, set.test.count]).toEqual([20, 4, 6]);
    expect(set.classes).toEqual(['Iris-a', 'Iris-b', 'Iris-c']);
    expect(inputsOf((await load(1)).train)).toEqual(inputsOf(set.train));
    expect(inputsOf((await load(2)).train)).not.toEqual(inputsOf(set.train));
    const own = await loadDataset(task('iris', { validationRows: 4, options: { seed: 2 } }), env);
    expect(inputsOf(own.train)).toEqual(inputsOf((await load(2)).train));
  });

  it('never share a row between training, validation and test', async () => {
    disk.put('/data/iris/iris.data', utf8(iris));
    const set = await loadDataset(task('iris', { validationRows: 4, options: { scaling: 'none' } }), env);
    const all = [set.train, set.validation, set.test].flatMap((rows) =>
      inputsOf(rows).map(([first]) => first),
    );

    expect(all.toSorted((a = 0, b = 0) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });

  it('are scaled by what the training rows say, not the others', async () => {
    disk.put('/data/iris/iris.data', utf8(iris));
    const set = await loadDataset(task('iris', { validationRows: 4 }), env);
    const mean = (rows: number[][]) => rows.reduce((sum, [first = 0]) => sum + first, 0) / rows.length;

    expect(mean(inputsOf(set.train))).toBeCloseTo(0, 5);
    expect(mean(inputsOf(set.test))).not.toBeCloseTo(0, 5);
  });

  it('of your own may have a test file with the same classes', async () => {
    disk.put('/data/train.csv', utf8('kind,x\nno,1\nyes,2\nno,3\n'));
    disk.put('/data/test.csv', utf8('kind,x\nyes,4\n'));
    const options = { file: 'train.csv', testFile: 'test.csv', target: 'kind', scaling: 'none', scale: 10 };
    const set = await loadDataset(task('csv', { options }), env);

    expect(inputsOf(set.test)).toEqual([[40]]);
    expect(labelsOf(set.test)).toEqual([1]);
    expect(set.classes).toEqual(['no', 'yes']);
  });

  it('of your own say file, line and column of a mistake', async () => {
    disk.put('/data/mine.csv', utf8('x,y\n1,2\nNaN,3\n'));

    await expect(loadDataset(task('csv', { options: { file: 'mine.csv' } }), env)).rejects.toMatchObject({
      code: 'DATA_NOT_A_NUMBER',
      message: expect.stringContaining('/data/mine.csv: line 3, column 1'),
      details: { file: '/data/mine.csv', line: 3, column: 1 },
    });
    await expect(loadDataset(task('csv', { options: { file: 'no.csv' } }), env)).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
      details: { searched: ['/data/no.csv', '/cache/no.csv', 'no.csv'] },
    });
  });
});

describe('generators', () => {
  it('two spirals train and validate on all points and test on the curves', async () => {
    const set = await loadDataset(task('two-spirals'), env);

    expect([set.train.count, set.test.count]).toEqual([194, 1552]);
    expect(set.validation).toBe(set.train);
  });

  it('take their options and follow the seed of the run', async () => {
    const parity = await loadDataset(task('parity', { options: { bits: 10, fraction: 0.5 } }), env);
    expect([parity.train.inputs, parity.train.count, parity.test.count]).toEqual([10, 512, 512]);

    const order = task('teacher-student', { options: { rows: 50, outputs: 3 }, validationRows: 10 });
    const [one, again, other] = [
      await loadDataset(order, env),
      await loadDataset(order, env),
      await loadDataset(order, { ...env, seed: 2 }),
    ];
    expect([one.train.count, one.validation.count, one.test.count, one.train.outputs]).toEqual([
      40, 10, 50, 3,
    ]);
    expect(targetsOf(again.train)).toEqual(targetsOf(one.train));
    expect(targetsOf(other.train)).not.toEqual(targetsOf(one.train));

    const moons = await loadDataset(
      task('moons', { options: { rows: 60, noise: 0 }, validationRows: 20 }),
      env,
    );
    expect([moons.train.count, moons.validation.count, moons.test.count]).toEqual([40, 20, 1000]);
  });
});

describe('a task that asks for what there is not', () => {
  it.each([
    ['an unknown option', task('parity', { options: { bytes: 3 } }), 'DATA_BAD_OPTION'],
    ['a value out of range', task('parity', { options: { bits: 40 } }), 'DATA_BAD_OPTION'],
    ['a missing option', task('csv'), 'DATA_BAD_OPTION'],
    ['an unknown data set', task('imagenet'), 'DATA_UNKNOWN_DATASET'],
    [
      'more rows than there are',
      task('two-spirals', { trainRows: 190, validationRows: 5 }),
      'DATA_TOO_FEW_ROWS',
    ],
    ['nothing to train on', task('two-spirals', { validationRows: 194 }), 'DATA_TOO_FEW_ROWS'],
    ['nothing to validate on', task('two-spirals', { validationRows: 0 }), 'DATA_TOO_FEW_ROWS'],
  ])('is told so: %s', async (_, asked, code) => {
    await expect(loadDataset(asked, env)).rejects.toMatchObject({ code, hint: expect.stringMatching(/.+/) });
  });
});
