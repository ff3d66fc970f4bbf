/** What mailboxes spill, in memory: for tests, and for processes that have more memory than disk. */
import type { Spill, SpillStore } from '../../ports/spill.ts';

export interface MemorySpillStore extends SpillStore {
  /** Bytes outside now, all actors together. */
  readonly bytes: number;
}

export function memorySpillStore(): MemorySpillStore {
  const open = new Set<MemorySpill>();
  return {
    open(_owner, maxBytes) {
      const spill = new MemorySpill(maxBytes, () => open.delete(spill));
      open.add(spill);
      return spill;
    },
    get bytes() {
      return [...open].reduce((sum, spill) => sum + spill.bytes, 0);
    },
  };
}

class MemorySpill implements Spill {
  bytes = 0;
  #records: Uint8Array[] = [];
  readonly #maxBytes: number;
  readonly #closed: () => void;

  constructor(maxBytes: number, closed: () => void) {
    this.#maxBytes = maxBytes;
    this.#closed = closed;
  }

  get count(): number {
    return this.#records.length;
  }

  push(record: Uint8Array): boolean {
    if (this.bytes + record.length > this.#maxBytes) return false;
    this.#records.push(record);
    this.bytes += record.length;
    return true;
  }

  async take(atMost: number): Promise<readonly Uint8Array[]> {
    const taken = this.#records.splice(0, atMost);
    for (const record of taken) this.bytes -= record.length;
    return taken;
  }

  async close(): Promise<void> {
    this.#records = [];
    this.bytes = 0;
    this.#closed();
  }
}
