/** What a place of the host offers a blueprint, and what a row is at every node of a blueprint that stands there. */
import { type BlueprintNode, ROW_KINDS, type RowKind, type Span } from '../contracts/blueprint.ts';
import type { Place } from './slots.ts';

/** Leading axes of a row: none of a vector, `[places]` of a sequence, `[height, width]` of an image. */
export type Places = readonly number[];

/** Of a slot past a hidden layer: what rows are on the way, and the sides of the windows of the two maps at its ends. */
export interface LayerGround {
  /** Behind the hidden layer's own map. */
  readonly hidden: Places;
  /** Where the next map reads, behind whatever the host does without weights. */
  readonly way: Places;
  /** Sides of the window of the hidden layer's map and of the next one; none for dense maps. */
  readonly sourceSides: readonly number[];
  readonly targetSides: readonly number[];
  /** Features that a unit has at the end of the way, and numbers that it owns in the layers there. */
  readonly each: number;
  readonly wayWeights: number;
}

export interface Ground {
  /** Places of what a seed reads, and of what it is added to. */
  readonly in: Places;
  readonly out: Places;
  /** Null outside of `layer` slots. */
  readonly layer: LayerGround | null;
}

const EXAMPLES: Readonly<Record<RowKind, Places>> = { vector: [], image: [8, 8], sequence: [8] };

/** Grounds to judge a blueprint on before it meets a slot: of every kind of row, with a pool on the way of an image. */
export const referenceGrounds = (span: Span): readonly Ground[] =>
  span === 'cascade' ? [groundOf('vector', span)] : ROW_KINDS.map((kind) => groundOf(kind, span));

function groundOf(kind: RowKind, span: Span): Ground {
  const places = EXAMPLES[kind];
  if (span !== 'layer') return { in: places, out: places, layer: null };
  const image = kind === 'image';
  const behind = image ? [4, 4] : places;
  const sides = image ? [3, 3] : [];
  const layer = {
    hidden: places,
    way: behind,
    sourceSides: sides,
    targetSides: sides,
    each: 1,
    wayWeights: 0,
  };
  return { in: places, out: behind, layer };
}

/** What a blueprint would stand on at this place. @param sidesOf sides of the window of a layer with units */
export function groundAt(
  { source, target, hidden, follow }: Pick<Place, 'source' | 'target' | 'hidden' | 'follow'>,
  shapes: ReadonlyArray<readonly number[]>,
  sidesOf: (layer: number) => readonly number[],
): Ground {
  const places = (layer: number) => shapes[layer]!.slice(0, -1);
  const layer =
    hidden === null
      ? null
      : {
          hidden: places(hidden),
          way: places(follow.at(-1)?.layer ?? hidden),
          sourceSides: sidesOf(hidden),
          targetSides: sidesOf(target),
          each: follow.at(-1)?.each ?? 1,
          wayWeights: follow.reduce((sum, { weights }) => sum + weights, 0),
        };
  return { in: places(source), out: places(target), layer };
}

const same = (a: Places, b: Places) => a.length === b.length && a.every((n, i) => n === b[i]);

/**
 * Walks a sorted blueprint over a ground.
 * @returns what does not fit, with the node: `NODE_NEEDS_IMAGE a`
 */
export function placeComplaints(order: readonly BlueprintNode[], output: string, ground: Ground): string[] {
  const places = new Map<string, Places>([['in', ground.in]]);
  const complaints: string[] = [];
  for (const node of order) {
    const sources = (typeof node.from === 'string' ? [node.from] : node.from).map((id) => places.get(id)!);
    const found = behind(node, sources, ground);
    if (typeof found === 'string') complaints.push(`${found} ${node.id}`);
    places.set(node.id, typeof found === 'string' ? sources[0]! : found);
  }
  if (!same(places.get(output)!, ground.out)) complaints.push(`OUTPUT_WRONG_PLACES ${output}`);
  return complaints;
}

/** Places behind a node, or why it cannot stand there. */
function behind(node: BlueprintNode, sources: readonly Places[], ground: Ground): Places | string {
  const [a, b] = sources as [Places, Places];
  switch (node.op) {
    case 'dense':
    case 'norm':
    case 'activate':
      return a;
    case 'conv':
    case 'depthwise':
      return a.length === 2 ? a : 'NODE_NEEDS_IMAGE';
    case 'squeeze':
      return a.length > 0 ? [] : 'NODE_NEEDS_PLACES';
    case 'gate':
      return a.length > 0 && b.length === 0 ? a : 'NODE_NEEDS_PLACES';
    case 'add':
    case 'multiply':
      return same(a, b) ? a : 'NODE_PLACES_DIFFER';
    case 'attend':
      if (a.length === 0) return 'NODE_NEEDS_PLACES';
      return sources.every((each) => same(each, a)) ? a : 'NODE_PLACES_DIFFER';
    case 'map':
      return alongHost(node.like, a, ground);
    case 'follow':
      return alongHost('way', a, ground);
  }
}

/** Nodes that do what the host does can only stand where the host does it. */
function alongHost(what: 'source' | 'way' | 'target', here: Places, ground: Ground): Places | string {
  if (ground.layer === null) return 'NODE_NEEDS_LAYER';
  const { hidden, way } = ground.layer;
  const ends = { source: [ground.in, hidden], way: [hidden, way], target: [way, ground.out] } as const;
  const [from, to] = ends[what];
  return same(here, from) ? to : 'NODE_PLACES_DIFFER';
}
