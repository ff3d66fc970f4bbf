/** A disk made of arrays that fails on command and forgets, at a crash, what nobody synced. */
import type { RandomStream } from '../../../contracts/random-stream.ts';
import type { Disk, OpenFile } from '../../ports/disk.ts';
import { type DiskCode, diskError } from '../../ports/disk-errors.ts';
import { type DiskFault, type DiskOperation, faultBox } from './disk-faults.ts';
import { Inode } from './inode.ts';

export interface MemoryDisk extends Disk {
  /** Arms a fault; several may be armed, each counts on its own from now. */
  fail(fault: DiskFault): void;
  /** Forgets every armed fault: the cable is back in. */
  heal(): void;
  /** Bytes all files together may hold; the write that passes it is cut short and throws DISK_FULL. */
  capacity: number;
  /** Writes, syncs, renames and removals done since the start. */
  readonly operations: number;
  /**
   * The power goes. Open files are dead; what was not synced is lost, or, with `random`, kept, lost or torn by lot.
   * Names not made durable by `syncFolder` go the same way. Armed faults are forgotten.
   */
  crash(random?: RandomStream): void;
  /** Puts a durable file in place at once, making its folder. */
  put(path: string, bytes: Uint8Array): void;
  /** Flips one bit of a file, as ageing hardware does. */
  flip(path: string, bit: number): void;
  /** Every file, by path, as it reads now. Copies. */
  dump(): Map<string, Uint8Array>;
}

type NameChange =
  | { readonly add: string; readonly inode: Inode }
  | { readonly drop: string }
  | { readonly from: string; readonly add: string; readonly inode: Inode };

export function memoryDisk(): MemoryDisk {
  return new ArrayDisk();
}

class ArrayDisk implements MemoryDisk {
  capacity = Number.POSITIVE_INFINITY;
  #names = new Map<string, Inode>();
  #durable = new Map<string, Inode>();
  #changes: NameChange[] = [];
  #folders = new Set<string>(['/', '.']);
  #faults = faultBox();
  #life = 0;

  get operations(): number {
    return this.#faults.operations;
  }
  fail(fault: DiskFault): void {
    this.#faults.arm(fault);
  }
  heal(): void {
    this.#faults.clear();
  }

