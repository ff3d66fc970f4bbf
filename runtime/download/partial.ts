/** A file on its way: `<name>.part` with what has arrived, `<name>.part.note` with where it comes from. */
import type { Disk } from '../ports/disk.ts';

/** Where the bytes of a `.part` come from. Enough to go on from where a dead process stopped. */
export interface Origin {
  readonly url: string;
  /** A strong ETag or a Last-Modified date: the server resumes only if the file is still that one. */
  readonly validator: string;
  readonly totalBytes: number;
}

export interface Partial {
  readonly path: string;
  /** Bytes that have arrived, and where from; null when there is nothing to go on from. */
  arrived(url: string): Promise<{ readonly bytes: number; readonly origin: Origin } | null>;
  /** Begins anew. Without an origin an interrupted transfer starts over next time. */
  begin(origin: Origin | null): Promise<void>;
  /** Takes both files away. */
  drop(): Promise<void>;
  /** Makes the whole file appear under its name at once, durably. */
  finish(): Promise<void>;
}

export function partialOf(disk: Disk, to: string): Partial {
  const path = `${to}.part`;
  const note = `${to}.part.note`;
  const folder = to.slice(0, Math.max(0, to.lastIndexOf('/'))) || '.';
  const removeIfThere = async (name: string) => {
    if (await disk.exists(name)) await disk.remove(name);
  };
  const drop = async () => {
    // The note goes first: bytes without a note are never trusted, a note without bytes would be.
    await removeIfThere(note);
    await removeIfThere(path);
  };
  return {
    path,
    async arrived(url) {
      if (!(await disk.exists(note)) || !(await disk.exists(path))) return null;
      const origin = parse(new TextDecoder().decode(await disk.read(note)));
      if (origin?.url !== url) return null;
      const bytes = await disk.size(path);
      return bytes > 0 && bytes <= origin.totalBytes ? { bytes, origin } : null;
    },
    async begin(origin) {
      await drop();
      await disk.folder(folder);
      const file = await disk.open(path, 'create');
      await file.close();
      if (origin) await disk.writeAtomic(note, new TextEncoder().encode(print(origin)));
    },
    drop,
    async finish() {
      await removeIfThere(note);
      await synced(disk, path, drop);
      await disk.rename(path, to);
      await disk.syncFolder(folder);
    },
  };
}

/** After a failed sync nobody knows what the device holds, and the next sync may lie: such bytes are thrown away. */
async function synced(disk: Disk, path: string, drop: () => Promise<void>): Promise<void> {
  const file = await disk.open(path, 'append');
  try {
    await file.sync();
  } catch (error) {
    await drop();
    throw error;
  } finally {
    await file.close();
  }
}

const print = ({ url, validator, totalBytes }: Origin) => `${url}\n${validator}\n${totalBytes}\n`;

/** Null for a note we did not write. */
function parse(text: string): Origin | null {
  const [url, validator, total, end] = text.split('\n');
  if (!url || !validator || end !== '' || !/^\d{1,15}$/.test(total ?? '')) return null;
  return { url, validator, totalBytes: Number(total) };
}
