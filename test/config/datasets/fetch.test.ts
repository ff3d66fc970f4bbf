/** A public data set is fetched once, unpacked safely, and known again. */
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  CATALOGUE,
  dataFolders,
  fetchDataset,
  HOMES,
  type Home,
  listDatasets,
  loadDataset,
} from '../../../config/datasets/index.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { type MemoryDisk, memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { type ScriptedHttp, scriptedHttp } from '../../runtime/download/scripted-http.ts';
import { cifarBatch, digitLines, pinned, type TarEntry, tar, task, utf8 } from './fixtures.ts';

let disk: MemoryDisk;
let http: ScriptedHttp;
beforeEach(() => {
  disk = memoryDisk();
  http = scriptedHttp();
});
const order = (homes: Readonly<Record<string, Home>>) => ({
  cacheDir: '/cache',
  http,
  disk,
  clock: memoryClock(),
  homes,
});
const names = () => [...disk.dump().keys()].sort();

describe('fetching', () => {
  const [tra, tes] = [utf8(digitLines(30)), utf8(digitLines(10))];
  const homes = {
    optdigits: {
      mirrors: ['https://one.example/', 'https://two.example/set/'],
      files: [pinned('optdigits.tra', tra), pinned('optdigits.tes', tes)],
      credit: 'nobody',
    },
  };

  it('puts the files where loading finds them, each from the first mirror that has it', async () => {
    http.page('https://one.example/optdigits.tra', tra);
    http.page('https://two.example/set/optdigits.tes', tes);
    const report = await fetchDataset('optdigits', order(homes));
    const set = await loadDataset(task('optdigits'), { disk, dataDirs: ['/cache'], seed: 1 });

    expect(report.files.map(({ from }) => from)).toEqual([
      'https://one.example/optdigits.tra',
      'https://two.example/set/optdigits.tes',
    ]);
    expect([set.train.count, set.test.count]).toEqual([30, 10]);
  });

  it('a second time asks for nothing', async () => {
    http.page('https://one.example/optdigits.tra', tra);
    http.page('https://one.example/optdigits.tes', tes);
    await fetchDataset('optdigits', order(homes));
    http.asked.length = 0;
    const report = await fetchDataset('optdigits', order(homes));

    expect(http.asked).toEqual([]);
    expect(report.files.map(({ from }) => from)).toEqual([null, null]);
  });

  it('from a private mirror leaves the public homes alone', async () => {
    http.page('http://127.0.0.1:8080/data/optdigits/optdigits.tra', tra);
    http.page('http://127.0.0.1:8080/data/optdigits/optdigits.tes', tes);
    await fetchDataset('optdigits', { ...order(homes), mirror: 'http://127.0.0.1:8080/data' });

    expect(http.asked.every((url) => url.startsWith('http://127.0.0.1:8080/data/'))).toBe(true);
  });

  it('what has no home is refused with what has', async () => {
    await expect(fetchDataset('toString', order(homes))).rejects.toMatchObject({
      code: 'DATA_UNKNOWN_DATASET',
      details: { known: ['optdigits'] },
    });
  });
});

describe('an archive', () => {
  const batch = cifarBatch(2, 1);
  const wanted = [1, 2, 3, 4, 5].map((n) => `cifar-10-batches-bin/data_batch_${n}.bin`);
  const all = [...wanted, 'cifar-10-batches-bin/test_batch.bin'];
  const official: TarEntry[] = [
    { name: 'cifar-10-batches-bin/', bytes: new Uint8Array(0), type: '5' },
    { name: 'cifar-10-batches-bin/readme.html', bytes: utf8('hello') },
    ...all.map((name) => ({ name, bytes: batch })),
  ];
  const homeOf = (packed: Uint8Array) => ({
    cifar10: {
      mirrors: ['https://one.example/'],
      files: [
        {
          ...pinned('cifar.tar.gz', packed),
          members: Object.fromEntries(all.map((name) => [name, batch.length])),
        },
      ],
      credit: 'nobody',
    },
  });
  const fetched = async (entries: readonly TarEntry[]) => {
    const packed = gzipSync(tar(entries));
    http.page('https://one.example/cifar.tar.gz', packed);
    return fetchDataset('cifar10', order(homeOf(packed)));
  };

  it('gives up what was asked for and is removed', async () => {
    await fetched(official);
    const set = await loadDataset(task('cifar10'), { disk, dataDirs: ['/cache'], seed: 1 });

    expect(names()).toEqual(
      ['SHA256SUMS', ...all.map((name) => name.slice(21))].map((name) => `/cache/cifar10/${name}`).sort(),
    );
    expect([set.train.count, set.test.count]).toEqual([10, 2]);
  });

  it('is not fetched again while its files are whole, and is when one is not', async () => {
    await fetched(official);
    http.asked.length = 0;
    await fetched(official);
    expect(http.asked).toEqual([]);

    disk.flip('/cache/cifar10/data_batch_3.bin', 999);
    await fetched(official);
    expect(http.asked).toHaveLength(1);
    expect(disk.dump().get('/cache/cifar10/data_batch_3.bin')).toEqual(batch);
  });

  it('cannot write outside its folder, whatever names it holds', async () => {
    await fetched([
      { name: '../../etc/passwd', bytes: utf8('root') },
      { name: '/cache/cifar10/evil.bin', bytes: utf8('evil') },
      { name: wanted[0] ?? '', bytes: new Uint8Array(0), type: '2' },
      ...official,
    ]);

    expect(names().filter((name) => !name.startsWith('/cache/cifar10/'))).toEqual([]);
    expect(names().some((name) => name.includes('evil'))).toBe(false);
    expect(disk.dump().get('/cache/cifar10/data_batch_1.bin')).toEqual(batch);
  });

  it.each<[string, readonly TarEntry[]]>([
    ['lacks a file', official.slice(0, -1)],
    ['has one of another size', [...official.slice(0, -1), { name: all[5] ?? '', bytes: utf8('short') }]],
  ])('is refused when it %s', async (_, entries) => {
    await expect(fetched(entries)).rejects.toMatchObject({ code: 'DATA_BAD_ARCHIVE' });
    await expect(loadDataset(task('cifar10'), { disk, dataDirs: ['/cache'], seed: 1 })).rejects.toMatchObject(
      { code: 'DATA_NOT_FOUND' },
    );
  });
});

