/** Gradients on their way back: where each lies, who else looks at it, and whether the next one is added to it. */
import type { Parameter } from '../parameter.ts';
import type { Buffer, Draft, Line, Operand, WeightPlace } from './draft.ts';
import { type Node, sizeOfShape } from './graph.ts';
import { nowhere } from './opcodes.ts';

/** The gradient of one or more nodes: the way back through a sum hands the same numbers to all that were added. */
interface Slope {
  readonly buffer: Buffer;
  /** Nodes that have not been gone through yet. */
  holders: number;
  /** The only instruction that wrote it, while nobody has read it. */
  writer: Line | null;
}

/** Where a contribution goes, and whether something is there already. */
export interface Sink {
  readonly to: Buffer;
  readonly add: 0 | 1;
}

export class Slopes {
  readonly #draft: Draft;
  readonly #held = new Map<Node, Slope>();
  readonly #weights = new Map<Parameter, number>();

  constructor(draft: Draft) {
    this.#draft = draft;
  }

  /** Weights that got a gradient. */
  get learned(): Iterable<Parameter> {
    return this.#weights.keys();
  }

  has(node: Node): boolean {
    return this.#held.has(node.root);
  }

  bufferOf(node: Node): Buffer {
    return this.#held.get(node.root)!.buffer;
  }

  /** Begins with the gradient of an output. */
  begin(node: Node, buffer: Buffer): void {
    this.#held.set(node.root, { buffer, holders: 1, writer: null });
  }

  /** The node is gone through: its hold on the gradient ends. */
  finish(node: Node): void {
    const slope = this.#held.get(node.root);
    if (slope === undefined) return;
    slope.holders--;
    this.#held.delete(node.root);
  }

  /** The place for a contribution to a node's gradient. Numbers that others look at too are copied first. */
  sink(node: Node): Sink {
    const held = this.#held.get(node.root);
    const size = sizeOfShape(node.root.shape);
    if (held === undefined) {
      const to = this.#draft.buffer(size);
      this.#held.set(node.root, { buffer: to, holders: 1, writer: null });
      return { to, add: 0 };
    }
    held.writer = null;
    if (held.holders === 1) return { to: held.buffer, add: 1 };
    const to = this.#draft.buffer(size);
    this.#draft.emit('copy', { a: held.buffer, out: to, size, add: 0 });
    held.holders--;
    this.#held.set(node.root, { buffer: to, holders: 1, writer: null });
    return { to, add: 1 };
  }

  /** Remembers that `line` alone wrote the gradient of a node. */
  writtenBy(node: Node, line: Line): void {
    this.#held.get(node.root)!.writer = line;
  }

  /** Hands the gradient of `from` on to those it is a plain sum of. @param read somebody has looked at it before */
  handOn(from: Node, to: readonly Node[], read = false): void {
    const slope = this.#held.get(from.root)!;
    if (to.length > 1 || read) slope.writer = null;
    for (const node of to) {
      if (this.#held.has(node.root)) {
        slope.writer = null;
        const sink = this.sink(node);
        const size = sizeOfShape(node.root.shape);
        this.#draft.emit('copy', { a: slope.buffer, out: sink.to, size, add: sink.add });
      } else {
        this.#held.set(node.root, slope);
        slope.holders++;
      }
    }
  }

  /** May the gradient of `from`, once read, be written over to become that of `to`? */
  mayBecome(from: Node, to: Node): boolean {
    return this.#held.get(from.root)!.holders === 1 && !this.#held.has(to.root);
  }

  /**
   * The instruction that wrote the gradient of a node, when it can multiply by a derivative itself: then its result is
   * the gradient of what went into the activation.
   */
  bendingWriter(node: Node): Line | null {
    const slope = this.#held.get(node.root)!;
    const line = slope.holders === 1 ? slope.writer : null;
    return line?.operands.y === nowhere && line.operands.add === 0 ? line : null;
  }

  /** The gradient of a block of weights: `addSlope` says whether this pass wrote there before. */
  weight({ root }: Node): { readonly to: WeightPlace; readonly addSlope: 0 | 1 } {
    if (root.work.op !== 'weight') throw new Error(`a ${root.work.op} is no block of weights`);
    const { parameter } = root.work;
    const uses = this.#weights.get(parameter) ?? 0;
    this.#weights.set(parameter, uses + 1);
    return { to: { parameter, part: 'slope' }, addSlope: uses === 0 ? 0 : 1 };
  }

  /** Of a weight that may not learn, or is not there: nowhere. */
  weightOrNone(node: Node | null): { readonly to: Operand; readonly addSlope: 0 | 1 } {
    return node?.needs === true ? this.weight(node) : { to: nowhere, addSlope: 0 };
  }
}
