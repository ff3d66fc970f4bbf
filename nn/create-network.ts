/** The birth of a host, from its specification and a seed. */
import type { Tensor } from '@tensorflow/tfjs';
import { EsperError } from '../contracts/failure.ts';
import type { Span } from '../contracts/index.ts';
import { randomStream } from '../contracts/random-stream.ts';
import type { OptimizerConfig } from '../contracts/run-config.ts';
import { hostComplaint } from './host-check.ts';
import type { HostLayer } from './host-layer.ts';
import { drawBlocks } from './layer-birth.ts';
import { activationOf, sourcesOfLayer } from './layer-ops.ts';
import { HostNetwork } from './network.ts';
import { momentCountOf } from './optimizer.ts';
import { allOrNone, createParameter, shareParameter } from './parameter.ts';
import type { TensorRuntime } from './runtime.ts';
import { hostBlocks, shapesOf } from './slots.ts';
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
      const data =
        given === undefined ? drawBlocks(blocks, host.start, randomStream(`${runSeed}/host/${layer}`)) : null;
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