  async open(path: string, mode: 'create' | 'append' | 'read'): Promise<OpenFile> {
    this.#check('open', path);
    let inode = this.#names.get(path);
    if (inode && mode === 'create') throw diskError('DISK_EXISTS', 'open', path);
    if (!inode) {
      if (mode === 'read' || !this.#folders.has(folderOf(path)))
        throw diskError('DISK_NOT_FOUND', 'open', path);
      inode = new Inode();
      this.#rename({ add: path, inode });
    }
    return this.#file(path, inode, mode === 'read');
  }

  async read(path: string): Promise<Uint8Array> {
    this.#check('read', path);
    const inode = this.#inode('read', path);
    return inode.read(0, inode.length);
  }

  async writeAtomic(path: string, bytes: Uint8Array): Promise<void> {
    const temporary = `${path}.tmp`;
    if (this.#names.has(temporary)) this.#rename({ drop: temporary });
    const file = await this.open(temporary, 'create');
    await file.write(bytes, 0);
    await file.sync();
    await this.rename(temporary, path);
    await this.syncFolder(folderOf(path));
  }

  async rename(from: string, to: string): Promise<void> {
    this.#check('rename', from);
    const inode = this.#inode('rename', from);
    if (!this.#folders.has(folderOf(to))) throw diskError('DISK_NOT_FOUND', 'rename', to);
    this.#rename({ from, add: to, inode });
  }

  async remove(path: string): Promise<void> {
    this.#check('remove', path);
    this.#inode('remove', path);
    this.#rename({ drop: path });
  }

  async folder(path: string): Promise<void> {
    for (let at = path; !this.#folders.has(at); at = folderOf(at)) this.#folders.add(at);
  }

  async list(path: string): Promise<readonly string[]> {
    const inside = [...this.#names.keys(), ...this.#folders].filter(
      (name) => folderOf(name) === path && name !== path,
    );
    return inside.map((name) => name.slice(name.lastIndexOf('/') + 1)).sort();
  }

  async exists(path: string): Promise<boolean> {
    return this.#names.has(path) || this.#folders.has(path);
  }

  async size(path: string): Promise<number> {
    return this.#inode('size', path).length;
  }

  async syncFolder(path: string): Promise<void> {
    this.#check('syncFolder', path);
    if (!this.#folders.has(path)) throw diskError('DISK_NOT_FOUND', 'syncFolder', path);
    const here = (change: NameChange) => folderOf('drop' in change ? change.drop : change.add) === path;
    for (const change of this.#changes.filter(here)) apply(this.#durable, change);
    this.#changes = this.#changes.filter((change) => !here(change));
  }

  crash(random?: RandomStream): void {
    this.#life++;
    this.#faults.clear();
    const kept = random ? random.below(this.#changes.length + 1) : 0;
    for (const change of this.#changes.slice(0, kept)) apply(this.#durable, change);
    this.#changes = [];
    for (const inode of new Set([...this.#names.values(), ...this.#durable.values()])) inode.crash(random);
    this.#names = new Map(this.#durable);
  }

  put(path: string, bytes: Uint8Array): void {
    void this.folder(folderOf(path));
    const inode = new Inode();
    inode.write(bytes, 0);
    inode.sync();
    this.#names.set(path, inode);
    this.#durable.set(path, inode);
  }

  flip(path: string, bit: number): void {
    this.#inode('flip', path).flip(bit);
  }

  dump(): Map<string, Uint8Array> {
    return new Map([...this.#names].map(([path, inode]) => [path, inode.read(0, inode.length)]));
  }

  #file(path: string, inode: Inode, readOnly: boolean): OpenFile {
    const born = this.#life;
    let open = true;
    const check = (operation: DiskOperation, writes: boolean) => {
      if (!open || born !== this.#life)
        throw diskError('DISK_FAILED', operation, path, new Error('file is closed'));
      if (writes && readOnly)
        throw diskError('DISK_DENIED', operation, path, new Error('opened for reading'));
    };
    return {
      write: async (bytes, position) => {
        check('write', true);
        this.#write(path, inode, bytes, position);
      },
      read: async (position, length) => {
        check('read', false);
        this.#check('read', path);
        return inode.read(position, length);
      },
      sync: async () => {
        check('sync', false);
        const fault = this.#faults.next('sync');
        if (!fault) return inode.sync();
        inode.forsake();
        throw diskError(fault.code, 'sync', path);
      },
      truncate: async (length) => {
        check('truncate', true);
        this.#check('truncate', path);
        inode.truncate(length);
      },
      size: async () => {
        check('read', false);
        return inode.length;
      },
      close: async () => {
        open = false;
      },
    };
  }

  /** A fault or a full disk leaves the first part of the bytes behind, as real ones do. */
  #write(path: string, inode: Inode, bytes: Uint8Array, position: number): void {
    const fault = this.#faults.next('write');
    const growth = Math.max(0, position + bytes.length - inode.length);
    const free = this.capacity - this.#used();
    const code: DiskCode | undefined = fault?.code ?? (growth > free ? 'DISK_FULL' : undefined);
    const fits = fault ? (fault.wrote ?? 0) : bytes.length - Math.max(0, growth - free);
    if (fits > 0) inode.write(code ? bytes.subarray(0, fits) : bytes, position);
    if (code) throw diskError(code, 'write', path);
  }

  #used(): number {
    if (this.capacity === Number.POSITIVE_INFINITY) return 0;
    return [...new Set(this.#names.values())].reduce((sum, { length }) => sum + length, 0);
  }

  #check(operation: DiskOperation, path: string): void {
    const fault = this.#faults.next(operation);
    if (fault) throw diskError(fault.code, operation, path);
  }

  #inode(operation: string, path: string): Inode {
    const inode = this.#names.get(path);
    if (!inode) throw diskError('DISK_NOT_FOUND', operation, path);
    return inode;
  }

  #rename(change: NameChange): void {
    apply(this.#names, change);
    this.#changes.push(change);
  }
}

function apply(names: Map<string, Inode>, change: NameChange): void {
  if ('from' in change) names.delete(change.from);
  if ('drop' in change) names.delete(change.drop);
  else names.set(change.add, change.inode);
}

function folderOf(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut > 0 ? path.slice(0, cut) : cut === 0 ? '/' : '.';
}