describe('the listing', () => {
  const one = async (name: string) =>
    (await listDatasets(disk, ['/data', '/cache'])).find((listing) => listing.name === name);

  it('has every data set, generators always ready', async () => {
    const listing = await listDatasets(disk, ['/data']);

    expect(listing.map(({ name }) => name)).toEqual(CATALOGUE.map(({ name }) => name));
    expect(await one('moons')).toMatchObject({ state: 'generated', verified: true });
    expect(await one('mnist')).toMatchObject({ state: 'missing', folder: null, rows: null, verified: false });
  });

  it('tells files that are what they should be from files that are not', async () => {
    disk.put('/data/iris/iris.data', utf8('1,2,3,4,a'));
    expect(await one('iris')).toEqual({
      name: 'iris',
      about: expect.any(String),
      state: 'present',
      folder: '/data/iris',
      rows: { train: 150, test: 0 },
      bytes: 9,
      verified: false,
    });
  });

  it('knows what was fetched', async () => {
    const batch = cifarBatch(1, 0);
    const members = [1, 2, 3, 4, 5].map((n) => `x/data_batch_${n}.bin`).concat('x/test_batch.bin');
    const packed = gzipSync(tar(members.map((name) => ({ name, bytes: batch }))));
    http.page('https://one.example/x.tar.gz', packed);
    const file = {
      ...pinned('x.tar.gz', packed),
      members: Object.fromEntries(members.map((name) => [name, batch.length])),
    };
    const homes = { cifar10: { mirrors: ['https://one.example/'], files: [file], credit: '' } };
    await fetchDataset('cifar10', order(homes));

    expect(await one('cifar10')).toMatchObject({ state: 'present', verified: true, bytes: 6 * 3073 });
    disk.flip('/cache/cifar10/test_batch.bin', 5);
    expect(await one('cifar10')).toMatchObject({ state: 'present', verified: false });
  });
});

describe('the public homes', () => {
  it('pin every file by size and SHA-256, over TLS', () => {
    for (const home of Object.values(HOMES)) {
      for (const mirror of home.mirrors) expect(mirror).toMatch(/^https:\/\/.+\/$/);
      for (const { expect: pin } of home.files) {
        expect(pin.sha256).toMatch(/^[0-9a-f]{64}$/);
        expect(pin.bytes).toBeGreaterThan(0);
      }
    }
  });

  it('have a form that loading knows', () => {
    for (const [name, home] of Object.entries<Home>(HOMES)) {
      const [form] = CATALOGUE.find((entry) => entry.name === name)?.fileSets ?? [];
      const files = home.files.flatMap((file) =>
        file.members ? Object.keys(file.members).map((member) => member.split('/')[1]) : [file.name],
      );
      const wanted = [...(form?.train ?? []), ...(form?.test ?? [])];

      expect(files.map((file) => file?.replace(/\.gz$/, '')).sort()).toEqual(wanted.sort());
    }
  });
});

describe('data folders', () => {
  it('come from the flag before the environment, and end with the cache', () => {
    const env = { ESPER_DATA_DIR: '/one:/two', ESPER_CACHE_DIR: '/cache' };

    expect(dataFolders(env)).toEqual({ dataDirs: ['/one', '/two', '/cache/data'], cacheDir: '/cache/data' });
    expect(dataFolders(env, '/three').dataDirs).toEqual(['/three', '/cache/data']);
    expect(dataFolders({ XDG_CACHE_HOME: '/xdg' })).toEqual({
      dataDirs: ['/xdg/esper/data'],
      cacheDir: '/xdg/esper/data',
    });
  });
});
