/** Where the numbers of a node are while a program runs. */
import type { Parameter } from '../parameter.ts';
import type { Buffer, Draft, Operand } from './draft.ts';
import { type Node, placesOfShape, sizeOfShape, widthOfShape } from './graph.ts';
import { address, listNumbers, nowhere } from './opcodes.ts';

/** What a batch norm of the live pass saw, to be followed by its running figures. */
export interface Follower {
  readonly mean: Parameter;
  readonly variance: Parameter;
  readonly stats: Buffer;
  readonly channels: number;
  readonly momentum: number;
}

/** Inputs of a row from which on it pays to look which are zero. */
const WORTH_LISTING = 64;

export class Places {
  readonly draft: Draft;
  readonly #sourceCell: number | null;
  #list: Buffer | null = null;
  #inputsAreRead = false;
  /** Address of a seed's alpha. */
  readonly alphaOf: (seedId: string) => number;
  readonly #values = new Map<Node, Buffer>();
  /** Beside its output, what a node leaves for its way back: figures of a norm, shares of attention. */
  readonly extras = new Map<Node, Buffer>();
  readonly followers: Follower[] = [];
  /** True when an instruction must see the whole batch at once. */
  wholeBatch = false;

  /** @param sourceCell address of the cell that tells what inputs are, see `sources`; null when they are never to be listed */
  constructor(draft: Draft, alphaOf: (seedId: string) => number, sourceCell: number | null) {
    this.draft = draft;
    this.alphaOf = alphaOf;
    this.#sourceCell = sourceCell;
  }

  /** May the inputs be bytes? Only if everybody reads the list of them. */
  get takesBytes(): boolean {
    return this.#list !== null && !this.#inputsAreRead;
  }

  /** The list of the inputs that are not zero, for a dense layer on them; null for any other. The first to ask writes it. */
  listFor(x: Node): Buffer | null {
    const ins = widthOfShape(x.shape);
    const sourceCell = this.#sourceCell;
    const whole = x.root.work.op === 'input' && placesOfShape(x.shape) === 1;
    if (sourceCell === null || !whole || ins < WORTH_LISTING) return null;
    if (this.#list === null) {
      const { perRow, fixed } = listNumbers(ins);
      this.#list = this.draft.buffer(perRow, fixed, { streamed: true });
      this.draft.emit('listNonzero', { x: address('inputs', 0), list: this.#list, ins, sourceCell });
    }
    return this.#list;
  }

  /** The numbers of a node; `nowhere` for one that is missing. */
  of(node: Node | null): Operand {
    if (node === null) return nowhere;
    const { root } = node;
    if (root.work.op === 'input') {
      this.#inputsAreRead = true;
      return address('inputs', 0);
    }
    if (root.work.op === 'weight') return { parameter: root.work.parameter, part: 'value' };
    return this.#values.get(root)!;
  }

  /** The buffer of a node that was computed. */
  bufferOf(node: Node): Buffer {
    return this.#values.get(node.root)!;
  }

  /** A new place for the result of a node. */
  make(node: Node): Buffer {
    const buffer = this.draft.buffer(sizeOfShape(node.shape));
    this.#values.set(node, buffer);
    return buffer;
  }

  /** Puts the result of a node where `other` is. */
  share(node: Node, other: Node): Buffer {
    const buffer = this.bufferOf(other);
    this.#values.set(node, buffer);
    return buffer;
  }
}
