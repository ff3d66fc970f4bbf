/** Memory above the program at hand: blocks that stay while programs come and go, and move when one needs their place. */
import type { Engine } from './engine.ts';

/** A stretch of an engine's memory, never cleared. Whoever took it frees it, once. */
export interface HeapBlock {
  /** Byte offset, a multiple of 64; another one once a program needed this place. */
  readonly at: number;
  readonly bytes: number;
  free(): void;
}

interface Place {
  readonly at: number;
  readonly bytes: number;
}

const LINE = 64;
const PAGE = 65_536;

const rounded = (bytes: number, to: number) => Math.ceil(bytes / to) * to;

/** Programs grow with the network: so much above them stays free, so that they seldom push anybody away. */
const above = (floor: number) => rounded(1.5 * floor, PAGE);

/** First fit, lowest first: what comes and goes at one size comes back to where it was, which may be in the cache still. */
export class Heap {
  readonly #engine: Engine;
  readonly #claim: (bytes: number) => void;
  /** Everything below belongs to programs. */
  #floor = 0;
  /** By place. */
  #blocks: Block[] = [];

  /** @param claim hears how many bytes the engine will have, before it grows; throws NN_OUT_OF_MEMORY */
  constructor(engine: Engine, claim: (bytes: number) => void) {
    this.#engine = engine;
    this.#claim = claim;
  }

  /** @throws NN_OUT_OF_MEMORY, NN_ENGINE_TOO_LARGE; nothing is taken then */
  take(bytes: number): HeapBlock {
    const room = rounded(Math.max(bytes, 1), LINE);
    const { at, rank } = firstGap(this.#blocks, above(this.#floor), room);
    this.#reserve(at + room);
    const block = new Block(at, room, () => {
      this.#blocks.splice(this.#blocks.indexOf(block), 1);
    });
    this.#blocks.splice(rank, 0, block);
    return block;
  }

  /**
   * Leaves everything below `floor` to programs; whoever lies there moves, contents and all.
   * @throws NN_OUT_OF_MEMORY, NN_ENGINE_TOO_LARGE; nothing is moved then
   */
  raise(floor: number): void {
    if (floor <= this.#floor) return;
    const placed: Place[] = this.#blocks.filter(({ at }) => at >= floor);
    // From the highest down: the only one that reaches over the floor is gone before anybody is put there.
    const low = this.#blocks.filter(({ at }) => at < floor).reverse();
    const moves = low.map((block) => {
      const { at, rank } = firstGap(placed, above(floor), block.bytes);
      placed.splice(rank, 0, { at, bytes: block.bytes });
      return { block, at };
    });
    this.#reserve(placed.reduce((end, { at, bytes }) => Math.max(end, at + bytes), floor));
    for (const { block, at } of moves) {
      this.#engine.u8.copyWithin(at, block.at, block.at + block.bytes);
      block.at = at;
    }
    this.#blocks.sort((a, b) => a.at - b.at);
    this.#floor = floor;
  }

  #reserve(bytes: number): void {
    if (bytes > this.#engine.usable) this.#claim(bytes);
    try {
      this.#engine.reserve(bytes);
    } catch (error) {
      this.#claim(this.#engine.bytes); // what was not lent is nobody's
      throw error;
    }
  }
}

class Block implements HeapBlock {
  at: number;
  readonly bytes: number;
  readonly free: () => void;

  constructor(at: number, bytes: number, free: () => void) {
    this.at = at;
    this.bytes = bytes;
    this.free = free;
  }
}

/** The lowest place from `start` on where `bytes` fit, and which in order they are then. @param others by place */
function firstGap(others: readonly Place[], start: number, bytes: number) {
  let at = start;
  let rank = 0;
  for (; rank < others.length; rank++) {
    const other = others[rank]!;
    if (other.at >= at + bytes) break;
    at = Math.max(at, other.at + other.bytes);
  }
  return { at, rank };
}
