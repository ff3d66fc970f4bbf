/** How a seed becomes part of the host for good. */
import type { BlueprintNode } from '../contracts/blueprint.ts';
import { widthTokens } from './blueprint-check.ts';
import type { HostLayer } from './host-layer.ts';
import { disposeBody, type HostState, type Seed } from './host-state.ts';
import { joinParameter, type Parameter, padParameter } from './parameter.ts';
import type { TensorRuntime } from './runtime.ts';
import type { Place } from './slots.ts';
import { liveShare } from './views.ts';
import { wayKey } from './way.ts';

/** The blocks of a widening seed: new columns, new biases, new rows, and what lies between. */
interface NewUnits {
  readonly columns: Parameter;
  readonly biases: Parameter;
  readonly rows: Parameter;
  /** Of the layers on the way: each block, and what the units bring into it. */
  readonly way: ReadonlyArray<readonly [block: Parameter, own: Parameter]>;
}

/** The blocks of a seed whose units can join their layer as they are; null for any other seed. */
export function newUnitsOf(seed: Seed, state: HostState): NewUnits | null {
  const { place, body } = seed;
  if (place.hidden === null || seed.kernel.blueprint.onFossilize === 'frozen') return null;
  const layer = state.layers[place.hidden - 1]!;
  const target = state.layers[place.target - 1]!;
  const ends = widening(body.order, place.follow.length > 0);
  if (ends === null || ends.units.activation !== layer.activation || !layer.parameters.has('b')) return null;
  const block = (key: string) => body.parameters.get(key)!;
  const [columns, rows] = [block(`${ends.units.id}.w`), block(`${ends.output.id}.w`)];
  if (!sameWindow(columns, layer) || !sameWindow(rows, target)) return null;
  if (!learns(layer) || !learns(target)) return null;
  const passed = place.follow.map((passage) => ({ ...passage, ...state.layers[passage.layer - 1]! }));
  if (passed.some(({ spec }) => 'frozen' in spec && spec.frozen)) return null;
  const growing = [...growingOf(seed, state).keys()];
  const others = [...state.seeds.values()];
  if (others.some((other) => growing.some((dim) => mingles(other, dim)) || standsAcross(other, place)))
    return null;
  const way = passed.flatMap(({ layer: at, parameters }) =>
    [...parameters].map(([key, host]) => [host, block(wayKey(ends.way!.id, at, key))] as const),
  );
  return { columns, biases: block(`${ends.units.id}.b`), rows, way };
}

/** The axes that new units lie on, and how many features each unit has there. */
const growingOf = ({ place }: Seed, { layers }: HostState): ReadonlyMap<string, number> =>
  new Map([
    [layers[place.hidden! - 1]!.parameters.get('w')!.dims.at(-1)!, 1],
    ...place.follow.map(({ dim, each }) => [dim, each] as const),
  ]);

/** Does a seed hold columns between which new ones would come to lie? */
const standsAcross = ({ place: { columns, target } }: Seed, { follow }: Place): boolean =>
  columns !== null && follow.some(({ layer, each }) => layer === target && each > 1);

type Weighted = Extract<BlueprintNode, { op: 'dense' | 'map' }>;

/** Units on the seed's input, what the host does with such units on their way, and a linear map out; null for anything else. */
function widening(
  order: readonly BlueprintNode[],
  follows: boolean,
): { readonly units: Weighted; readonly way: BlueprintNode | undefined; readonly output: Weighted } | null {
  const [units, ...rest] = order;
  const output = rest.at(-1);
  const between = rest.slice(0, -1);
  const weighted = (node: BlueprintNode | undefined): node is Weighted =>
    node?.op === 'dense' || node?.op === 'map';
  if (!weighted(units) || !weighted(output)) return null;
  const way = between.length === 0 ? !follows : between.length === 1 && between[0]!.op === 'follow';
  const joins =
    way &&
    units.from === 'in' &&
    units.bias &&
    !output.bias &&
    output.activation === 'linear' &&
    typeof units.units === 'number';
  return joins ? { units, way: between[0], output } : null;
}

/** Is the block a map of the same kind as the layer's own, window and all? */
const sameWindow = ({ shape }: Parameter, { parameters }: HostLayer) =>
  String(shape.slice(0, -2)) === String(parameters.get('w')!.shape.slice(0, -2));

/** Units that joined a layer at rest would rest with it. */
const learns = ({ parameters }: HostLayer) => parameters.get('w')!.trainable;

/** Does a seed that takes part weigh all features of this axis together? New ones would change what it makes of the old. */
function mingles(seed: Seed, dim: string): boolean {
  const { place, body } = seed;
  if (liveShare(seed) === 0) return false;
  const widths = widthTokens(body.order);
  return body.order.some(({ op, id }) => {
    if (op !== 'norm' && op !== 'attend') return false;
    const end = widths.get(id);
    return (end === 'in' && place.fromDim === dim) || (end === 'out' && place.toDim === dim);
  });
}

/**
 * Moves a seed's units into their layer, moments and ages included. Whatever else touches the layer gets zero rows
 * or columns, so that the function stays what it was. Frees the seed's tensors.
 */
export function mergeUnits(runtime: TensorRuntime, state: HostState, seed: Seed, units: NewUnits): void {
  const { hidden, target } = seed.place;
  const [grown, reader] = [state.layers[hidden! - 1]!.parameters, state.layers[target - 1]!.parameters];
  const weights = grown.get('w')!;
  const growing = growingOf(seed, state);
  const count = units.biases.shape[0]!;
  state.seeds.delete(seed.seedId);
  for (const other of state.seeds.values()) {
    for (const parameter of other.body.parameters.values()) padParameter(runtime, parameter, growing, count);
  }
  joinParameter(weights, weights.shape.length - 1, units.columns);
  joinParameter(grown.get('b')!, 0, units.biases);
  for (const [block, own] of units.way) {
    const axis = block.dims.findIndex((dim) => growing.has(dim));
    joinParameter(block, axis, own, growing.get(block.dims[axis]!)!);
  }
  const each = seed.place.follow.at(-1)?.each ?? 1;
  joinParameter(reader.get('w')!, units.rows.shape.length - 2, units.rows, each);
  disposeBody(seed.body);
}

/** Makes a seed a permanent branch. A frozen one keeps only its output map learning. @returns whether it was frozen */
export function settleBranch(seed: Seed): boolean {
  seed.fossil = true;
  seed.mode = 'live';
  const frozen = seed.place.span === 'cascade' || seed.kernel.blueprint.onFossilize === 'frozen';
  if (frozen) {
    for (const [key, parameter] of seed.body.parameters) {
      parameter.trainable = key.startsWith(`${seed.body.output}.`);
    }
  }
  return frozen;
}
