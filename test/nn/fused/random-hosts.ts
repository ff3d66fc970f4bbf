/** Hosts of every kind with seeds in every mode, drawn at random: what two plans must agree on. */

import type { OptimizerConfig } from '../../../contracts/index.ts';
import { type RandomStream, randomStream } from '../../../contracts/random-stream.ts';
import {
  createNetwork,
  type HostSpec,
  type LayerSpec,
  type SeedMode,
  standardCatalogue,
  type TensorRuntime,
} from '../../../nn/index.ts';
import { HostNetwork } from '../../../nn/network.ts';
import { shapesOf } from '../../../nn/slots.ts';
import { adam, kernelOf } from '../worlds.ts';

type Shape = readonly number[];

const ACTIVATIONS = ['linear', 'relu', 'tanh', 'sigmoid', 'gaussian'] as const;

/** A stream of choices. */
export class Draws {
  readonly #random: RandomStream;

  constructor(seed: string) {
    this.#random = randomStream(seed);
  }

  below(n: number): number {
    return Math.floor(this.#random.next() * n);
  }

  one<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  numbers(length: number): Float32Array {
    return Float32Array.from({ length }, () => 2 * this.#random.next() - 1);
  }
}

/** Layers that could follow, given the shapes so far. */
function options(draws: Draws, shapes: readonly Shape[]): LayerSpec[] {
  const x = shapes.at(-1)!;
  const at = shapes.length - 1;
  const activation = draws.one(ACTIVATIONS);
  const alike = shapes.flatMap((shape, i) => (i > 0 && i < at && String(shape) === String(x) ? [i] : []));
  const beside = shapes.flatMap((shape, i) =>
    i > 0 && i < at && String(shape.slice(0, -1)) === String(x.slice(0, -1)) ? [i] : [],
  );
  const size = [1 + draws.below(3), 1 + draws.below(3)] as const;
  const window = {
    size,
    stride: [1 + draws.below(2), 1] as const,
    padding: draws.one(['same', 'valid'] as const),
  };
  const bias = draws.below(4) > 0;
  const how = { kind: draws.one(['batch', 'layer'] as const), epsilon: 1e-3, momentum: 0.9 };
  const found: LayerSpec[] = [
    { op: 'dense', units: 2 + draws.below(9), activation, bias },
    { op: 'norm', how, gamma: draws.below(2) > 0 },
    { op: 'activate', activation },
    { op: 'dropout', rate: 0.25 },
    ...alike.map((other): LayerSpec => ({ op: draws.one(['add', 'multiply'] as const), from: [at, other] })),
    ...beside.map((other): LayerSpec => ({ op: 'concat', from: [at, other] })),
  ];
  if (x.length > 1) found.push({ op: 'squeeze', kind: draws.one(['max', 'mean'] as const) });
  if (x.length !== 3) return found;
  const fits = x[0]! >= size[0] && x[1]! >= size[1];
  if (fits) {
    found.push({ op: 'conv', units: 1 + draws.below(9), window, activation, bias });
    found.push({ op: 'depthwise', window, activation, bias });
    found.push({ op: 'pool', kind: draws.one(['max', 'mean'] as const), window });
    found.push({ op: 'pool', kind: 'max', window: { size: [2, 2], stride: [2, 2], padding: 'same' } });
  }
  if (x[0]! < 5 && x[1]! < 5) found.push({ op: 'upsample', by: 2 });
  found.push({ op: 'reshape', shape: [x[0]! * x[1]!, x[2]!] });
  return found;
}

function randomHost(draws: Draws): HostSpec {
  const image = draws.below(3) > 0;
  const inputShape = image
    ? [4 + draws.below(4), 4 + draws.below(4), 1 + draws.below(3)]
    : [3 + draws.below(12)];
  const inputs = inputShape.reduce((a, b) => a * b, 1);
  const loss = draws.one(['mse', 'softmax_cross_entropy'] as const);
  const layers: LayerSpec[] = [];
  const host = (): HostSpec => ({ inputs, inputShape, layers, loss, start: 'glorot' });
  const shapes = () => shapesOf(host());
  for (let depth = 2 + draws.below(5); depth > 0; depth--) layers.push(draws.one(options(draws, shapes())));
  const last = shapes().at(-1)!;
  if (last.length > 1) layers.push({ op: 'reshape', shape: [last.reduce((a, b) => a * b, 1)] });
  layers.push({
    op: 'dense',
    units: 2 + draws.below(3),
    activation: loss === 'mse' ? draws.one(ACTIVATIONS) : 'linear',
  });
  return host();
}

export const BLUEPRINTS = ['vector', 'sequence', 'image'].flatMap((rows) =>
  ACTIVATIONS.flatMap((activation) => standardCatalogue(activation, rows as 'vector')),
);

const MODES: readonly SeedMode[] = ['absent', 'isolated', 'live', 'live', 'held', 'shadow'];

/** A host without seeds, the same one every time for one `seed`. */
export const randomHostNetwork = (runtime: TensorRuntime, seed: number, optimizer: OptimizerConfig) =>
  hostNetwork(runtime, randomHost(new Draws(`host/${seed}`)), seed, optimizer);

const hostNetwork = (runtime: TensorRuntime, host: HostSpec, runSeed: number, optimizer: OptimizerConfig) =>
  createNetwork({ runtime, host, spans: ['layer', 'residual', 'cascade'], optimizer, runSeed });

/** A network with up to four seeds somewhere in their lives, the same one every time for one `seed`. */
export function randomGarden(
  runtime: TensorRuntime,
  seed: number,
  optimizer: OptimizerConfig,
  amend: (layer: LayerSpec, at: number) => LayerSpec = (layer) => layer,
) {
  const draws = new Draws(`garden/${seed}`);
  const drawn = randomHost(draws);
  const host = { ...drawn, layers: drawn.layers.map(amend) };
  const network = hostNetwork(runtime, host, seed, optimizer);
  if (!(network instanceof HostNetwork)) throw new Error('not one of ours');
  const slots = network.slots();
  for (let i = draws.below(5); i > 0 && slots.length > 0; i--) {
    const seedId = `s${i}`;
    const { slotId } = draws.one(slots);
    const kernel = kernelOf(draws.one(BLUEPRINTS));
    if (network.fits(slotId, kernel) !== null) continue;
    network.plant({ seedId, slotId, kernel, draw: 0 });
    network.setMode(seedId, draws.one(MODES));
    network.setAlpha(seedId, draws.one([0, 0.3, 0.75, 1]));
  }
  const rows = 1 + draws.below(14);
  const inputs = draws.numbers(rows * host.inputs);
  const outputs = network.widths().at(-1)!;
  const targets = draws.numbers(rows * outputs);
  if (host.loss !== 'mse')
    targets.forEach((_, i) => {
      targets[i] = i % outputs === Math.floor(i / outputs) % outputs ? 1 : 0;
    });
  const rates = Object.fromEntries(
    ['host', ...network.seeds().map(({ seedId }) => seedId)].map((id) => [id, optimizer.rate]),
  );
  return { network, rows, inputs, targets, rates, host };
}

export const optimizers: readonly OptimizerConfig[] = [
  { ...adam, name: 'sgd', rate: 0.05 },
  { ...adam, name: 'momentum', rate: 0.02, weightDecay: 0.01 },
  { ...adam, name: 'sgd', rate: 0.05, clipNorm: 0.1, weightDecay: 0.01 },
  { ...adam, name: 'adam', rate: 1e-3, weightDecay: 0.01, epsilon: 1e-3 },
  { ...adam, name: 'adamw', rate: 1e-3, weightDecay: 0.01, clipNorm: 1, epsilon: 1e-3 },
];
