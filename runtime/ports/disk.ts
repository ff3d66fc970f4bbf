/** The disk as a port, at the level where durability is decided: writes, syncs, renames, folders. */

export interface OpenFile {
  /** Writes all of `bytes` at `position`; a short write is an error here, not a return value. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Reads up to `length` bytes; fewer at the end of the file. */
  read(position: number, length: number): Promise<Uint8Array>;
  /** Data has reached the device when this resolves. A failed sync is never retried on the same file. */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

/**
 * Paths are absolute or relative to the process. What goes wrong is an `EsperError` with the path in its details:
 * DISK_NOT_FOUND, DISK_EXISTS (only from `create`), DISK_FULL, DISK_DENIED, and DISK_FAILED for the rest.
 */
export interface Disk {
  /** `create` fails when the file exists; `append` makes it when missing; `read` never writes. */
  open(path: string, mode: 'create' | 'append' | 'read'): Promise<OpenFile>;
  read(path: string): Promise<Uint8Array>;
  /** All or nothing: temporary file, sync, rename, sync of the folder. */
  writeAtomic(path: string, bytes: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes a folder and its parents; fine when it exists. */
  folder(path: string): Promise<void>;
  /** Names in a folder, sorted. A missing folder is an empty one. */
  list(path: string): Promise<readonly string[]>;
  exists(path: string): Promise<boolean>;
  /** Bytes in a file. */
  size(path: string): Promise<number>;
  /** Makes renames and new files in a folder durable. */
  syncFolder(path: string): Promise<void>;
}
