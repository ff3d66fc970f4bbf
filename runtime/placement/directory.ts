/** Where units are, as far as this node has heard: whoever held the lease last is where messages go. */

/** `here`: on this node, behind `path`. `there`: on another. `nowhere`: it was somewhere, and is on its way. */
export type Whereabouts =
  | { readonly kind: 'here'; readonly path: string }
  | { readonly kind: 'there'; readonly node: string }
  | { readonly kind: 'nowhere' };

interface Entry {
  epoch: number;
  where: Whereabouts;
}

const NOWHERE: Whereabouts = Object.freeze({ kind: 'nowhere' });

/** News only ever makes it wiser: what an older tenure says does not count any more. */
export class Directory {
  readonly #node: string;
  readonly #entries = new Map<string, Entry>();
  #listeners: ((unit: string) => void)[] = [];
  /** Nodes that hear us; a unit on another one is out of reach for now. */
  #near: ReadonlySet<string> = new Set();

  constructor(node: string) {
    this.#node = node;
  }

  where(unit: string): Whereabouts {
    const where = this.#entries.get(unit)?.where ?? NOWHERE;
    return where.kind === 'there' && !this.#near.has(where.node) ? NOWHERE : where;
  }

  isNear(node: string): boolean {
    return this.#near.has(node);
  }

  /** Epoch of the newest tenure heard of; 0 when none was. */
  epochOf(unit: string): number {
    return this.#entries.get(unit)?.epoch ?? 0;
  }

  /** It runs here, in that tenure. @param path of whoever takes its messages */
  here(unit: string, epoch: number, path: string): void {
    this.#learn(unit, epoch, { kind: 'here', path });
  }

  /** It runs on that node, somebody says. This node knows better about itself. */
  there(unit: string, epoch: number, node: string): void {
    if (node !== this.#node && epoch > this.epochOf(unit)) this.#learn(unit, epoch, { kind: 'there', node });
  }

  /** That tenure is over, or takes no messages now. */
  over(unit: string, epoch: number): void {
    this.#learn(unit, epoch, NOWHERE);
  }

  /** Those that can be reached now. */
  setNear(nodes: ReadonlySet<string>): void {
    const before = this.#near;
    this.#near = nodes;
    for (const [unit, { where }] of this.#entries)
      if (where.kind === 'there' && before.has(where.node) !== nodes.has(where.node)) this.#tell(unit);
  }

  /** Told of every change of where a unit is. The answer ends it. */
  onChange(tell: (unit: string) => void): () => void {
    this.#listeners.push(tell);
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== tell);
    };
  }

  #learn(unit: string, epoch: number, where: Whereabouts): void {
    if (epoch < this.epochOf(unit)) return;
    this.#entries.set(unit, { epoch, where });
    this.#tell(unit);
  }

  #tell(unit: string): void {
    for (const tell of this.#listeners) tell(unit);
  }
}
