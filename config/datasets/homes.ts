/** Where the public data sets live, and what their files must be. Every file is pinned: a mirror is never trusted. */
import type { Expectation } from '../../runtime/download/index.ts';

export interface HomeFile {
  readonly name: string;
  readonly expect: Expectation;
  /** For an archive: members to take out, by their full name in it, and the bytes each must have. */
  readonly members?: Readonly<Record<string, number>>;
}

export interface Home {
  /** Base addresses, best first; the file name is appended. */
  readonly mirrors: readonly string[];
  readonly files: readonly HomeFile[];
  /** Who made it and on what terms. */
  readonly credit: string;
}

const file = (name: string, bytes: number, sha256: string): HomeFile => ({
  name,
  expect: { bytes, sha256, of: 'file' },
});
/** Pinned by content: mirrors wrap the same bytes differently. */
const packed = (name: string, bytes: number, sha256: string): HomeFile => ({
  name,
  expect: { bytes, sha256, of: 'gunzipped' },
});

const CIFAR_BATCH_BYTES = 10_000 * 3_073;
const CIFAR_MEMBERS = [
  'data_batch_1',
  'data_batch_2',
  'data_batch_3',
  'data_batch_4',
  'data_batch_5',
  'test_batch',
];

export const HOMES = {
  mnist: {
    mirrors: [
      'https://storage.googleapis.com/cvdf-datasets/mnist/',
      'https://ossci-datasets.s3.amazonaws.com/mnist/',
    ],
    files: [
      packed(
        'train-images-idx3-ubyte.gz',
        47_040_016,
        'ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db',
      ),
      packed(
        'train-labels-idx1-ubyte.gz',
        60_008,
        '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
      ),
      packed(
        't10k-images-idx3-ubyte.gz',
        7_840_016,
        '0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7',
      ),
      packed(
        't10k-labels-idx1-ubyte.gz',
        10_008,
        'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
      ),
    ],
    credit: 'Y. LeCun, C. Cortes, C. J. C. Burges; CC BY-SA 3.0',
  },
  'fashion-mnist': {
    mirrors: [
      'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
      'https://storage.googleapis.com/tensorflow/tf-keras-datasets/',
    ],
    files: [
      file(
        'train-images-idx3-ubyte.gz',
        26_421_880,
        '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84',
      ),
      file(
        'train-labels-idx1-ubyte.gz',
        29_515,
        'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845',
      ),
      file(
        't10k-images-idx3-ubyte.gz',
        4_422_102,
        '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073',
      ),
      file(
        't10k-labels-idx1-ubyte.gz',
        5_148,
        '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5',
      ),
    ],
    credit: 'H. Xiao, K. Rasul, R. Vollgraf; MIT',
  },
  cifar10: {
    mirrors: ['https://www.cs.toronto.edu/~kriz/'],
    files: [
      {
        ...file(
          'cifar-10-binary.tar.gz',
          170_052_171,
          'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd',
        ),
        members: Object.fromEntries(
          CIFAR_MEMBERS.map((name) => [`cifar-10-batches-bin/${name}.bin`, CIFAR_BATCH_BYTES]),
        ),
      },
    ],
    credit: 'A. Krizhevsky, 2009; no formal licence, cite the report',
  },
  optdigits: {
    mirrors: ['https://archive.ics.uci.edu/ml/machine-learning-databases/optdigits/'],
    files: [
      file('optdigits.tra', 563_639, 'e1b683cc211604fe8fd8c4417e6a69f31380e0c61d4af22e93cc21e9257ffedd'),
      file('optdigits.tes', 264_712, '6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8'),
    ],
    credit: 'E. Alpaydin, C. Kaynak, UCI repository; CC BY 4.0',
  },
  iris: {
    mirrors: ['https://archive.ics.uci.edu/ml/machine-learning-databases/iris/'],
    files: [file('iris.data', 4_551, '6f608b71a7317216319b4d27b4d9bc84e6abd734eda7872b71a458569e2656c0')],
    credit: 'R. A. Fisher, 1936, UCI repository; CC BY 4.0',
  },
} as const satisfies Readonly<Record<string, Home>>;
