/** Which neighbouring operations become one instruction, and which results may be written over what they came from. */
import type { Node } from './graph.ts';
import type { Readers } from './readers.ts';

/** A convolution whose activation and bias wait until after the maximum: on a quarter of the pixels. */
export interface Pooled {
  readonly map: Node;
  readonly bend: Node | null;
}

export class Fusion {
  readonly #readers: Readers;
  readonly #bends = new Map<Node, Node>();
  readonly #pools = new Map<Node, Pooled>();
  readonly #pooled = new Set<Node>();

  constructor(nodes: Iterable<Node>, readers: Readers) {
    this.#readers = readers;
    const reached = [...nodes].filter((node) => node.work.op !== 'view' && readers.reached(node));
    for (const node of reached) this.#bend(node);
    for (const node of reached) this.#pool(node);
  }

  /** The activation that a map carries out itself. */
  bendOf(map: Node): Node | null {
    return this.#bends.get(map) ?? null;
  }

  /** What a pool takes over; null when it only pools. */
  pooledInto(pool: Node): Pooled | null {
    return this.#pools.get(pool) ?? null;
  }

  /** Does a pool add the map's bias and carry out its activation? */
  leavesToPool(map: Node): boolean {
    return this.#pooled.has(map);
  }

  /** Is the activation part of the instruction of its map, or of a pool? */
  isMerged(bend: Node): boolean {
    const map = bend.inputs[0]!.root;
    return this.#bends.get(map) === bend;
  }

  /** May `reader` write its result where the numbers of `node` are? Not if anybody looks at them later. */
  mayOverwrite(node: Node, reader: Node): boolean {
    return this.#readers.only(node) === reader && this.#forgotten(node.root);
  }

  /** May the gradient be written where the outputs are? */
  mayOverwriteOutput(output: Node): boolean {
    return this.#readers.onlyLoss(output) && this.#forgotten(output.root);
  }

  /** Is a value of no use to its own way back? Activations need theirs. */
  #forgotten(root: Node): boolean {
    const { op } = root.work;
    if (op === 'input' || op === 'weight') return false;
    return !root.needs || !(op === 'activate' || this.#pools.get(root)?.bend);
  }

  #bend(node: Node): void {
    const { work } = node;
    if (work.op !== 'activate') return;
    const map = node.inputs[0]!.root;
    const isMap = map.work.op === 'dense' || map.work.op === 'conv' || map.work.op === 'depthwise';
    // A Gaussian's way back needs what went in.
    const reversible = work.activation !== 'gaussian' || !node.needs;
    if (isMap && reversible && this.#readers.only(map) === node) this.#bends.set(map, node);
  }

  #pool(node: Node): void {
    if (node.work.op !== 'pool' || node.work.kind !== 'max') return;
    const source = node.inputs[0]!.root;
    if (this.#readers.only(source) !== node || String(source.shape) !== String(node.inputs[0]!.shape)) return;
    const bend = source.work.op === 'activate' ? source : null;
    const map = bend === null ? source : bend.inputs[0]!.root;
    const merges = bend === null || (this.#bends.get(map) === bend && rises(bend));
    if (map.work.op !== 'conv' || !merges) return;
    this.#pools.set(node, { map, bend });
    this.#pooled.add(map);
  }
}

/** The maximum may be taken before an activation that never falls. */
const rises = ({ work }: Node) =>
  work.op === 'activate' &&
  (work.activation === 'relu' || work.activation === 'tanh' || work.activation === 'sigmoid');
