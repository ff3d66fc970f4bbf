/** Snapshots in folders, one a stream: each file is whole under its name, or not there. */
import type { Disk } from '../ports/disk.ts';
import type { FoundSnapshot, Snapshot, SnapshotCriteria, SnapshotStore } from '../ports/event-store.ts';
import type { FailPoints } from '../ports/fail-points.ts';
import { decodeSnapshot, encodeSnapshot, snapshotName, snapshotRevision } from './snapshot-file.ts';
import { folderNameOf } from './stream-id.ts';

/** A file under construction, alone in its folder: saves of one store are one after the other. */
const UNFINISHED = 'unfinished';

export class SnapshotFolder implements SnapshotStore {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #failPoints: FailPoints | null;
  #changes: Promise<unknown> = Promise.resolve();

  constructor(disk: Disk, folder: string, failPoints: FailPoints | null) {
    this.#disk = disk;
    this.#folder = folder;
    this.#failPoints = failPoints;
  }

  save(id: string, snapshot: Snapshot): Promise<void> {
    return this.#inTurn(() => this.#save(this.#folderOf(id), snapshot));
  }

  async newest(id: string, criteria: SnapshotCriteria = {}): Promise<FoundSnapshot> {
    await this.#changes;
    const folder = this.#folderOf(id);
    let damaged = 0;
    for (const revision of (await this.#revisions(folder)).reverse()) {
      if (!hasRevision(revision, criteria)) continue;
      const snapshot = await this.#read(folder, revision);
      if (snapshot === undefined) damaged++;
      else if (hasTime(snapshot.atMs, criteria)) return { snapshot, damaged };
    }
    return { snapshot: undefined, damaged };
  }

  async list(id: string): Promise<readonly number[]> {
    await this.#changes;
    return this.#revisions(this.#folderOf(id));
  }

  delete(id: string, revision: number): Promise<void> {
    return this.deleteMatching(id, { minRevision: revision, maxRevision: revision });
  }

  deleteMatching(id: string, criteria: SnapshotCriteria): Promise<void> {
    return this.#inTurn(async () => {
      const folder = this.#folderOf(id);
      const timed = criteria.minAtMs !== undefined || criteria.maxAtMs !== undefined;
      let removed = 0;
      for (const revision of await this.#revisions(folder)) {
        if (!hasRevision(revision, criteria)) continue;
        const atMs = timed ? (await this.#read(folder, revision))?.atMs : undefined;
        if (timed && (atMs === undefined || !hasTime(atMs, criteria))) continue;
        await this.#disk.remove(`${folder}/${snapshotName(revision)}`);
        removed++;
      }
      if (removed > 0) await this.#disk.syncFolder(folder);
    });
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#changes;
  }

  async #save(folder: string, snapshot: Snapshot): Promise<void> {
    const disk = this.#disk;
    if (!(await disk.exists(folder))) {
      await disk.folder(folder);
      await disk.syncFolder(this.#folder);
    }
    const unfinished = `${folder}/${UNFINISHED}`;
    if (await disk.exists(unfinished)) await disk.remove(unfinished);
    this.#failPoints?.hit('snapshotBeforeWrite');
    const file = await disk.open(unfinished, 'create');
    try {
      await file.write(encodeSnapshot(snapshot), 0);
      await file.sync();
    } finally {
      await file.close();
    }
    this.#failPoints?.hit('snapshotBeforeRename');
    await disk.rename(unfinished, `${folder}/${snapshotName(snapshot.revision)}`);
    this.#failPoints?.hit('snapshotAfterRenameBeforeDirSync');
    await disk.syncFolder(folder);
  }

  async #read(folder: string, revision: number): Promise<Snapshot | undefined> {
    return decodeSnapshot(await this.#disk.read(`${folder}/${snapshotName(revision)}`), revision);
  }

  async #revisions(folder: string): Promise<number[]> {
    const names = await this.#disk.list(folder);
    return names.flatMap((name) => snapshotRevision(name) ?? []);
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const done = this.#changes.then(change);
    this.#changes = done.catch(() => {}); // whoever asked for it is told; the next one has its own chance
    return done;
  }

  #folderOf(id: string): string {
    return `${this.#folder}/${folderNameOf(id)}`;
  }
}

const hasRevision = (revision: number, { minRevision = 0, maxRevision = Infinity }: SnapshotCriteria) =>
  revision >= minRevision && revision <= maxRevision;

const hasTime = (atMs: number, { minAtMs = -Infinity, maxAtMs = Infinity }: SnapshotCriteria) =>
  atMs >= minAtMs && atMs <= maxAtMs;
