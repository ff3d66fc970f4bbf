/** The birth of a host, from its specification and a seed. */
import type { Tensor } from '@tensorflow/tfjs';
import { EsperError } from '../contracts/failure.ts';
import type { Span } from '../contracts/index.ts';
import { randomStream } from '../contracts/random-stream.ts';
import type { OptimizerConfig } from '../contracts/run-config.ts';
import { hostComplaint } from './host-check.ts';
import type { HostLayer } from './host-layer.ts';
import { activationOf, type BlockSpec, sourcesOfLayer } from './layer-ops.ts';
import { HostNetwork } from './network.ts';
import { momentCountOf } from './optimizer.ts';
import { allOrNone, createParameter, shareParameter } from './parameter.ts';
import type { TensorRuntime } from './runtime.ts';
import { hostBlocks, shapesOf } from './slots.ts';
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
  const complaint = hostComplaint(host);
  if (complaint !== null) {
    throw new EsperError('NN_HOST_INVALID', `this host cannot be built: ${complaint}`, { complaint });
  }
  const momentCount = momentCountOf(optimizer);
  const shapes = shapesOf(host);
  const layers = allOrNone((note) =>
    host.layers.map((spec, i): HostLayer => {
      const layer = i + 1;
      const blocks = hostBlocks(host, layer, shapes);
      const data = given === undefined ? drawBlocks(blocks, host.start, `${runSeed}/host/${layer}`) : null;
      const parameters = blocks.map((block) => {
        const { key, learns } = block;
        const parameter =
          data === null
            ? shareParameter(runtime, momentCount, block, given!(layer).get(key)!)
            : createParameter(runtime, momentCount, { ...block, data: data.get(key)! });
        parameter.trainable = learns;
        return [key, note(parameter)] as const;
      });
      const from = sourcesOfLayer(spec, layer);
      return { spec, from, activation: activationOf(spec), parameters: new Map(parameters) };
    }),
  );
  const state = { layers, seeds: new Map(), cascade: [], steps: 0 };
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
