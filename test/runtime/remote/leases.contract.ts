/** What every lease store promises, wherever it keeps its keys. */
import { expect, it } from 'vitest';
import type { LeaseEntry, Leases } from '../../../runtime/index.ts';

export interface LeasesWorld {
  /** Two clients of one store. */
  readonly one: Leases;
  readonly other: Leases;
  /** Lets what is under way be done. */
  during<T>(work: Promise<T>): Promise<T>;
  settle(): Promise<void>;
  /** The store cannot be reached from `one` until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  end(): Promise<void>;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (entry: LeaseEntry | undefined) =>
  entry === undefined ? undefined : new TextDecoder().decode(entry.value);

export function leasesContract(start: () => Promise<LeasesWorld>): void {
  it('gives back what was written, to everybody', async () => {
    const { one, other, during, end } = await start();
    expect(await during(one.get('a'))).toBeUndefined();
    const revision = await during(one.put('a', bytes('mine'), 0));
    const entry = await during(other.get('a'));

    expect(entry).toMatchObject({ key: 'a', revision });
    expect(text(entry)).toBe('mine');
    await end();
  });

  it('writes only over the revision that was expected, and says so', async () => {
    const { one, other, during, end } = await start();
    const first = (await during(one.put('a', bytes('1'), 0))) as number;
    expect(await during(other.put('a', bytes('2'), 0))).toBeUndefined();
    const second = (await during(other.put('a', bytes('3'), first))) as number;
    expect(second).toBeGreaterThan(first);
    expect(await during(one.put('a', bytes('4'), first))).toBeUndefined();
    expect(text(await during(one.get('a')))).toBe('3');
    await end();
  });

  it('lets one of two win who write at the same time', async () => {
    const { one, other, during, end } = await start();
    const both = Promise.all([one.put('a', bytes('one'), 0), other.put('a', bytes('other'), 0)]);
    const revisions = await during(both);
    expect(revisions.filter((revision) => revision !== undefined)).toHaveLength(1);
    expect(text(await during(one.get('a')))).toBe(revisions[0] === undefined ? 'other' : 'one');
    await end();
  });

  it('raises the revision with every write of any key', async () => {
    const { one, during, end } = await start();
    const revisions: number[] = [];
    for (const key of ['a', 'b', 'c']) revisions.push((await during(one.put(key, bytes(key), 0))) as number);
    expect(revisions).toEqual([...new Set(revisions)].sort((x, y) => x - y));
    expect(revisions[0]).toBeGreaterThanOrEqual(1);
    await end();
  });

  it('keeps bytes of its own', async () => {
    const { one, during, end } = await start();
    const value = bytes('kept');
    const written = one.put('a', value, 0);
    value.fill(0);
    await during(written);
    (await during(one.get('a')))?.value.fill(1);
    expect(text(await during(one.get('a')))).toBe('kept');
    await end();
  });

  it('tells of writes below a prefix until told to stop', async () => {
    const { one, other, during, settle, end } = await start();
    const told: string[] = [];
    const stop = other.watch('a.', (entry) => told.push(`${entry.key} ${text(entry)}`));
    await settle();
    await during(one.put('a.x', bytes('1'), 0));
    await during(one.put('b.x', bytes('2'), 0));
    await settle();
    stop();
    await settle();
    await during(one.put('a.y', bytes('3'), 0));
    await settle();
    expect(told).toEqual(['a.x 1']);
    await end();
  });

  it('rejects with LEASES_UNREACHABLE while it cannot be reached, and works again after', async () => {
    const { one, during, down, up, end } = await start();
    await down();
    const unreachable = { code: 'LEASES_UNREACHABLE', retryable: true };
    await expect(during(one.get('a'))).rejects.toMatchObject(unreachable);
    await expect(during(one.put('a', bytes('1'), 0))).rejects.toMatchObject(unreachable);
    await up();
    const entry = await during(one.get('a'));
    expect(['1', undefined]).toContain(text(entry));
    expect(await during(one.put('a', bytes('2'), entry?.revision ?? 0))).toBeGreaterThan(0);
    await end();
  });
}
