/** A blueprint become flesh: its weights between two widths of the host, and how to run them. */
import type { BlueprintIR, BlueprintNode } from '../contracts/blueprint.ts';
import type { RandomStream } from '../contracts/random-stream.ts';
import { resolveWidth, sortNodes, sourcesOf, widthTokens } from './blueprint-check.ts';
import { createParameter, type Parameter } from './parameter.ts';
import type { TensorRuntime } from './runtime.ts';
import { drawDense } from './start.ts';
import type { Tape, Var } from './tape.ts';

/** One end of a slot: the name of its axis and the present width. */
export interface Axis {
  readonly dim: string;
  readonly size: number;
}

export interface SeedBody {
  /** Sources before readers. */
  readonly order: readonly BlueprintNode[];
  readonly output: string;
  /** The node that the output map reads: the seed's own units. */
  readonly units: string;
  /** Weights of dense nodes: `<node>.w` `[from, units]` and `<node>.b` `[units]`. */
  readonly parameters: ReadonlyMap<string, Parameter>;
}

/** Draws a seed's weights. The body owns its tensors until `disposeParameter` is called on each. */
export function growBody(
  runtime: TensorRuntime,
  blueprint: BlueprintIR,
  {
    seedId,
    from,
    to,
    momentCount,
    random,
  }: {
    readonly seedId: string;
    readonly from: Axis;
    readonly to: Axis;
    readonly momentCount: number;
    readonly random: RandomStream;
  },
): SeedBody {
  const order = sortedNodes(blueprint);
  const widths = widthTokens(order);
  const axes = new Map<string, Axis>([['in', from]]);
  const parameters = new Map<string, Parameter>();
  for (const node of order) {
    if (node.op !== 'dense') {
      axes.set(node.id, axes.get(sourcesOf(node)[0]!)!);
      continue;
    }
    const input = axes.get(node.from)!;
    const size = resolveWidth(widths.get(node.id)!, from.size, to.size);
    const dim = node.units === 'in' ? from.dim : node.units === 'out' ? to.dim : `${seedId}.${node.id}`;
    axes.set(node.id, { dim, size });
    const drawn = drawDense(node.start, input.size, size, random.split(node.id));
    const block = (key: string, dims: string[], shape: number[], data: Float32Array) =>
      parameters.set(
        key,
        createParameter(runtime, momentCount, { name: `${seedId}/${key}`, dims, shape, data }),
      );
    block(`${node.id}.w`, [input.dim, dim], [input.size, size], drawn.weights);
    if (node.bias) block(`${node.id}.b`, [dim], [size], drawn.bias);
  }
  return { order, parameters, ...endsOf(blueprint) };
}

/** Node ids of a blueprint's output and of the units it reads. */
export function endsOf(blueprint: BlueprintIR): { readonly output: string; readonly units: string } {
  const output = blueprint.nodes.find(({ id }) => id === blueprint.output);
  return { output: blueprint.output, units: output?.op === 'dense' ? output.from : blueprint.output };
}

export function sortedNodes(blueprint: BlueprintIR): readonly BlueprintNode[] {
  const order = sortNodes(blueprint.nodes);
  if (order === null) throw new Error(`blueprint ${blueprint.id} was not checked: its nodes form a cycle`);
  return order;
}

/**
 * Runs a body on `input [rows, in]`.
 * @param learns which of its weights get a gradient
 */
export function runBody(
  tape: Tape,
  { order, output, units, parameters }: SeedBody,
  input: Var,
  learns: (parameter: Parameter) => boolean,
): { readonly output: Var; readonly units: Var; readonly values: ReadonlyMap<string, Var> } {
  const values = new Map<string, Var>([['in', input]]);
  const weight = (key: string) => {
    const parameter = parameters.get(key);
    return parameter === undefined ? null : tape.weight(parameter, learns(parameter));
  };
  for (const node of order) {
    const [a, b] = sourcesOf(node).map((id) => values.get(id)!);
    if (node.op === 'dense') {
      const z = tape.dense(a!, weight(`${node.id}.w`)!, weight(`${node.id}.b`));
      values.set(node.id, tape.activate(z, node.activation));
    } else if (node.op === 'activate') values.set(node.id, tape.activate(a!, node.activation));
    else values.set(node.id, node.op === 'add' ? tape.add(a!, b!) : tape.multiply(a!, b!));
  }
  return { output: values.get(output)!, units: values.get(units)!, values };
}
