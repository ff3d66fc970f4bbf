/** What every disk promises; each adapter runs this and none gets a private version. */
import { expect, it } from 'vitest';
import type { Disk } from '../../../runtime/ports/disk.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: { code?: string }) => error.code,
  );

/** @param fresh a disk and an empty folder on it */
export function diskContract(fresh: () => Promise<{ disk: Disk; root: string }>): void {
  it('reads back what was written, where it was written', async () => {
    const { disk, root } = await fresh();
    const file = await disk.open(`${root}/a`, 'create');
    await file.write(bytes(1, 2, 3, 4), 0);
    await file.write(bytes(9), 2);
    await file.write(bytes(7), 6);
    await file.sync();

    expect([...(await file.read(1, 3))]).toEqual([2, 9, 4]);
    expect([...(await file.read(5, 100))]).toEqual([0, 7]);
    expect(await file.size()).toBe(7);
    await file.close();
    expect([...(await disk.read(`${root}/a`))]).toEqual([1, 2, 9, 4, 0, 0, 7]);
    expect(await disk.size(`${root}/a`)).toBe(7);
  });

  it('opens to append without forgetting what is there, and writes at the position given', async () => {
    const { disk, root } = await fresh();
    await disk.writeAtomic(`${root}/a`, bytes(1, 2, 3));
    const file = await disk.open(`${root}/a`, 'append');
    await file.write(bytes(8), 1);
    await file.close();

    expect([...(await disk.read(`${root}/a`))]).toEqual([1, 8, 3]);
  });

  it('grows a truncated file with zeros', async () => {
    const { disk, root } = await fresh();
    const file = await disk.open(`${root}/a`, 'append');
    await file.write(bytes(1, 2, 3), 0);
    await file.truncate(1);
    await file.truncate(4);
    await file.close();

    expect([...(await disk.read(`${root}/a`))]).toEqual([1, 0, 0, 0]);
  });

  it('creates a file once', async () => {
    const { disk, root } = await fresh();
    await (await disk.open(`${root}/a`, 'create')).close();

    expect(await codeOf(disk.open(`${root}/a`, 'create'))).toBe('DISK_EXISTS');
  });

  it('refuses to write through a file opened to read', async () => {
    const { disk, root } = await fresh();
    await disk.writeAtomic(`${root}/a`, bytes(1));
    const file = await disk.open(`${root}/a`, 'read');

    await expect(file.write(bytes(2), 0)).rejects.toThrow();
    await file.close();
    expect([...(await disk.read(`${root}/a`))]).toEqual([1]);
  });

  it('names the path when a file is missing', async () => {
    const { disk, root } = await fresh();
    const missing = `${root}/none`;

    for (const work of [
      () => disk.read(missing),
      () => disk.open(missing, 'read'),
      () => disk.open(`${missing}/a`, 'create'),
      () => disk.rename(missing, `${root}/b`),
      () => disk.remove(missing),
      () => disk.size(missing),
    ]) {
      await expect(work()).rejects.toMatchObject({ code: 'DISK_NOT_FOUND' });
    }
    await expect(disk.read(missing)).rejects.toMatchObject({ details: { path: missing, operation: 'read' } });
    expect(await disk.exists(missing)).toBe(false);
    expect(await disk.list(missing)).toEqual([]);
  });

  it('replaces a file whole', async () => {
    const { disk, root } = await fresh();
    await disk.writeAtomic(`${root}/a`, bytes(1, 2, 3));
    await disk.writeAtomic(`${root}/a`, bytes(4));

    expect([...(await disk.read(`${root}/a`))]).toEqual([4]);
    expect(await disk.list(root)).toEqual(['a']);
  });

  it('moves a file over another', async () => {
    const { disk, root } = await fresh();
    await disk.writeAtomic(`${root}/a`, bytes(1));
    await disk.writeAtomic(`${root}/b`, bytes(2));
    await disk.rename(`${root}/a`, `${root}/b`);
    await disk.syncFolder(root);

    expect(await disk.list(root)).toEqual(['b']);
    expect([...(await disk.read(`${root}/b`))]).toEqual([1]);
  });

  it('makes folders with their parents, lists them sorted, and minds no second time', async () => {
    const { disk, root } = await fresh();
    await disk.folder(`${root}/x/y`);
    await disk.folder(`${root}/x/y`);
    for (const name of ['b', 'a']) await disk.writeAtomic(`${root}/x/${name}`, bytes(1));
    await disk.remove(`${root}/x/a`);

    expect(await disk.list(`${root}/x`)).toEqual(['b', 'y']);
    expect(await disk.exists(`${root}/x/y`)).toBe(true);
  });

  it('does not change its mind when the writer reuses the array', async () => {
    const { disk, root } = await fresh();
    const file = await disk.open(`${root}/a`, 'create');
    const scratch = bytes(1, 2);
    await file.write(scratch, 0);
    scratch.fill(9);
    await file.close();

    expect([...(await disk.read(`${root}/a`))]).toEqual([1, 2]);
  });
}
