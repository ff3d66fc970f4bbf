/** Words that say how a blueprint differs from others, so that choices can be spread and searched. */
import { type BlueprintIR, type BlueprintNode, inReadingOrder, readsOf } from '../../contracts/index.ts';

/** The blueprint's own tags and those of its graph: operations, activations, depth and width. Sorted, each once. */
export function diversityTags(blueprint: BlueprintIR): readonly string[] {
  const nodes = inReadingOrder(blueprint.nodes);
  const tags = new Set(blueprint.tags);
  tags.add(`depth:${depthOf(nodes, blueprint.output)}`);
  tags.add(`width:${widthClass(nodes)}`);
  for (const node of nodes) {
    tags.add(`op:${node.op}`);
    if ('activation' in node) tags.add(`activation:${node.activation}`);
  }
  return [...tags].sort();
}

/** Longest way from the input to the output, in maps with weights. */
function depthOf(nodes: readonly BlueprintNode[], output: string): number {
  const depth = new Map<string, number>();
  for (const node of nodes) {
    const before = Math.max(...readsOf(node).map((name) => depth.get(name) ?? 0));
    depth.set(node.id, before + ('start' in node && node.op !== 'norm' ? 1 : 0));
  }
  return depth.get(output) ?? 0;
}

/** The widest fixed layer, as the next power of two; `slot` when all widths are the slot's. */
function widthClass(nodes: readonly BlueprintNode[]): string {
  const units = nodes.flatMap((node) =>
    'units' in node && typeof node.units === 'number' ? [node.units] : [],
  );
  return units.length === 0 ? 'slot' : String(2 ** Math.ceil(Math.log2(Math.max(...units))));
}
