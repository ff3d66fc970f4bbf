/** One file of the memory disk: what reads see now, and what would be left after a crash. */
import type { RandomStream } from '../../../contracts/random-stream.ts';

type Change = { readonly position: number; readonly bytes: Uint8Array } | { readonly truncate: number };

/** Bytes that grow by doubling; what lies beyond `length` is zero. */
class Bytes {
  length = 0;
  #room = new Uint8Array(64);

  apply(change: Change): void {
    if ('truncate' in change) this.#truncate(change.truncate);
    else this.#write(change.position, change.bytes);
  }

  slice(from: number, to: number): Uint8Array {
    return this.#room.slice(Math.min(from, this.length), Math.min(to, this.length));
  }

  flip(bit: number): void {
    const at = bit >> 3;
    if (at < this.length) this.#room[at] = (this.#room[at] ?? 0) ^ (1 << (bit & 7));
  }

  #write(position: number, bytes: Uint8Array): void {
    const end = position + bytes.length;
    this.#reserve(end);
    this.#room.set(bytes, position);
    this.length = Math.max(this.length, end);
  }

  #truncate(length: number): void {
    this.#reserve(length);
    if (length < this.length) this.#room.fill(0, length, this.length);
    this.length = length;
  }

  #reserve(length: number): void {
    if (length <= this.#room.length) return;
    const larger = new Uint8Array(Math.max(length, this.#room.length * 2));
    larger.set(this.#room);
    this.#room = larger;
  }
}

export class Inode {
  #now = new Bytes();
  #synced = new Bytes();
  #pending: Change[] = [];

  get length(): number {
    return this.#now.length;
  }

  read(position: number, length: number): Uint8Array {
    return this.#now.slice(position, position + length);
  }

  write(bytes: Uint8Array, position: number): void {
    this.#change({ position, bytes: bytes.slice() });
  }

  truncate(length: number): void {
    this.#change({ truncate: length });
  }

  sync(): void {
    for (const change of this.#pending) this.#synced.apply(change);
    this.#pending = [];
  }

  /** A sync failed: the kernel calls these bytes clean now, and no later sync will write them. */
  forsake(): void {
    this.#pending = [];
  }

  flip(bit: number): void {
    this.#now.flip(bit);
    this.#synced.flip(bit);
  }

  /** Unsynced changes are lost; with `random` each is kept, lost or torn somewhere inside. */
  crash(random?: RandomStream): void {
    for (const change of random ? this.#pending : []) {
      const fate = random?.below(3);
      if (fate === 0) this.#synced.apply(change);
      if (fate === 1 && 'bytes' in change) this.#synced.apply(torn(change, random));
    }
    this.#pending = [];
    this.#now = new Bytes();
    this.#now.apply({ position: 0, bytes: this.#synced.slice(0, this.#synced.length) });
  }

  #change(change: Change): void {
    this.#now.apply(change);
    this.#pending.push(change);
  }
}

function torn(change: { position: number; bytes: Uint8Array }, random: RandomStream | undefined): Change {
  const kept = random?.below(change.bytes.length + 1) ?? 0;
  return { position: change.position, bytes: change.bytes.subarray(0, kept) };
}
