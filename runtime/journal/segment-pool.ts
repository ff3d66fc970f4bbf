/** The next segment's file, made ready while the present one fills: a rotation finds it laid out. */
import type { Disk } from '../ports/disk.ts';
import { type Blank, layOutBlank, nameSegment, openSpare, type SegmentFile } from './segment-file.ts';

/** More would be room nobody asked to keep. */
const SPARES_MAX = 2;

export class SegmentPool {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #size: number;
  readonly #spares: string[];
  #ready: Promise<Blank | undefined> | undefined;
  #made = 0;

  /** @param spares names of files of exactly `size` bytes, durable under these names */
  constructor(disk: Disk, folder: string, size: number, spares: readonly string[]) {
    this.#disk = disk;
    this.#folder = folder;
    this.#size = size;
    this.#spares = [...spares];
  }

  /** True when a file of `size` bytes can serve again, `more` others being on their way. */
  takes(size: number, more: number): boolean {
    return size === this.#size && this.#spares.length + more < SPARES_MAX;
  }

  /** @param name of a file of the pool's size, durable under this name */
  addSpare(name: string): void {
    this.#spares.push(name);
  }

  /** Begins to make the next file ready, unless that was done. Failing here means that `next` tries again, in the open. */
  prepare(): void {
    this.#ready ??= this.#blank(this.#size).catch(() => undefined);
  }

  /** The segment that follows, with room for `room` bytes at least. */
  async next(number: number, first: number, room: number): Promise<SegmentFile> {
    const blank = room > this.#size ? await this.#blank(room) : await this.#take();
    return nameSegment(this.#disk, this.#folder, blank, number, first);
  }

  /** Lets go of the file made ready; a spare one stays for the next opening. */
  async close(): Promise<void> {
    const blank = await this.#ready;
    await blank?.file.close();
    if (blank?.reused === false) await this.#disk.remove(blank.path);
  }

  async #take(): Promise<Blank> {
    const ready = await this.#ready;
    this.#ready = undefined;
    return ready ?? this.#blank(this.#size);
  }

  #blank(size: number): Promise<Blank> {
    const spare = size === this.#size ? this.#spares.shift() : undefined;
    if (spare) return openSpare(this.#disk, this.#folder, spare, size);
    return layOutBlank(this.#disk, this.#folder, `next-${this.#made++}`, size);
  }
}
