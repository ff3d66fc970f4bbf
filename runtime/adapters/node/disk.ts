/** The real disk: every write lands where it was sent or throws, and a sync means the device has it. */

import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Disk, OpenFile } from '../../ports/disk.ts';
import { type DiskCode, diskError } from '../../ports/disk-errors.ts';

const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR } = constants;
/** Not `a`: Linux ignores the position of a write to a file opened for appending. */
const FLAGS = { create: O_RDWR | O_CREAT | O_EXCL, append: O_RDWR | O_CREAT, read: O_RDONLY } as const;

const CODES: Readonly<Record<string, DiskCode>> = {
  ENOENT: 'DISK_NOT_FOUND',
  ENOTDIR: 'DISK_NOT_FOUND',
  EEXIST: 'DISK_EXISTS',
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EFBIG: 'DISK_FULL',
  EACCES: 'DISK_DENIED',
  EPERM: 'DISK_DENIED',
  EROFS: 'DISK_DENIED',
};

let temporaries = 0;

export function nodeDisk(): Disk {
  return {
    open: (path, mode) =>
      during('open', path, async () => openFile(path, await open(path, FLAGS[mode], 0o600))),
    read: (path) => during('read', path, async () => plain(await readFile(path))),
    rename: (from, to) => during('rename', from, () => rename(from, to)),
    remove: (path) => during('remove', path, () => rm(path)),
    folder: (path) => during('folder', path, async () => void (await mkdir(path, { recursive: true }))),
    size: (path) => during('size', path, async () => (await stat(path)).size),
    list: (path) => during('list', path, async () => (await readdir(path)).sort()).catch(orElse([])),
    exists: (path) => during('exists', path, async () => Boolean(await stat(path))).catch(orElse(false)),
    syncFolder,
    writeAtomic,
  };
}

/** The same bytes without Node's own class, whose `slice` means something else. */
const plain = ({ buffer, byteOffset, length }: Uint8Array) => new Uint8Array(buffer, byteOffset, length);

async function writeAtomic(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}-${temporaries++}.tmp`;
  try {
    await during('write', path, async () => {
      const handle = await open(temporary, FLAGS.create, 0o600);
      try {
        await writeAll(handle, bytes, 0);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, path);
    });
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

function syncFolder(path: string): Promise<void> {
  return during('syncFolder', path, async () => {
    const handle = await open(path, O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  });
}

function openFile(path: string, handle: FileHandle): OpenFile {
  return {
    write: (bytes, position) => during('write', path, () => writeAll(handle, bytes, position)),
    read: (position, length) => during('read', path, () => readUpTo(handle, position, length)),
    sync: () => during('sync', path, () => handle.datasync()),
    truncate: (length) => during('truncate', path, () => handle.truncate(length)),
    size: () => during('size', path, async () => (await handle.stat()).size),
    close: () => during('close', path, () => handle.close()),
  };
}

/** A nearly full disk writes a part and calls it success; the next try tells why. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    if (bytesWritten === 0) throw new Error('the disk took no bytes');
    done += bytesWritten;
  }
}

async function readUpTo(handle: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, position + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

async function during<T>(operation: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = CODES[(error as NodeJS.ErrnoException).code ?? ''] ?? 'DISK_FAILED';
    throw diskError(code, operation, path, error);
  }
}

/** For questions where "it is not there" is an answer. */
const orElse =
  <T>(absent: T) =>
  (error: { readonly code?: string }): T => {
    if (error.code === 'DISK_NOT_FOUND') return absent;
    throw error;
  };
