/** Reads a blueprint before anything is built from it: in linear time, without allocating a single tensor. */
import type { BlueprintIR, BlueprintNode } from '../contracts/blueprint.ts';
import { type Ground, type LayerGround, placeComplaints, referenceGrounds } from './ground.ts';
import { nodeComplaints } from './node-check.ts';

export interface BlueprintBudget {
  readonly inWidth: number;
  readonly outWidth: number;
  readonly maxNodes: number;
  readonly maxParameters: number;
  /** The slot it would stand in; any that suits it, while there is none. */
  readonly ground?: Ground;
}

/** Wide enough for every slot of the hosts we know; a blueprint over it is refused before it costs memory. */
export const DEFAULT_BUDGET: BlueprintBudget = {
  inWidth: 64,
  outWidth: 64,
  maxNodes: 1000,
  maxParameters: 4_000_000,
};

/** A width before it meets a slot. */
export type WidthToken = 'in' | 'out' | number;

/**
 * Why this blueprint cannot be used; empty when it can. Distrusts its input, which may come from a file.
 * @returns codes with the node they concern: `NODE_UNKNOWN_OP a`
 */
export function checkBlueprint(blueprint: BlueprintIR, budget: BlueprintBudget = DEFAULT_BUDGET): string[] {
  const { nodes } = blueprint;
  if (!Array.isArray(nodes) || nodes.length === 0) return ['NODES_MISSING'];
  if (nodes.length > budget.maxNodes) return [`NODES_OVER_BUDGET ${nodes.length} > ${budget.maxNodes}`];
  const malformed = nodes.flatMap(nodeComplaints);
  if (malformed.length > 0) return malformed;
  const byId = new Map(nodes.map((node) => [node.id, node]));
  if (byId.size < nodes.length || byId.has('in')) return ['NODE_DUPLICATE_ID'];
  const missing = nodes.flatMap((node) =>
    sourcesOf(node)
      .filter((id) => id !== 'in' && !byId.has(id))
      .map((id) => `NODE_MISSING ${id}`),
  );
  if (!byId.has(blueprint.output)) missing.push(`OUTPUT_MISSING ${blueprint.output}`);
  if (missing.length > 0) return missing;
  const order = sortNodes(nodes);
  if (order === null) return ['NODES_IN_A_CYCLE'];
  return shapeComplaints(blueprint, order, budget);
}

/** Nodes with every source before its reader, or null when they form a cycle. */
export function sortNodes(nodes: readonly BlueprintNode[]): readonly BlueprintNode[] | null {
  const readers = new Map<string, BlueprintNode[]>();
  const waiting = new Map<string, number>();
  const ready: BlueprintNode[] = [];
  for (const node of nodes) {
    const sources = sourcesOf(node).filter((id) => id !== 'in');
    waiting.set(node.id, sources.length);
    if (sources.length === 0) ready.push(node);
    for (const id of sources) readers.set(id, [...(readers.get(id) ?? []), node]);
  }
  for (let i = 0; i < ready.length; i++) {
    for (const reader of readers.get(ready[i]!.id) ?? []) {
      const left = waiting.get(reader.id)! - 1;
      waiting.set(reader.id, left);
      if (left === 0) ready.push(reader);
    }
  }
  return ready.length === nodes.length ? ready : null;
}

export const sourcesOf = ({ from }: BlueprintNode): readonly string[] =>
  typeof from === 'string' ? [from] : from;

/**
 * The width of every node, by id, as far as it is known before a slot. `order` is sorted.
 * @param each features that a unit has behind a `follow`
 */
export function widthTokens(order: readonly BlueprintNode[], each = 1): ReadonlyMap<string, WidthToken> {
  const widths = new Map<string, WidthToken>([['in', 'in']]);
  for (const node of order) {
    const width = 'units' in node ? node.units : widths.get(sourcesOf(node)[0]!)!;
    widths.set(node.id, node.op === 'follow' && typeof width === 'number' ? width * each : width);
  }
  return widths;
}

/** What `map` and `follow` nodes would take over from the host; nothing while there is no slot, as in a dense host. */
type Taken = Pick<LayerGround, 'sourceSides' | 'targetSides'> & Partial<LayerGround>;
const NOTHING_TAKEN: Taken = { sourceSides: [], targetSides: [] };

/** Trainable weights of a blueprint between these widths. */
export function kernelParameters(
  blueprint: BlueprintIR,
  inWidth: number,
  outWidth: number,
  taken: Taken = NOTHING_TAKEN,
): number {
  const widths = widthTokens(sortNodes(blueprint.nodes) ?? [], taken.each);
  const size = (id: string) => resolveWidth(widths.get(id) ?? 0, inWidth, outWidth);
  return blueprint.nodes.reduce((total, node) => total + nodeParameters(node, size, taken), 0);
}

