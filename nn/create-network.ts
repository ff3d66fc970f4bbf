/** The birth of a host, from its specification and a seed. */
import { EsperError } from '../contracts/failure.ts';
import type { Span } from '../contracts/index.ts';
import { randomStream } from '../contracts/random-stream.ts';
import type { OptimizerConfig } from '../contracts/run-config.ts';
import type { DenseLayer } from './host-state.ts';
import { HostNetwork } from './network.ts';
import { momentCountOf } from './optimizer.ts';
import { createParameter } from './parameter.ts';
import type { TensorRuntime } from './runtime.ts';
import { dimOf } from './slots.ts';
import { drawDense } from './start.ts';
import type { GrowingNetwork, HostSpec } from './types.ts';

export interface NetworkOrder {
  readonly runtime: TensorRuntime;
  readonly host: HostSpec;
  readonly spans: readonly Span[];
  readonly optimizer: OptimizerConfig;
  readonly runSeed: number;
}

/**
 * Draws a host's weights: the same order gives the same bits. The caller disposes the network.
 * @throws NN_HOST_INVALID
 */
export function createNetwork({ runtime, host, spans, optimizer, runSeed }: NetworkOrder): GrowingNetwork {
  checkHost(host);
  const momentCount = momentCountOf(optimizer);
  const layers = host.layers.map(({ units, activation }, i): DenseLayer => {
    const fanIn = i === 0 ? host.inputs : host.layers[i - 1]!.units;
    const drawn = drawDense(host.start, fanIn, units, randomStream(`${runSeed}/host/${i + 1}`));
    const block = (name: string, dims: string[], shape: number[], data: Float32Array) =>
      createParameter(runtime, momentCount, { name: `host/${i + 1}.${name}`, dims, shape, data });
    return {
      weights: block('w', [dimOf(i), dimOf(i + 1)], [fanIn, units], drawn.weights),
      bias: block('b', [dimOf(i + 1)], [units], drawn.bias),
      activation,
    };
  });
  const state = { layers, seeds: new Map(), cascade: [] };
  return new HostNetwork({ runtime, spec: host, spans, optimizer, runSeed, state });
}

function checkHost({ inputs, layers, loss }: HostSpec): void {
  const whole = (n: number) => Number.isInteger(n) && n > 0;
  const complaint =
    layers.length === 0
      ? 'it has no layers'
      : !whole(inputs) || !layers.every(({ units }) => whole(units))
        ? 'widths must be whole numbers above 0'
        : loss === 'softmax_cross_entropy' && layers.at(-1)?.activation !== 'linear'
          ? 'softmax cross entropy reads logits, so the output activation must be linear'
          : null;
  if (complaint !== null)
    throw new EsperError('NN_HOST_INVALID', `this host cannot be built: ${complaint}`, { complaint });
}
