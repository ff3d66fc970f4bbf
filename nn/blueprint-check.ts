/** Reads a blueprint before anything is built from it: in linear time, without allocating a single tensor. */
import { ACTIVATIONS, type BlueprintIR, type BlueprintNode } from '../contracts/blueprint.ts';

export interface BlueprintBudget {
  readonly inWidth: number;
  readonly outWidth: number;
  readonly maxNodes: number;
  readonly maxParameters: number;
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

/** The width of every node, by id, as far as it is known before a slot. `order` is sorted. */
export function widthTokens(order: readonly BlueprintNode[]): ReadonlyMap<string, WidthToken> {
  const widths = new Map<string, WidthToken>([['in', 'in']]);
  for (const node of order) {
    widths.set(node.id, 'units' in node ? node.units : widths.get(sourcesOf(node)[0]!)!);
  }
  return widths;
}

/** Trainable weights of a blueprint between these widths. */
export function kernelParameters(blueprint: BlueprintIR, inWidth: number, outWidth: number): number {
  const widths = widthTokens(sortNodes(blueprint.nodes) ?? []);
  const size = (id: string) => resolveWidth(widths.get(id) ?? 0, inWidth, outWidth);
  return blueprint.nodes.reduce((total, node) => {
    if (node.op !== 'dense') return total;
    return total + (size(node.from) + (node.bias ? 1 : 0)) * size(node.id);
  }, 0);
}

export const resolveWidth = (token: WidthToken, inWidth: number, outWidth: number) =>
  token === 'in' ? inWidth : token === 'out' ? outWidth : token;

function nodeComplaints(node: BlueprintNode): string[] {
  const name = typeof node?.id === 'string' ? node.id : '?';
  if (name === '?' || name === '') return ['NODE_WITHOUT_ID'];
  const isDense = node.op === 'dense';
  if (!isDense && node.op !== 'activate' && node.op !== 'multiply' && node.op !== 'add') {
    return [`NODE_UNKNOWN_OP ${name}`];
  }
  const arity = node.op === 'multiply' || node.op === 'add' ? 2 : 1;
  const sources: readonly unknown[] = Array.isArray(node.from) ? node.from : [node.from];
  if (sources.length !== arity || sources.some((id) => typeof id !== 'string')) {
    return [`NODE_WRONG_SOURCES ${name}`];
  }
  const complaints: string[] = [];
  if ('activation' in node && !ACTIVATIONS.includes(node.activation)) {
    complaints.push(`NODE_UNKNOWN_ACTIVATION ${name}`);
  }
  if (isDense && !['he', 'glorot', 'wide', 'zero'].includes(node.start)) {
    complaints.push(`NODE_UNKNOWN_START ${name}`);
  }
  if (isDense && typeof node.units === 'number' && !(Number.isInteger(node.units) && node.units > 0)) {
    complaints.push(`NODE_WRONG_WIDTH ${name}`);
  }
  return complaints;
}

function shapeComplaints(
  blueprint: BlueprintIR,
  order: readonly BlueprintNode[],
  budget: BlueprintBudget,
): string[] {
  const widths = widthTokens(order);
  // In a residual slot the input and the output are one axis; elsewhere equal sizes are a coincidence that growth ends.
  const residualOnly = blueprint.spans.every((span) => span === 'residual');
  const axis = (id: string) => (residualOnly && widths.get(id) === 'in' ? 'out' : widths.get(id));
  const complaints: string[] = [];
  for (const node of order) {
    const [a, b] = sourcesOf(node);
    if (b !== undefined && axis(a!) !== axis(b)) complaints.push(`NODE_WIDTHS_DIFFER ${node.id}`);
  }
  if (axis(blueprint.output) !== 'out') complaints.push(`OUTPUT_WRONG_WIDTH ${blueprint.output}`);
  if (!startsAtZero(order).has(blueprint.output))
    complaints.push(`OUTPUT_NOT_ZERO_AT_BIRTH ${blueprint.output}`);
  if (blueprint.spans.includes('cascade')) complaints.push(...cascadeComplaints(blueprint, widths));
  const parameters = kernelParameters(blueprint, budget.inWidth, budget.outWidth);
  if (parameters > budget.maxParameters) {
    complaints.push(`PARAMETERS_OVER_BUDGET ${parameters} > ${budget.maxParameters}`);
  }
  return complaints;
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
