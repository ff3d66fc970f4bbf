/** A download ends in the right file or in none, whatever the network does. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type MemoryClock, memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { type MemoryDisk, memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { type DownloadOrder, download, type Expectation, PATIENCE } from '../../../runtime/download/index.ts';
import { type Fault, type ScriptedHttp, scriptedHttp } from './scripted-http.ts';

const URL_A = 'https://a.example/file';
const URL_B = 'https://b.example/file';
const TO = '/cache/set/file';
const content = Uint8Array.from({ length: 137 }, (_, i) => (i * 31) % 251);
const expectation = (bytes: Uint8Array): Expectation => ({
  sha256: createHash('sha256').update(bytes).digest('hex'),
  bytes: bytes.length,
  of: 'file',
});

let http: ScriptedHttp;
let disk: MemoryDisk;
let clock: MemoryClock;
beforeEach(() => {
  http = scriptedHttp();
  disk = memoryDisk();
  clock = memoryClock();
  http.page(URL_A, content);
});

/** Downloads while time passes; what it threw is an answer too. */
async function fetched(changed: Partial<DownloadOrder> = {}): Promise<unknown> {
  const order = { urls: [URL_A], to: TO, expect: expectation(content), http, disk, clock, ...changed };
  let outcome: { readonly value: unknown } | null = null;
  void download(order).then(
    (value) => {
      outcome = { value };
    },
    (value: unknown) => {
      outcome = { value };
    },
  );
  while (outcome === null) await clock.advance(1000);
  return (outcome as { readonly value: unknown }).value;
}

const names = () => [...disk.dump().keys()];

