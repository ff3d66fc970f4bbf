/** A queue in a circle: first in, first out, and no array is ever shifted. */
export class Ring<T> {
  #slots: (T | undefined)[] = new Array(8);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    if (this.#size === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#size) & (this.#slots.length - 1)] = item;
    this.#size++;
  }

  /** Puts `item` before all others. */
  unshift(item: T): void {
    if (this.#size === this.#slots.length) this.#grow();
    this.#head = (this.#head - 1) & (this.#slots.length - 1);
    this.#slots[this.#head] = item;
    this.#size++;
  }

  /** The oldest item, which stays; undefined when empty. */
  peek(): T | undefined {
    return this.#size === 0 ? undefined : this.#slots[this.#head];
  }

  /** The newest item, or undefined when empty. */
  pop(): T | undefined {
    if (this.#size === 0) return undefined;
    this.#size--;
    const at = (this.#head + this.#size) & (this.#slots.length - 1);
    const item = this.#slots[at];
    this.#slots[at] = undefined;
    return item;
  }

  /** The oldest item, or undefined when empty. */
  shift(): T | undefined {
    if (this.#size === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) & (this.#slots.length - 1);
    this.#size--;
    return item;
  }

  /** Oldest first; the ring keeps its items. */
  toArray(): T[] {
    const mask = this.#slots.length - 1;
    return Array.from({ length: this.#size }, (_, i) => this.#slots[(this.#head + i) & mask] as T);
  }

  /** Doubling keeps the length a power of two, so that a mask does for a modulo. */
  #grow(): void {
    const old = this.#slots;
    const wider: (T | undefined)[] = new Array(old.length * 2);
    for (let i = 0; i < this.#size; i++) wider[i] = old[(this.#head + i) & (old.length - 1)];
    this.#slots = wider;
    this.#head = 0;
  }
}
