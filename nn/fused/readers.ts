/** Who reads what on the way to a loss: what nobody reads is not computed, what one reads may be merged into it. */
import { type Node, present } from './graph.ts';
import type { Lesson } from './lessons.ts';

export interface Readers {
  /** Is the node on a way to a loss? */
  reached(node: Node): boolean;
  /** The only node that reads these numbers; null when there are none or several, or a loss does. */
  only(node: Node): Node | null;
  /** Do these numbers go into one loss and nowhere else? */
  onlyLoss(node: Node): boolean;
}

export function readersOf(lessons: readonly Lesson[]): Readers {
  const readers = new Map<Node, (Node | null)[]>();
  const open: Node[] = [];
  const read = (node: Node, by: Node | null) => {
    const known = readers.get(node.root);
    if (known !== undefined) known.push(by);
    else {
      readers.set(node.root, [by]);
      open.push(node.root);
    }
  };
  for (const { output } of lessons) read(output, null);
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const input of present(node.inputs)) read(input, node);
  }
  return {
    reached: (node) => readers.has(node.root),
    only(node) {
      const known = readers.get(node.root);
      return known?.length === 1 ? known[0]! : null;
    },
    onlyLoss(node) {
      const known = readers.get(node.root);
      return known?.length === 1 && known[0] === null;
    },
  };
}
