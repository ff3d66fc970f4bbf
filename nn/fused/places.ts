/** Where the numbers of a node are while a program runs. */
import type { Parameter } from '../parameter.ts';
import type { Buffer, Draft, Operand } from './draft.ts';
import { type Node, sizeOfShape } from './graph.ts';
import { address, nowhere } from './opcodes.ts';

/** What a batch norm of the live pass saw, to be followed by its running figures. */
export interface Follower {
  readonly mean: Parameter;
  readonly variance: Parameter;
  readonly stats: Buffer;
  readonly channels: number;
  readonly momentum: number;
}

export class Places {
  readonly draft: Draft;
  /** Address of a seed's alpha. */
  readonly alphaOf: (seedId: string) => number;
  readonly #values = new Map<Node, Buffer>();
  /** Beside its output, what a node leaves for its way back: figures of a norm, shares of attention. */
  readonly extras = new Map<Node, Buffer>();
  readonly followers: Follower[] = [];
  /** True when an instruction must see the whole batch at once. */
  wholeBatch = false;

  constructor(draft: Draft, alphaOf: (seedId: string) => number) {
    this.draft = draft;
    this.alphaOf = alphaOf;
  }

  /** The numbers of a node; `nowhere` for one that is missing. */
  of(node: Node | null): Operand {
    if (node === null) return nowhere;
    const { root } = node;
    if (root.work.op === 'input') return address('inputs', 0);
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
