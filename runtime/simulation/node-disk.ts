/** The disk as one life of a node has it: it takes its time, and from a dead hand it takes nothing. */
import type { Disk, OpenFile } from '../ports/disk.ts';

export interface NodeDiskOptions {
  readonly disk: Disk;
  readonly alive: () => boolean;
  /** Milliseconds that the next operation waits: before it is done, and before its answer comes. */
  readonly waits: () => readonly [beforeMs: number, afterMs: number];
  readonly after: (delayMs: number, fire: () => void) => void;
}

export function nodeDisk({ disk, alive, waits, after }: NodeDiskOptions): Disk {
  const pause = (ms: number) => new Promise<void>((resolve) => after(ms, resolve));
  /** An operation of a life that is over has no effect and no answer. */
  const op = async <T>(run: () => Promise<T>): Promise<T> => {
    const [beforeMs, afterMs] = waits();
    if (beforeMs > 0) await pause(beforeMs);
    if (!alive()) return new Promise<T>(() => {});
    const outcome = await run();
    if (afterMs > 0) await pause(afterMs);
    return outcome;
  };
  const fileOf = (file: OpenFile): OpenFile => ({
    write: (bytes, position) => {
      const copy = bytes.slice(); // a driver may take the bytes later; whoever wrote may reuse them only after the answer
      return op(() => file.write(copy, position));
    },
    read: (position, length) => op(() => file.read(position, length)),
    sync: () => op(() => file.sync()),
    truncate: (length) => op(() => file.truncate(length)),
    size: () => op(() => file.size()),
    close: () => op(() => file.close()),
  });
  return {
    open: async (path, mode) => fileOf(await op(() => disk.open(path, mode))),
    read: (path) => op(() => disk.read(path)),
    // In its five steps, so that a crash may come between any two.
    async writeAtomic(path, bytes) {
      const temporary = `${path}.tmp`;
      if (await this.exists(temporary)) await this.remove(temporary);
      const file = await this.open(temporary, 'create');
      await file.write(bytes, 0);
      await file.sync();
      await file.close();
      await this.rename(temporary, path);
      await this.syncFolder(path.slice(0, Math.max(1, path.lastIndexOf('/'))));
    },
    rename: (from, to) => op(() => disk.rename(from, to)),
    remove: (path) => op(() => disk.remove(path)),
    folder: (path) => op(() => disk.folder(path)),
    list: (path) => op(() => disk.list(path)),
    exists: (path) => op(() => disk.exists(path)),
    size: (path) => op(() => disk.size(path)),
    syncFolder: (path) => op(() => disk.syncFolder(path)),
  };
}
