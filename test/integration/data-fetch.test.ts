/** Real sockets, real files: data sets over HTTP from this machine, and the real ones where a data folder is at hand. */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchDataset, type Home, listDatasets, loadDataset } from '../../config/datasets/index.ts';
import { nodeClock } from '../../runtime/adapters/node/clock.ts';
import { nodeDisk } from '../../runtime/adapters/node/disk.ts';
import { nodeHttp } from '../../runtime/adapters/node/http.ts';
import { PATIENCE, type Patience } from '../../runtime/download/index.ts';
import { idxPair, pinned, task } from '../config/datasets/fixtures.ts';

const QUICK: Patience = { ...PATIENCE, delayMs: 5, stallMs: 2000 };
const [train, test] = [idxPair(3000), idxPair(50)];
const FILES: Readonly<Record<string, Uint8Array>> = {
  'train-images-idx3-ubyte.gz': gzipSync(train.images, { level: 0 }),
  'train-labels-idx1-ubyte.gz': gzipSync(train.labels),
  't10k-images-idx3-ubyte.gz': gzipSync(test.images),
  't10k-labels-idx1-ubyte.gz': gzipSync(test.labels),
};
const FIRST = 'train-images-idx3-ubyte.gz';

type Handle = (request: IncomingMessage, response: ServerResponse, bytes: Uint8Array) => void;

/** Answers as a good web server does: ranges, validators, lengths. */
const well: Handle = (request, response, bytes) => {
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const from = range && request.headers['if-range'] === '"1"' ? Number(range[1]) : 0;
  const partial = from > 0 && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  const headers = { etag: '"1"', 'content-length': bytes.length - from, ...partial };
  response.writeHead(from > 0 ? 206 : 200, headers).end(bytes.subarray(from));
};

let server: Server;
let base: string;
let folder: string;
/** For the requests of the first file, in order; then all goes well. */
let plan: Handle[];
let asked: string[];