function nodeParameters(node: BlueprintNode, size: (id: string) => number, taken: Taken): number {
  const own = size(node.id);
  switch (node.op) {
    case 'dense':
      return (size(node.from) + (node.bias ? 1 : 0)) * own;
    case 'conv':
      return (node.size ** 2 * size(node.from) + (node.bias ? 1 : 0)) * own;
    case 'map': {
      const window = node.like === 'source' ? taken.sourceSides : taken.targetSides;
      return (window.reduce((a, b) => a * b, size(node.from)) + (node.bias ? 1 : 0)) * own;
    }
    case 'depthwise':
      return (node.size ** 2 + (node.bias ? 1 : 0)) * own;
    case 'norm':
      return 2 * own;
    case 'follow':
      return size(node.from) * (taken.wayWeights ?? 0);
    default:
      return 0;
  }
}

export const resolveWidth = (token: WidthToken, inWidth: number, outWidth: number) =>
  token === 'in' ? inWidth : token === 'out' ? outWidth : token;

function shapeComplaints(
  blueprint: BlueprintIR,
  order: readonly BlueprintNode[],
  budget: BlueprintBudget,
): string[] {
  const taken = budget.ground?.layer ?? NOTHING_TAKEN;
  const widths = widthTokens(order, taken.each);
  // In a residual slot the input and the output are one axis; elsewhere equal sizes are a coincidence that growth ends.
  const residualOnly = blueprint.spans.every((span) => span === 'residual');
  const axis = (id: string) => (residualOnly && widths.get(id) === 'in' ? 'out' : widths.get(id));
  const { inWidth, outWidth } = budget;
  const complaints: string[] = [];
  for (const node of order) {
    const [first, ...others] = sourcesOf(node);
    if (others.some((id) => axis(id) !== axis(first!))) complaints.push(`NODE_WIDTHS_DIFFER ${node.id}`);
    // How many features a unit has behind a flattening is known; of features that are no units, it is not.
    if (node.op === 'follow' && (taken.each ?? 1) > 1 && typeof widths.get(node.from) !== 'number')
      complaints.push(`NODE_WIDTHS_DIFFER ${node.id}`);
    if (node.op !== 'attend') continue;
    const width = resolveWidth(widths.get(node.id)!, inWidth, outWidth);
    if (width % node.heads !== 0) complaints.push(`NODE_UNEVEN_HEADS ${node.id}`);
  }
  if (axis(blueprint.output) !== 'out') complaints.push(`OUTPUT_WRONG_WIDTH ${blueprint.output}`);
  complaints.push(...groundComplaints(blueprint, order, budget.ground));
  if (!startsAtZero(order).has(blueprint.output))
    complaints.push(`OUTPUT_NOT_ZERO_AT_BIRTH ${blueprint.output}`);
  if (blueprint.spans.includes('cascade')) complaints.push(...cascadeComplaints(blueprint, widths));
  const parameters = kernelParameters(blueprint, inWidth, outWidth, taken);
  if (parameters > budget.maxParameters) {
    complaints.push(`PARAMETERS_OVER_BUDGET ${parameters} > ${budget.maxParameters}`);
  }
  return complaints;
}

/** In a slot, what does not fit it; before that, what fits none of the places that its spans have in some host. */
function groundComplaints(
  { spans, output }: BlueprintIR,
  order: readonly BlueprintNode[],
  ground: Ground | undefined,
): readonly string[] {
  if (ground !== undefined) return placeComplaints(order, output, ground);
  const nearest = spans.flatMap((span) => {
    const tried = referenceGrounds(span).map((each) => placeComplaints(order, output, each));
    return tried.reduce((best, each) => (each.length < best.length ? each : best));
  });
  return [...new Set(nearest)];
}

/** Later cascade units read the units of a fossil, so there must be such units: a numbered width before the output. */
function cascadeComplaints(blueprint: BlueprintIR, widths: ReadonlyMap<string, WidthToken>): string[] {
  const output = blueprint.nodes.find(({ id }) => id === blueprint.output);
  const hasUnits = output?.op === 'dense' && typeof widths.get(output.from) === 'number';
  return hasUnits ? [] : [`CASCADE_WITHOUT_UNITS ${blueprint.output}`];
}

/** Nodes whose value is exactly zero at birth, whatever comes in. */
function startsAtZero(order: readonly BlueprintNode[]): ReadonlySet<string> {
  const zero = new Set<string>();
  for (const node of order) if (isZeroAtBirth(node, (id) => zero.has(id))) zero.add(node.id);
  return zero;
}

function isZeroAtBirth(node: BlueprintNode, isZero: (id: string) => boolean): boolean {
  const keepsZero = (activation: string) => ['linear', 'relu', 'tanh'].includes(activation);
  switch (node.op) {
    case 'dense':
    case 'conv':
    case 'depthwise':
    case 'map':
      return node.start === 'zero' && keepsZero(node.activation);
    case 'norm':
      return node.start === 'zero';
    case 'activate':
      return isZero(node.from) && keepsZero(node.activation);
    case 'squeeze':
      return isZero(node.from);
    // The host's own activations lie on this way, and some of them make something of nothing.
    case 'follow':
      return false;
    case 'add':
      return node.from.every(isZero);
    case 'multiply':
    case 'gate':
      return node.from.some(isZero);
    case 'attend':
      return isZero(node.from[2]);
  }
}