describe('a download', () => {
  it('leaves the file and nothing else, durably', async () => {
    expect(await fetched()).toBe(URL_A);
    disk.crash();

    expect(disk.dump()).toEqual(new Map([[TO, content]]));
    expect(clock.armed).toBe(0);
  });

  it('asks for nothing when the right file is there, and replaces a wrong one', async () => {
    disk.put(TO, content);
    expect(await fetched()).toBeNull();
    expect(http.asked).toEqual([]);

    disk.put(TO, Uint8Array.of(1, 2, 3));
    expect(await fetched()).toBe(URL_A);
    expect(disk.dump().get(TO)).toEqual(content);
  });

  it('goes on where the connection broke', async () => {
    http.faults.push({ kind: 'cut', after: 60 }, { kind: 'cut', after: 25 });

    expect(await fetched()).toBe(URL_A);
    expect(http.asked).toEqual([URL_A, `${URL_A} bytes=60-`, `${URL_A} bytes=85-`]);
    expect(disk.dump()).toEqual(new Map([[TO, content]]));
  });

  it('goes on where another process stopped', async () => {
    http.faults.push({ kind: 'cut', after: 60 });
    expect(await fetched({ patience: { ...PATIENCE, attempts: 1 } })).toMatchObject({ code: 'HTTP_FAILED' });
    expect(names()).not.toContain(TO);

    expect(await fetched()).toBe(URL_A);
    expect(http.asked.at(-1)).toBe(`${URL_A} bytes=60-`);
  });

  it('starts over when the server knows no ranges', async () => {
    http.page(URL_A, content, { ranges: false });
    http.faults.push({ kind: 'cut', after: 60 });

    expect(await fetched()).toBe(URL_A);
    expect(disk.dump().get(TO)).toEqual(content);
  });

  it('starts over when the file changed in between', async () => {
    const old = content.map((byte) => byte ^ 0xff);
    http.page(URL_A, old);
    http.faults.push({ kind: 'cut', after: 60 });
    await fetched({ patience: { ...PATIENCE, attempts: 1 } });
    http.page(URL_A, content, { etag: '"v2"' });

    expect(await fetched()).toBe(URL_A);
    expect(disk.dump().get(TO)).toEqual(content);
  });

  it('does not resume on a weak or missing validator', async () => {
    for (const etag of ['W/"v1"', null]) {
      http.page(URL_A, content, { etag });
      http.faults.push({ kind: 'cut', after: 60 });
      http.asked.length = 0;

      expect(await fetched({ to: `/cache/${etag === null}` })).toBe(URL_A);
      expect(http.asked).toEqual([URL_A, URL_A]);
    }
  });

  it('notices a body that ends early without an error, and asks for the rest', async () => {
    http.faults.push({ kind: 'short', after: 100 });

    expect(await fetched()).toBe(URL_A);
    expect(http.asked).toEqual([URL_A, `${URL_A} bytes=100-`]);
  });

  it('gives up on silence, not on slowness', async () => {
    http.faults.push({ kind: 'silence', after: 40 });
    const began = clock.nowMs();

    expect(await fetched()).toBe(URL_A);
    expect(clock.nowMs() - began).toBeGreaterThanOrEqual(PATIENCE.stallMs);
    expect(http.asked).toEqual([URL_A, `${URL_A} bytes=40-`]);
    expect(clock.armed).toBe(0);
  });

  it('waits longer before each new attempt, and as long as the server asks', async () => {
    const times: number[] = [];
    const watched = {
      ...http,
      get: (...args: Parameters<ScriptedHttp['get']>) => {
        times.push(clock.nowMs());
        return http.get(...args);
      },
    };
    http.faults.push(
      { kind: 'status', status: 503 },
      { kind: 'refused' },
      { kind: 'status', status: 429, headers: { 'retry-after': '7' } },
    );

    expect(await fetched({ http: watched })).toBe(URL_A);
    expect(times.slice(1).map((at, i) => at - (times[i] ?? 0))).toEqual([500, 1000, 7000]);
  });

  it('is bounded', async () => {
    http.faults.push(...Array<Fault>(20).fill({ kind: 'status', status: 503 }));

    expect(await fetched()).toMatchObject({ code: 'DOWNLOAD_UNAVAILABLE', details: { status: 503 } });
    expect(http.asked).toHaveLength(PATIENCE.attempts);
  });

  it('keeps nothing of a file with the wrong checksum', async () => {
    http.page(URL_A, content.toReversed());

    expect(await fetched()).toMatchObject({
      code: 'DOWNLOAD_CHECKSUM',
      details: { expected: expectation(content), got: { bytes: 137 } },
    });
    expect(names()).toEqual([]);
    expect(http.asked).toHaveLength(1);
  });

  it('keeps nothing of a file that is too long, announced or not', async () => {
    for (const length of [true, false]) {
      http.page(URL_A, new Uint8Array(5000), { length });

      expect(await fetched()).toMatchObject({ code: 'DOWNLOAD_TOO_LONG' });
      expect(names()).toEqual([]);
    }
  });

  it('accepts the right content in another wrapping', async () => {
    const wrapped = { ...expectation(content), of: 'gunzipped' } as const;
    for (const level of [0, 9]) {
      http.page(URL_A, gzipSync(content, { level }));

      expect(await fetched({ to: `/cache/${level}.gz`, expect: wrapped })).toBe(URL_A);
    }
    http.page(URL_A, content);
    expect(await fetched({ to: '/cache/plain.gz', expect: wrapped })).toMatchObject({
      code: 'DOWNLOAD_CHECKSUM',
      details: { got: 'not gzip' },
    });
  });

  it('does not unpack more than the content can be', async () => {
    http.page(URL_A, gzipSync(new Uint8Array(20_000_000)));
    const wrapped = { ...expectation(content), of: 'gunzipped' } as const;

    const error = await fetched({ expect: wrapped });
    expect(error).toMatchObject({ code: 'DOWNLOAD_CHECKSUM' });
    expect((error as { details: { got: { bytes: number } } }).details.got.bytes).toBeLessThan(1_000_000);
  });

  it('says what has arrived, and how fast', async () => {
    const seen: [number, number | null][] = [];
    http.faults.push({ kind: 'cut', after: 130 });
    await fetched({ progress: ({ bytes, totalBytes }) => seen.push([bytes, totalBytes]) });

    expect(seen[0]).toEqual([10, 137]);
    expect(seen.at(-1)).toEqual([137, 137]);
  });
});

