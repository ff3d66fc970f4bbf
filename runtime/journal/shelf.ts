/** The segments of an open journal: which one holds a record, and which ones may go. */
import type { Disk } from '../ports/disk.ts';
import type { FailPoints } from '../ports/fail-points.ts';
import type { RecordRange } from '../ports/journal.ts';
import type { Inflate } from './body.ts';
import type { Marks } from './marks.ts';
import type { Shelf } from './record-reader.ts';
import { letGoBefore, type Retention } from './retention.ts';
import { type Standing, startOf } from './scan.ts';
import { type SegmentHeader, segmentName } from './segment.ts';
import { spareName } from './segment-file.ts';
import type { SegmentPool } from './segment-pool.ts';
import { FLOOR_FILE } from './survey.ts';

export type ShelvedSegment = SegmentHeader & { readonly size: number };

export interface ShelfParts {
  readonly disk: Disk;
  readonly folder: string;
  readonly inflate: Inflate;
  readonly marks: Marks;
  readonly pool: SegmentPool;
  /** Oldest first, the newest included. */
  readonly segments: readonly ShelvedSegment[];
  readonly retention?: Retention | undefined;
  readonly failPoints?: FailPoints | undefined;
}

export class SegmentShelf implements Shelf {
  readonly disk: Disk;
  readonly folder: string;
  readonly inflate: Inflate;
  readonly marks: Marks;
  readonly #pool: SegmentPool;
  readonly #retention: Retention | undefined;
  readonly #failPoints: FailPoints | undefined;
  readonly #segments: ShelvedSegment[];
  /** Let go, and not yet removed. */
  readonly #doomed: ShelvedSegment[] = [];
  #upkeep: Promise<unknown> = Promise.resolve();
  #behind = false;

  constructor({ disk, folder, inflate, marks, pool, segments, retention, failPoints }: ShelfParts) {
    this.disk = disk;
    this.folder = folder;
    this.inflate = inflate;
    this.marks = marks;
    this.#pool = pool;
    this.#segments = [...segments];
    this.#retention = retention;
    this.#failPoints = failPoints;
  }

  get first(): number {
    return this.#segments[0]?.first ?? 1;
  }

  add(segment: ShelvedSegment): void {
    this.#segments.push(segment);
  }

  holding(sequence: number): { header: SegmentHeader; last: number; start: Standing } | undefined {
    const at = this.#segments.findLastIndex(({ first }) => first <= sequence);
    const header = this.#segments[at];
    if (!header) return undefined;
    const last = (this.#segments[at + 1]?.first ?? Number.POSITIVE_INFINITY) - 1;
    const mark = this.marks.before(sequence);
    return { header, last, start: mark?.segment === header.number ? mark : startOf(header) };
  }

  /** The first and last sequence a range means now, `last` being the newest record. */
  bounds(range: number | RecordRange, last: number): { from: number; to: number } {
    const { from = 1, to = last, limit = last } = typeof range === 'number' ? { from: range } : range;
    const start = Math.max(from === 'mark' ? (this.marks.all.at(-1)?.sequence ?? 1) : from, this.first);
    return { from: start, to: Math.min(to, last, start + limit - 1) };
  }

  /** Lets go of segments that hold nothing from `sequence` on, one call after the other; the newest stays. */
  truncateBefore(sequence: number): Promise<void> {
    return this.#inTurn(() => this.#letGo(sequence));
  }

  /** Writes the index and closes the ring, beside the appends. What fails is tried again by `catchUp`. */
  tidyLater(): void {
    this.tidy().catch(() => {
      this.#behind = true;
    });
  }

  /** @throws what stopped the tidying that could not be done beside the appends, and cannot be done now */
  async catchUp(): Promise<void> {
    if (!this.#behind) return;
    await this.tidy();
    this.#behind = false;
  }

  tidy(): Promise<void> {
    return this.#inTurn(async () => {
      await this.marks.save(this.disk, this.folder);
      const marks = this.marks.all.map(({ sequence }) => sequence);
      if (this.#retention) await this.#letGo(letGoBefore(this.#retention, this.#segments, marks));
    });
  }

  /** Resolves when nothing is being tidied any more, however that went. */
  async settled(): Promise<void> {
    await this.#upkeep;
  }

  async #letGo(sequence: number): Promise<void> {
    const keepFrom = this.#segments.findLastIndex(({ first }) => first <= sequence);
    const kept = this.#segments[keepFrom];
    if (keepFrom > 0 && kept) {
      const floor = new TextEncoder().encode(JSON.stringify({ first: kept.first }));
      await this.disk.writeAtomic(`${this.folder}/${FLOOR_FILE}`, floor);
      this.#doomed.push(...this.#segments.splice(0, keepFrom));
      this.marks.dropBefore(kept.first);
    }
    if (this.#doomed.length > 0) await this.#removeDoomed();
  }

  /** Oldest first, and what could not be removed is first again next time: whatever stops us, what remains has no gap. */
  async #removeDoomed(): Promise<void> {
    const spares: string[] = [];
    for (let segment = this.#doomed[0]; segment; segment = this.#doomed[0]) {
      this.#failPoints?.hit('retentionBeforeRemove');
      const path = `${this.folder}/${segmentName(segment.number)}`;
      if (this.#pool.takes(segment.size, spares.length)) {
        const spare = spareName(segment.number);
        await this.disk.rename(path, `${this.folder}/${spare}`);
        spares.push(spare);
      } else await this.disk.remove(path);
      this.#doomed.shift();
    }
    await this.disk.syncFolder(this.folder);
    // Not before the names are durable: a crash must not find a segment of the journal overwritten by a later one.
    for (const spare of spares) this.#pool.addSpare(spare);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#upkeep.then(work);
    this.#upkeep = done.catch(() => undefined);
    return done;
  }
}
