/** The grown network as a tensorflow.js LayersModel, for people who never heard of Esper. */
import * as tf from '@tensorflow/tfjs';
import type { Activation, BlueprintNode } from '../contracts/blueprint.ts';
import type { HostState, Seed } from './host-state.ts';
import type { Parameter } from './parameter.ts';
import type { HostSpec } from './types.ts';

export interface LayersExport {
  /** What goes into `model.json`; it names `weights.bin` as its only weights file. */
  readonly modelJson: unknown;
  /** What goes into `weights.bin`: float32, little endian. */
  readonly weights: Uint8Array;
}

type Symbolic = tf.SymbolicTensor;

/** Why some branch has no place in a LayersModel, or null. */
export function layersObstacle(fossils: readonly Seed[]): string | null {
  const strange = fossils.find(({ kernel }) =>
    kernel.blueprint.nodes.some((node) => 'activation' in node && node.activation === 'gaussian'),
  );
  return strange
    ? `branch ${strange.seedId} has Gaussian units, and a LayersModel knows no such activation`
    : null;
}

/**
 * Host and fossils as layers: dense, add, multiply, concatenate. Frees every tensor it makes.
 * @throws when `layersObstacle` would have said no
 */
export async function toLayersModel(spec: HostSpec, state: HostState): Promise<LayersExport> {
  const model = build(spec, state);
  try {
    const named = model.weights.map((weight) => ({ name: weight.originalName, tensor: weight.read() }));
    const { data, specs } = await tf.io.encodeWeights(named);
    const modelJson = {
      format: 'layers-model',
      generatedBy: 'esper',
      convertedBy: null,
      modelTopology: model.toJSON(null, false),
      weightsManifest: [{ paths: ['weights.bin'], weights: specs }],
    };
    return { modelJson, weights: new Uint8Array(data) };
  } finally {
    model.dispose();
  }
}

function build(spec: HostSpec, state: HostState): tf.LayersModel {
  const x = tf.input({ shape: [spec.inputs], name: 'x' });
  const pending: (() => void)[] = [];
  const branches = branchOutputs(state, pending);
  const last = state.layers.length;
  let h: Symbolic = x;
  const outputs: Symbolic[] = [x];
  const cascade = cascadeOutputs(state, x, pending);
  for (let layer = 1; layer <= last; layer++) {
    const { parameters, activation } = state.layers[layer - 1]!;
    const [weights, bias] = [parameters.get('w')!, parameters.get('b')!];
    const into = branches.filter(({ place }) => place.target === layer && place.at === 'z');
    const more = into
      .map(({ grow, place }) => grow(outputs[place.source]!))
      .concat(layer === last ? cascade : []);
    const plain = more.length === 0;
    const z = dense(h, `layer${layer}`, weights, bias, plain ? activation : 'linear', pending);
    h = plain ? z : activate(sum([z, ...more], `layer${layer}_sum`), activation, `layer${layer}_out`);
    const beside = branches.filter(({ place }) => place.target === layer && place.at === 'h');
    if (beside.length > 0) h = sum([h, ...beside.map(({ grow }) => grow(h))], `layer${layer}_residual`);
    outputs.push(h);
  }
  const model = tf.model({ inputs: x, outputs: h, name: 'esper' });
  // A layer's variables exist once it was applied; only then can they take our numbers.
  for (const fill of pending) fill();
  return model;
}

function branchOutputs(state: HostState, pending: (() => void)[]) {
  return [...state.seeds.values()]
    .filter(({ fossil, place }) => fossil && place.span !== 'cascade')
    .map((seed) => ({
      place: seed.place,
      grow: (input: Symbolic) => branch(seed, input, pending).get(seed.body.output)!,
    }));
}

function cascadeOutputs(state: HostState, x: Symbolic, pending: (() => void)[]): Symbolic[] {
  let input = x;
  return state.cascade.map((seedId) => {
    const seed = state.seeds.get(seedId)!;
    const values = branch(seed, input, pending);
    input = tf.layers
      .concatenate({ name: `${layerName(seedId)}_reads` })
      .apply([input, values.get(seed.body.units)!]) as Symbolic;
    return values.get(seed.body.output)!;
  });
}

function branch(seed: Seed, input: Symbolic, pending: (() => void)[]): ReadonlyMap<string, Symbolic> {
  const values = new Map<string, Symbolic>([['in', input]]);
  for (const node of seed.body.order) values.set(node.id, layerFor(seed, node, values, pending));
  return values;
}

function layerFor(
  { seedId, body }: Seed,
  node: BlueprintNode,
  values: ReadonlyMap<string, Symbolic>,
  pending: (() => void)[],
): Symbolic {
  const name = `${layerName(seedId)}_${layerName(node.id)}`;
  const at = (id: string) => values.get(id)!;
  switch (node.op) {
    case 'dense': {
      const weights = body.parameters.get(`${node.id}.w`)!;
      return dense(
        at(node.from),
        name,
        weights,
        body.parameters.get(`${node.id}.b`),
        node.activation,
        pending,
      );
    }
    case 'activate':
      return activate(at(node.from), node.activation, name);
    case 'add':
      return sum(node.from.map(at), name);
    case 'multiply':
      return tf.layers.multiply({ name }).apply(node.from.map(at)) as Symbolic;
    default:
      throw new Error(`no layer for ${node.op}`);
  }
}

function dense(
  input: Symbolic,
  name: string,
  weights: Parameter,
  bias: Parameter | undefined,
  activation: Activation,
  pending: (() => void)[],
): Symbolic {
  const layer = tf.layers.dense({
    name,
    units: weights.shape[1]!,
    useBias: bias !== undefined,
    activation: activation as Exclude<Activation, 'gaussian'>,
    kernelInitializer: 'zeros',
  });
  pending.push(() => layer.setWeights(bias === undefined ? [weights.value] : [weights.value, bias.value]));
  return layer.apply(input) as Symbolic;
}

const activate = (input: Symbolic, activation: Activation, name: string) =>
  tf.layers
    .activation({ activation: activation as Exclude<Activation, 'gaussian'>, name })
    .apply(input) as Symbolic;

const sum = (inputs: Symbolic[], name: string) => tf.layers.add({ name }).apply(inputs) as Symbolic;

/** Layer names may not hold slashes or dots. */
const layerName = (id: string) => id.replace(/[^A-Za-z0-9_-]/g, '_');
