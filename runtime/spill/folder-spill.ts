/** What mailboxes spill, in a folder: records gather in memory and go to a file by the chunk. */
import { asError } from '../actor/errors.ts';
import { Ring } from '../actor/ring.ts';
import type { Disk } from '../ports/disk.ts';
import type { Log } from '../ports/log.ts';
import type { Spill, SpillStore } from '../ports/spill.ts';
import { decodeChunk, encodeChunk, unreadable } from './chunk.ts';

export interface FolderSpillOptions {
  readonly disk: Disk;
  /** Made when missing; nobody else may write there. */
  readonly folder: string;
  readonly log: Log;
  /** Bytes gathered before they are written, default 256 KiB. */
  readonly chunkBytes?: number;
}

/** Files are written without a sync: a spill need not outlive its process. */
export function folderSpillStore(options: FolderSpillOptions): SpillStore {
  const open = new Set<string>();
  let opened = 0;
  return {
    open(owner, maxBytes) {
      const shelf = { label: `${opened++}-`, open };
      const spill = new FolderSpill(owner, maxBytes, options, shelf);
      open.add(shelf.label);
      return spill;
    },
  };
}

/** Its files among those of others in one folder: whoever lived at a path before may still be clearing up. */
interface Shelf {
  readonly label: string;
  /** Labels in use now. */
  readonly open: Set<string>;
}

const labelOf = (name: string) => name.slice(0, name.indexOf('-') + 1);

interface Chunk {
  readonly path: string;
  readonly count: number;
  readonly bytes: number;
  /** Null once they are in the file alone. */
  records: Uint8Array[] | null;
}

class FolderSpill implements Spill {
  bytes = 0;
  count = 0;
  readonly #options: FolderSpillOptions;
  readonly #shelf: Shelf;
  readonly #folder: string;
  readonly #maxBytes: number;
  readonly #chunks = new Ring<Chunk>();
  /** Read back, and not taken yet. */
  #oldest: Uint8Array[] = [];
  #gathering: Uint8Array[] = [];
  #gathered = 0;
  #chunkNumber = 0;
  #failed = false;
  /** Everything done to the folder, one after the other. */
  #work: Promise<void>;

  constructor(owner: string, maxBytes: number, options: FolderSpillOptions, shelf: Shelf) {
    this.#options = options;
    this.#shelf = shelf;
    this.#maxBytes = maxBytes;
    this.#folder = `${options.folder}/${encodeURIComponent(owner)}`;
    this.#work = this.#sweep(this.#leftovers(shelf)).catch((thrown) => this.#fail(thrown));
  }

  push(record: Uint8Array): boolean {
    if (this.#failed || this.bytes + record.length > this.#maxBytes) return false;
    this.#gathering.push(record);
    this.#gathered += record.length;
    this.bytes += record.length;
    this.count++;
    if (this.#gathered >= (this.#options.chunkBytes ?? 256 * 1024)) this.#roll();
    return true;
  }

  async take(atMost: number): Promise<readonly Uint8Array[]> {
    if (this.#oldest.length === 0) this.#oldest = await this.#nextChunk();
    const taken = this.#oldest.splice(0, atMost);
    for (const record of taken) this.bytes -= record.length;
    this.count -= taken.length;
    return taken;
  }

  async close(): Promise<void> {
    await this.#work;
    this.#shelf.open.delete(this.#shelf.label);
    const mine = (name: string) => labelOf(name) === this.#shelf.label;
    await this.#sweep(mine).catch((thrown) => this.#fail(thrown));
    this.#gathering = [];
    this.#oldest = [];
    this.bytes = 0;
    this.count = 0;
  }

  /** What has been gathered is a chunk now. Its records stay in memory until the file is there. */
  #roll(): void {
    const records = this.#gathering;
    const path = `${this.#folder}/${this.#shelf.label}${String(this.#chunkNumber++).padStart(8, '0')}.spill`;
    const chunk: Chunk = { path, count: records.length, bytes: this.#gathered, records };
    this.#chunks.push(chunk);
    this.#gathering = [];
    this.#gathered = 0;
    this.#work = this.#work.then(() => this.#write(chunk)).catch((thrown) => this.#fail(thrown));
  }

  async #write(chunk: Chunk): Promise<void> {
    if (chunk.records === null || this.#failed) return;
    const file = await this.#options.disk.open(chunk.path, 'create');
    try {
      await file.write(encodeChunk(chunk.records), 0);
      chunk.records = null;
    } finally {
      await file.close();
    }
  }

  async #nextChunk(): Promise<Uint8Array[]> {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) {
      const records = this.#gathering;
      this.#gathering = [];
      this.#gathered = 0;
      return records;
    }
    // Whatever is being written is written, so that a chunk is either in memory or whole in its file.
    await this.#work;
    if (chunk.records !== null) return chunk.records;
    try {
      const records = decodeChunk(await this.#options.disk.read(chunk.path), chunk.count, chunk.path);
      await this.#options.disk.remove(chunk.path);
      return records;
    } catch (thrown) {
      this.bytes -= chunk.bytes;
      this.count -= chunk.count;
      throw unreadable(chunk.path, asError(thrown).message, thrown);
    }
  }

  /** What nobody has open: an earlier process left it. Others may open one before the sweep, but not under this label. */
  #leftovers({ label, open }: Shelf): (name: string) => boolean {
    return (name) => labelOf(name) === label || !open.has(labelOf(name));
  }

  async #sweep(unwanted: (name: string) => boolean): Promise<void> {
    const { disk } = this.#options;
    await disk.folder(this.#folder);
    for (const name of (await disk.list(this.#folder)).filter(unwanted))
      await disk.remove(`${this.#folder}/${name}`);
  }

  /** A disk that fails costs no message: what is in memory stays there, and no more is taken in. */
  #fail(thrown: unknown): void {
    this.#failed = true;
    const error = asError(thrown).message;
    this.#options.log.write('error', 'the spill folder cannot be used', { folder: this.#folder, error });
  }
}
