/** The birth of a host, from its specification and a seed. */
import type { Tensor } from '@tensorflow/tfjs';
import { EsperError } from '../contracts/failure.ts';
import type { Span } from '../contracts/index.ts';
import { randomStream } from '../contracts/random-stream.ts';
import type { OptimizerConfig } from '../contracts/run-config.ts';
import type { HostLayer } from './host-layer.ts';
import { activationOf, type BlockSpec, blocksOf, shapeComplaint, sourcesOfLayer } from './layer-ops.ts';
import { HostNetwork } from './network.ts';
import { momentCountOf } from './optimizer.ts';
import { createParameter, shareParameter } from './parameter.ts';
import type { TensorRuntime } from './runtime.ts';
import { dimOf, inputShapeOf, shapesOf } from './slots.ts';
import { drawDense, type StartRule } from './start.ts';
import type { GrowingNetwork, HostSpec } from './types.ts';

export interface NetworkOrder {
  readonly runtime: TensorRuntime;
  readonly host: HostSpec;
  readonly spans: readonly Span[];
  readonly optimizer: OptimizerConfig;
  readonly runSeed: number;
  /** Weights to start with instead of drawn ones: the blocks of a layer (1-based) by key. They are shared and stay the caller's. */
  readonly given?: (layer: number) => ReadonlyMap<string, Tensor>;
}

/**
 * Draws a host's weights: the same order gives the same bits. The caller disposes the network.
 * @throws NN_HOST_INVALID
 */
export function createNetwork({
  runtime,
  host,
  spans,
  optimizer,
  runSeed,
  given,
}: NetworkOrder): GrowingNetwork {
  checkHost(host);
  const momentCount = momentCountOf(optimizer);
  const shapes = shapesOf(host);
  const layers = host.layers.map((spec, i): HostLayer => {
    const layer = i + 1;
    const from = sourcesOfLayer(spec, layer);
    const blocks = blocksOf(
      spec,
      from.map((source) => shapes[source]!),
    );
    const dims = { in: dimOf(host, from[0]!), units: `h${layer}` };
    const data = given === undefined ? drawBlocks(blocks, host.start, `${runSeed}/host/${layer}`) : null;
    const parameters = blocks.map(({ key, shape, axes, learns }) => {
      const name = `host/${layer}.${key}`;
      const named = axes.map((axis, at) => (axis === null ? `${name}.${at}` : dims[axis]));
      const block = { name, dims: named, shape };
      const parameter =
        data === null
          ? shareParameter(runtime, momentCount, block, given!(layer).get(key)!)
          : createParameter(runtime, momentCount, { ...block, data: data.get(key)! });
      return [key, { ...parameter, trainable: learns }] as const;
    });
    return { spec, from, activation: activationOf(spec), parameters: new Map(parameters) };
  });
  const state = { layers, seeds: new Map(), cascade: [] };
  return new HostNetwork({ runtime, spec: host, spans, optimizer, runSeed, state });
}

/** The numbers of a layer at birth. Weights and offsets come from one draw, as one dense map over all that a unit reads. */
function drawBlocks(
  blocks: readonly BlockSpec[],
  start: StartRule,
  stream: string,
): ReadonlyMap<string, Float32Array> {
  const weights = blocks.find(({ birth }) => birth === 'drawn');
  const units = weights?.axes.at(-1) === null ? weights.shape.at(-2)! : (weights?.shape.at(-1) ?? 0);
  const size = ({ shape }: BlockSpec) => shape.reduce((a, b) => a * b, 1);
  const fanIn = weights === undefined ? 0 : size(weights) / units;
  const drawn = drawDense(start, fanIn, units, randomStream(stream));
  return new Map(
    blocks.map((block) => {
      if (block.birth === 'drawn') return [block.key, drawn.weights];
      if (block.birth === 'offset') return [block.key, drawn.bias];
      return [block.key, new Float32Array(size(block)).fill(block.birth === 'ones' ? 1 : 0)];
    }),
  );
}

function checkHost(host: HostSpec): void {
  const { inputs, layers, loss } = host;
  const whole = (n: number) => Number.isInteger(n) && n > 0;
  const last = layers.at(-1);
  const complaint =
    last === undefined
      ? 'it has no layers'
      : !whole(inputs) || !layers.every((layer) => !('units' in layer) || whole(layer.units))
        ? 'widths must be whole numbers above 0'
        : inputShapeOf(host).reduce((a, b) => a * b, 1) !== inputs
          ? `rows of ${inputs} numbers do not fill the shape [${inputShapeOf(host).join(', ')}]`
          : (wiringComplaint(host) ??
            (loss === 'softmax_cross_entropy' && activationOf(last) !== 'linear'
              ? 'softmax cross entropy reads logits, so the output activation must be linear'
              : null));
  if (complaint !== null)
    throw new EsperError('NN_HOST_INVALID', `this host cannot be built: ${complaint}`, { complaint });
}

/** Layers may read only what comes before them, and shapes must fit. */
function wiringComplaint(host: HostSpec): string | null {
  for (const [i, spec] of host.layers.entries()) {
    const bad = sourcesOfLayer(spec, i + 1).find((from) => !(from >= 0 && from <= i));
    if (bad !== undefined) return `layer ${i + 1} reads layer ${bad}, which does not come before it`;
  }
  const shapes = shapesOf(host);
  const odd = shapes.findIndex((shape) => !shape.every((n) => Number.isInteger(n) && n > 0));
  if (odd >= 0) return `layer ${odd} would have the shape [${shapes[odd]!.join(', ')}]`;
  for (const [i, spec] of host.layers.entries()) {
    const inputs = sourcesOfLayer(spec, i + 1).map((from) => shapes[from]!);
    const complaint = shapeComplaint(spec, inputs);
    if (complaint !== null) return `layer ${i + 1} ${complaint}`;
  }
  return shapes.at(-1)!.length === 1 ? null : 'its output is not one list of numbers a row';
}