describe('several mirrors', () => {
  const urls = [URL_A, URL_B];

  it.each<[string, () => void]>([
    ['has not got the file', () => http.faults.push({ kind: 'status', status: 404 })],
    ['denies it', () => http.faults.push({ kind: 'status', status: 403 })],
    ['has another file', () => http.page(URL_A, content.toReversed())],
    ['is down', () => http.faults.push(...Array<Fault>(PATIENCE.attempts).fill({ kind: 'refused' }))],
  ])('help when the first %s', async (_, trouble) => {
    http.page(URL_B, content);
    trouble();

    expect(await fetched({ urls })).toBe(URL_B);
    expect(disk.dump()).toEqual(new Map([[TO, content]]));
  });

  it('never mix their bytes', async () => {
    http.page(URL_B, content);
    http.faults.push({ kind: 'cut', after: 60 });

    expect(await fetched({ urls, patience: { ...PATIENCE, attempts: 1 } })).toBe(URL_B);
    expect(http.asked).toEqual([URL_A, URL_B]);
  });

  it('that all failed are all named', async () => {
    http.page(URL_A, content.toReversed());

    expect(await fetched({ urls })).toMatchObject({
      code: 'DOWNLOAD_FAILED',
      details: {
        tried: [
          { url: URL_A, code: 'DOWNLOAD_CHECKSUM' },
          { url: URL_B, code: 'DOWNLOAD_NOT_FOUND' },
        ],
      },
    });
  });
});

describe('trouble at home', () => {
  it('a full disk is told at once, and the download goes on when there is room', async () => {
    disk.capacity = 100;
    expect(await fetched({ urls: [URL_A, URL_B] })).toMatchObject({ code: 'DISK_FULL' });
    expect(http.asked).toHaveLength(1);
    expect(names()).not.toContain(TO);

    disk.capacity = 1000;
    expect(await fetched()).toBe(URL_A);
    expect(http.asked.at(-1)).toMatch(/bytes=\d+-$/);
    expect(disk.dump().get(TO)).toEqual(content);
  });

  it('stops when told to, and can go on later', async () => {
    const stop = new AbortController();
    const progress = ({ bytes }: { bytes: number }) => bytes > 50 && stop.abort();
    http.faults.push({ kind: 'silence', after: 70 });

    expect(await fetched({ signal: stop.signal, progress })).toMatchObject({ code: 'DOWNLOAD_STOPPED' });
    expect(names()).not.toContain(TO);
    expect(await fetched()).toBe(URL_A);
    expect(http.asked.at(-1)).toBe(`${URL_A} bytes=70-`);
  });

  it('whatever fails in whatever order, the file is right or absent', async () => {
    const fault = fc.oneof(
      fc.record({ kind: fc.constantFrom('cut', 'short', 'silence'), after: fc.nat(137) }),
      fc.record({ kind: fc.constant('status'), status: fc.constantFrom(206, 416, 500, 503, 404, 403) }),
      fc.constant({ kind: 'refused' }),
    ) as fc.Arbitrary<Fault>;
    const faults = fc.array(fault, { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(faults, fc.boolean(), fc.option(fc.nat(30)), async (planned, ranges, diskFault) => {
        disk = memoryDisk();
        http = scriptedHttp();
        http.page(URL_A, content, { ranges });
        http.faults.push(...planned);
        if (diskFault !== null) disk.fail({ operation: 'change', nth: diskFault + 1, code: 'DISK_FAILED' });
        await fetched();
        disk.crash();

        expect([undefined, content]).toContainEqual(disk.dump().get(TO));
        disk.heal();
        http.faults.length = 0;
        expect(await fetched()).toSatisfy((from) => from === URL_A || from === null);
        expect(disk.dump().get(TO)).toEqual(content);
      }),
      { numRuns: 60 },
    );
  });
});
