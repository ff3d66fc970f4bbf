/** How a seed becomes part of the host for good. */
import type { DenseLayer, HostState, Seed } from './host-state.ts';
import { disposeBody } from './host-state.ts';
import { joinParameter, type Parameter, padParameter } from './parameter.ts';
import type { TensorRuntime } from './runtime.ts';
import { dimOf } from './slots.ts';

/** The three blocks of a widening seed: new columns, new biases, new rows. */
interface NewUnits {
  readonly columns: Parameter;
  readonly biases: Parameter;
  readonly rows: Parameter;
}

/** The blocks of a seed whose units can join their layer as they are; null for any other seed. */
export function newUnitsOf(seed: Seed, layer: DenseLayer | undefined): NewUnits | null {
  const { blueprint } = seed.kernel;
  if (seed.place.span !== 'layer' || blueprint.onFossilize === 'frozen' || blueprint.nodes.length !== 2)
    return null;
  const [units, output] = seed.body.order;
  if (units?.op !== 'dense' || output?.op !== 'dense' || output.id !== blueprint.output) return null;
  const joins =
    units.from === 'in' &&
    output.from === units.id &&
    units.bias &&
    !output.bias &&
    units.activation === layer?.activation &&
    output.activation === 'linear' &&
    typeof units.units === 'number';
  if (!joins) return null;
  const block = (key: string) => seed.body.parameters.get(key)!;
  return { columns: block(`${units.id}.w`), biases: block(`${units.id}.b`), rows: block(`${output.id}.w`) };
}

/**
 * Moves a seed's units into their layer, moments and ages included. Whatever else touches the layer gets zero rows
 * or columns, so that the function stays what it was. Frees the seed's tensors.
 */
export function mergeUnits(runtime: TensorRuntime, state: HostState, seed: Seed, units: NewUnits): void {
  const layer = seed.place.source + 1;
  const grown = state.layers[layer - 1]!;
  const count = units.biases.shape[0]!;
  state.seeds.delete(seed.seedId);
  for (const other of state.seeds.values()) {
    for (const parameter of other.body.parameters.values())
      padParameter(runtime, parameter, dimOf(layer), count);
  }
  joinParameter(runtime, grown.weights, 1, units.columns);
  joinParameter(runtime, grown.bias, 0, units.biases);
  joinParameter(runtime, state.layers[layer]!.weights, 0, units.rows);
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
