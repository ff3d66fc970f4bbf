/** What makes two blueprints the same: their graph, not their name, their tags or the order they were written in. */
import type { BlueprintIR, BlueprintNode } from './blueprint.ts';

/**
 * The canonical text of a blueprint; its hash is the content address of the kernel.
 *
 * Node names are part of it, because they name the weights. Nodes are sorted so that each follows what it reads,
 * ties by name; a graph with a cycle keeps its cyclic nodes at the end, by name.
 */
export function canonicalText(blueprint: BlueprintIR): string {
  const { family, onFossilize, output } = blueprint;
  const spans = [...blueprint.spans].sort();
  return JSON.stringify(
    sortKeys({ family, onFossilize, output, spans, nodes: inReadingOrder(blueprint.nodes) }),
  );
}

/** Nodes so that each one follows what it reads; equal ranks by name. */
export function inReadingOrder(nodes: readonly BlueprintNode[]): readonly BlueprintNode[] {
  const waiting = [...nodes].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const own = new Set(nodes.map(({ id }) => id));
  const placed = new Set<string>();
  const ordered: BlueprintNode[] = [];
  for (;;) {
    const at = waiting.findIndex((node) => readsOf(node).every((name) => placed.has(name) || !own.has(name)));
    if (at < 0) return [...ordered, ...waiting];
    const [next] = waiting.splice(at, 1);
    if (!next) return ordered;
    placed.add(next.id);
    ordered.push(next);
  }
}

/** Names a node reads from: one, or two for `multiply` and `add`. */
export const readsOf = (node: BlueprintNode): readonly string[] =>
  typeof node.from === 'string' ? [node.from] : node.from;

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortKeys(inner)]));
}
