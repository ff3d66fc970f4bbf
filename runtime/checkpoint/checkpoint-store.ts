/** Keeps checkpoints in a folder: written whole, verified when read, put into quarantine when not sound. */
import assert from 'node:assert/strict';
import { toFailure } from '../../contracts/failure.ts';
import type { Disk } from '../ports/disk.ts';
import type { Hasher } from '../ports/hasher.ts';
import {
  type Checkpoint,
  checkpointCorrupt,
  checkpointNotFound,
  decodeCheckpoint,
  encodeCheckpoint,
} from './checkpoint.ts';
import { type CheckpointName, checkpointName, parseCheckpointName } from './checkpoint-name.ts';

export interface WrittenCheckpoint {
  /** Name within the store's folder. */
  readonly file: string;
  /** Of the whole file, as `sha256sum` prints it. */
  readonly sha256: string;
  readonly bytes: number;
}

export interface ListedCheckpoint extends CheckpointName {
  readonly file: string;
}

export interface CheckpointStore {
  /**
   * Writes a checkpoint, reads it back, and only then lets older ones go.
   * @throws DISK_FULL and its kin: the older ones are still there
   * @throws CHECKPOINT_CORRUPT when the disk gives back other bytes
   */
  write(checkpoint: Checkpoint): Promise<WrittenCheckpoint>;
  /**
   * @param file a name from `list` or from the journal
   * @throws CHECKPOINT_CORRUPT when it is not what was written; it is in quarantine then
   * @throws CHECKPOINT_NOT_FOUND when there is no such file
   */
  read(file: string): Promise<Checkpoint>;
  /** The newest sound one, damaged ones on the way put into quarantine; nothing when there is none. */
  newestVerified(): Promise<
    | { readonly file: string; readonly checkpoint: Checkpoint; readonly quarantined: readonly string[] }
    | undefined
  >;
  /** Newest first, not verified. */
  list(): Promise<readonly ListedCheckpoint[]>;
}

export interface CheckpointStoreOptions {
  readonly disk: Disk;
  /** Made at the first write. */
  readonly folder: string;
  readonly hasher: Hasher;
  /** Newest checkpoints to keep; at least two, since the newest may turn out damaged. */
  readonly keep: number;
}

const QUARANTINED = '.quarantined';
const SOUND_MIN = 2;

export function checkpointStore(options: CheckpointStoreOptions): CheckpointStore {
  assert(Number.isInteger(options.keep) && options.keep >= SOUND_MIN, 'keep at least two checkpoints');
  return new FolderStore(options);
}

class FolderStore implements CheckpointStore {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #hasher: Hasher;
  readonly #keep: number;
  /** Files this process has read and found sound. */
  readonly #sound = new Set<string>();

  constructor({ disk, folder, hasher, keep }: CheckpointStoreOptions) {
    this.#disk = disk;
    this.#folder = folder;
    this.#hasher = hasher;
    this.#keep = keep;
  }

  async write(checkpoint: Checkpoint): Promise<WrittenCheckpoint> {
    await this.#disk.folder(this.#folder);
    const bytes = encodeCheckpoint(checkpoint, this.#hasher);
    const sha256 = this.#hasher.sha256([bytes]);
    const serial = await this.#nextSerial();
    const file = checkpointName({ serial, boundary: checkpoint.boundary, hash: sha256 });
    await this.#disk.writeAtomic(this.#path(file), bytes);
    await this.read(file);
    await this.#release();
    return { file, sha256, bytes: bytes.length };
  }

  async read(file: string): Promise<Checkpoint> {
    const name = parseCheckpointName(file);
    if (!name) throw checkpointCorrupt('its name is not that of a checkpoint', { file });
    const bytes = await this.#bytes(file);
    try {
      const checkpoint = this.#verified(name, bytes);
      this.#sound.add(file);
      return checkpoint;
    } catch (cause) {
      await this.#quarantine(file);
      throw checkpointCorrupt(toFailure(cause).message, { file, quarantinedAs: file + QUARANTINED }, cause);
    }
  }

  async newestVerified() {
    const quarantined: string[] = [];
    for (const { file } of await this.list()) {
      const checkpoint = await this.#readIfSound(file);
      if (checkpoint) return { file, checkpoint, quarantined };
      quarantined.push(file);
    }
    return undefined;
  }

  async list(): Promise<readonly ListedCheckpoint[]> {
    const named = (await this.#disk.list(this.#folder)).flatMap((file) => {
      const name = parseCheckpointName(file);
      return name ? [{ ...name, file }] : [];
    });
    return named.sort((a, b) => b.serial - a.serial);
  }

  /** The hash in the name covers every byte; the seal inside catches a writer that hashed one thing and wrote another. */
  #verified(name: CheckpointName, bytes: Uint8Array): Checkpoint {
    const hash = this.#hasher.sha256([bytes]);
    if (!hash.startsWith(name.hash)) throw new Error('its bytes are not those its name promises');
    const checkpoint = decodeCheckpoint(bytes, this.#hasher);
    if (checkpoint.boundary !== name.boundary) throw new Error('it belongs to another boundary');
    return checkpoint;
  }

  async #readIfSound(file: string): Promise<Checkpoint | undefined> {
    return this.read(file).catch((error: { code?: string }) => {
      if (error.code === 'CHECKPOINT_CORRUPT') return undefined;
      throw error;
    });
  }

  /** Keeps the newest `keep`, and in any case the newest two that are sound. */
  async #release(): Promise<void> {
    let sound = 0;
    for (const [age, { file }] of (await this.list()).entries()) {
      const expendable = age >= this.#keep && sound >= SOUND_MIN;
      if (expendable) await this.#disk.remove(this.#path(file));
      else if (sound < SOUND_MIN && (this.#sound.has(file) || (await this.#readIfSound(file)))) sound++;
    }
  }

  async #quarantine(file: string): Promise<void> {
    this.#sound.delete(file);
    await this.#disk.rename(this.#path(file), this.#path(file + QUARANTINED));
    await this.#disk.syncFolder(this.#folder);
  }

  /** Counts those in quarantine too, so that no name is ever used twice. */
  async #nextSerial(): Promise<number> {
    const serials = (await this.#disk.list(this.#folder)).map((file) => Number.parseInt(file, 10) || 0);
    return Math.max(0, ...serials) + 1;
  }

  async #bytes(file: string): Promise<Uint8Array> {
    try {
      return await this.#disk.read(this.#path(file));
    } catch (cause) {
      if (toFailure(cause).code !== 'DISK_NOT_FOUND') throw cause;
      throw checkpointNotFound(file, this.#folder, cause);
    }
  }

  #path(file: string): string {
    return `${this.#folder}/${file}`;
  }
}