beforeEach(async () => {
  [plan, asked] = [[], []];
  server = createServer((request, response) => {
    const name = request.url?.split('/').at(-1) ?? '';
    asked.push(`${request.url} ${request.headers.range ?? 'whole'}`);
    const bytes = FILES[name];
    const handle = name === FIRST ? (plan.shift() ?? well) : well;
    if (bytes) handle(request, response, bytes);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  folder = await mkdtemp(join(tmpdir(), 'esper-data-'));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

const order = (changed: Partial<Home> = {}) => ({
  cacheDir: folder,
  http: nodeHttp(),
  disk: nodeDisk(),
  clock: nodeClock(),
  patience: QUICK,
  homes: {
    mnist: {
      mirrors: [`${base}/good/`],
      files: Object.entries(FILES).map(([name, bytes]) => pinned(name, bytes)),
      credit: 'nobody',
      ...changed,
    },
  },
});
const fetchMnist = (changed: Partial<Home> = {}) => fetchDataset('mnist', order(changed));
/** Byte for byte; a matcher would compare two million of them one at a time. */
const firstIsWhole = async () =>
  (await readFile(join(folder, 'mnist', FIRST))).equals(FILES[FIRST] ?? new Uint8Array(0));
const onDisk = () => readdir(join(folder, 'mnist'));

describe('a data set over HTTP', () => {
  it('arrives whole and loads', async () => {
    const report = await fetchMnist();
    const env = { disk: nodeDisk(), dataDirs: [folder], seed: 1 };
    const set = await loadDataset(task('mnist', { validationRows: 500 }), env);

    expect(report.files).toHaveLength(4);
    expect((await onDisk()).sort()).toEqual(Object.keys(FILES).sort());
    expect(await firstIsWhole()).toBe(true);
    expect([set.train.count, set.validation.count, set.test.count]).toEqual([2500, 500, 50]);
  });

  it('resumes after the connection was cut', async () => {
    plan.push((_, response, bytes) => {
      response.writeHead(200, { etag: '"1"', 'content-length': bytes.length });
      response.write(bytes.subarray(0, 1_000_000), () => response.destroy());
    });
    await fetchMnist();
    const tries = asked.filter((line) => line.includes(FIRST));

    expect(tries).toHaveLength(2);
    expect(tries[1]).toMatch(/ bytes=[1-9]\d+-$/);
    expect(await firstIsWhole()).toBe(true);
  });

  it('starts over with a server that knows no ranges', async () => {
    const plain: Handle = (_, response, bytes) => {
      response.writeHead(200, { etag: '"1"', 'content-length': bytes.length }).end(bytes);
    };
    plan.push((_, response, bytes) => {
      response.writeHead(200, { etag: '"1"', 'content-length': bytes.length });
      response.write(bytes.subarray(0, 500_000), () => response.destroy());
    }, plain);
    await fetchMnist();

    expect(await firstIsWhole()).toBe(true);
  });

  it('with the wrong checksum leaves nothing behind', async () => {
    plan.push((_, response, bytes) => response.writeHead(200).end(bytes.toReversed()));

    await expect(fetchMnist()).rejects.toMatchObject({ code: 'DOWNLOAD_CHECKSUM' });
    expect(await onDisk()).toEqual([]);
  });

  it('cut short without a word does not pass for whole', async () => {
    const short: Handle = (_, response, bytes) => response.writeHead(200).end(bytes.subarray(0, 1000));
    plan.push(short);

    await expect(fetchMnist()).rejects.toMatchObject({ code: 'DOWNLOAD_CHECKSUM' });
    expect(await onDisk()).toEqual([]);
  });

  it('comes from the next mirror when the first has not got it', async () => {
    plan.push((_, response) => response.writeHead(404).end());
    const report = await fetchMnist({ mirrors: [`${base}/gone/`, `${base}/good/`] });

    expect(report.files[0]?.from).toBe(`${base}/good/${FIRST}`);
    expect(report.files[1]?.from).toContain('/gone/');
  });

  it('waits for a server that is busy', async () => {
    const busy: Handle = (_, response) => response.writeHead(503).end();
    plan.push(busy, busy);
    await fetchMnist();

    expect(asked.filter((line) => line.includes(FIRST))).toHaveLength(3);
  });

  it('gives up on a server that falls silent', async () => {
    plan.push((_, response, bytes) => {
      response.writeHead(200, { etag: '"1"', 'content-length': bytes.length });
      response.write(bytes.subarray(0, 1000));
    });
    await fetchDataset('mnist', { ...order(), patience: { ...QUICK, stallMs: 100 } });

    expect(asked.filter((line) => line.includes(FIRST))).toHaveLength(2);
  });

  it('follows a redirect on this machine, and no endless ones', async () => {
    const to =
      (location: string): Handle =>
      (_, response) =>
        response.writeHead(302, { location }).end();
    plan.push(to(`/moved/${FIRST}`));
    await fetchMnist();
    expect(asked[1]).toBe(`/moved/${FIRST} whole`);

    await rm(join(folder, 'mnist'), { recursive: true });
    plan.push(...Array<Handle>(9).fill(to(`/again/${FIRST}`)));
    await expect(fetchMnist()).rejects.toMatchObject({ code: 'HTTP_REFUSED' });
  });

  it.each(['http://mirror.example/x', 'file:///etc/passwd', 'http://127.0.0.1.example/x'])(
    'is not fetched from %s, nor redirected there',
    async (url) => {
      await expect(nodeHttp().get(url, { signal: AbortSignal.timeout(1000) })).rejects.toMatchObject({
        code: 'HTTP_REFUSED',
      });
      plan.push((_, response) => response.writeHead(302, { location: url }).end());
      await expect(fetchMnist()).rejects.toMatchObject({ code: 'HTTP_REFUSED' });
    },
  );

  it('that nobody serves says who did not answer', async () => {
    // No system gives it to those who ask for any port, and no service has it.
    const port = 2;

    await expect(fetchMnist({ mirrors: [`http://127.0.0.1:${port}/`] })).rejects.toMatchObject({
      code: 'HTTP_FAILED',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
  });
});

const REAL = [process.env.ESPER_DATA_DIR, join(import.meta.dirname, '../../../shared/data')].find(
  (dir) => dir !== undefined && existsSync(join(dir, 'mnist')),
);

describe.skipIf(REAL === undefined)('the real data sets', () => {
  const real = REAL ?? '';
  const env = { disk: nodeDisk(), dataDirs: [real], seed: 1 };
  const counts = async (...asked: Parameters<typeof task>) => {
    const set = await loadDataset(task(...asked), env);
    return [set.train.count, set.validation.count, set.test.count, set.train.inputs];
  };

  it('have the rows that the protocols name', async () => {
    expect(await counts('mnist', { validationRows: 5000 })).toEqual([55_000, 5000, 10_000, 784]);
    expect(await counts('mnist', { trainRows: 5000, validationRows: 1000 })).toEqual([
      5000, 1000, 10_000, 784,
    ]);
    expect(await counts('optdigits', { validationRows: 500 })).toEqual([3323, 500, 1797, 64]);
    expect(await counts('cifar10', { validationRows: 500 })).toEqual([3500, 500, 1000, 3072]);
    expect(await counts('iris', { validationRows: 20 })).toEqual([100, 20, 30, 4]);
  });

  it('begin with the digits everybody knows', async () => {
    const set = await loadDataset(task('mnist'), env);
    const targets = new Float32Array(50);
    set.train.fillTargets([0, 1, 2, 3, 4], targets);
    const labels = [0, 1, 2, 3, 4].map((row) => targets.subarray(row * 10, row * 10 + 10).indexOf(1));

    expect(labels).toEqual([5, 0, 4, 1, 9]);
  });

  it('are fetched through a mirror by the checksums of their public homes', async () => {
    const mirror = createServer(async (request, response) => {
      const name = (request.url ?? '').split('/').at(-1) ?? '';
      well(request, response, await readFile(join(real, 'mnist', name)));
    });
    await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve));
    const { homes: _, ...tools } = order();
    const port = (mirror.address() as AddressInfo).port;
    await fetchDataset('mnist', { ...tools, mirror: `http://127.0.0.1:${port}` });
    mirror.closeAllConnections();
    await new Promise((resolve) => mirror.close(resolve));
    const listing = await listDatasets(nodeDisk(), [folder]);

    expect(listing.find(({ name }) => name === 'mnist')).toMatchObject({ state: 'present', verified: true });
  });

  it('of digits do not pass for clothes', async () => {
    await symlink(join(real, 'mnist'), join(folder, 'fashion-mnist'));

    await expect(loadDataset(task('fashion-mnist', { dataDir: folder }), env)).rejects.toMatchObject({
      code: 'DATA_WRONG_FILES',
    });
  });
});
