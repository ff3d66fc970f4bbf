/** The data sets Esper knows by name: what they are, in which files they come, how many rows they have. */

/** One form a data set comes in. Each file may carry `.gz` on disk. */
export interface FileSet {
  readonly train: readonly string[];
  readonly test: readonly string[];
  readonly trainRows: number;
  readonly testRows: number;
}

export interface CatalogueEntry {
  readonly name: string;
  readonly about: string;
  /** Folder names below a data folder, besides the name itself. */
  readonly folders: readonly string[];
  /** Preferred first; empty for a generator. */
  readonly fileSets: readonly FileSet[];
}

const IDX_FILES: FileSet = {
  train: ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'],
  test: ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'],
  trainRows: 60_000,
  testRows: 10_000,
};

const generator = (name: string, about: string): CatalogueEntry => ({
  name,
  about,
  folders: [],
  fileSets: [],
});

export const CATALOGUE: readonly CatalogueEntry[] = [
  generator('two-spirals', '194 points on two interlocking spirals'),
  generator('parity', 'all cases of n bits: is the number of ones odd?'),
  generator('moons', 'two half moons with noise'),
  generator('teacher-student', 'regression on the outputs of a random two-layer network'),
  { name: 'mnist', about: 'handwritten digits, 28 x 28 grey', folders: [], fileSets: [IDX_FILES] },
  { name: 'fashion-mnist', about: 'articles of clothing, 28 x 28 grey', folders: [], fileSets: [IDX_FILES] },
  {
    name: 'cifar10',
    about: 'photographs of ten kinds of things, 32 x 32 colour',
    folders: ['cifar-10-batches-bin', 'cifar10-subset'],
    fileSets: [
      {
        train: [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`),
        test: ['test_batch.bin'],
        trainRows: 50_000,
        testRows: 10_000,
      },
      { train: ['train_4000.bin'], test: ['test_1000.bin'], trainRows: 4_000, testRows: 1_000 },
    ],
  },
  {
    name: 'optdigits',
    about: 'handwritten digits, 8 x 8 counts of 0 to 16; test by other writers',
    folders: [],
    fileSets: [
      { train: ['optdigits.tra'], test: ['optdigits.tes'], trainRows: 3_823, testRows: 1_797 },
      { train: ['optdigits.tra.csv'], test: ['optdigits.tes.csv'], trainRows: 3_823, testRows: 1_797 },
    ],
  },
  {
    name: 'iris',
    about: 'three kinds of iris by four measures of the flower',
    folders: [],
    fileSets: [
      { train: ['iris.data'], test: [], trainRows: 150, testRows: 0 },
      { train: ['iris.csv'], test: [], trainRows: 150, testRows: 0 },
    ],
  },
];
