/** A run small enough to know by heart: a network of any shape, random rows, and seeds that stay where they are put. */
import type { Workspace } from '../../actors/triad.ts';
import { defaults } from '../../config/defaults.ts';
import { type BackendName, type RunConfig, randomStream } from '../../contracts/index.ts';
import { floatRows } from '../../nn/data/index.ts';
import { createNetwork, createPlan, openTensorRuntime, type Rows, StateArena } from '../../nn/index.ts';
import { certified } from './catalogue.ts';

export interface Shape {
  readonly inputs: number;
  readonly hidden: readonly number[];
  /** Places for seeds in each hidden layer; none when 0. */
  readonly places: number;
  readonly rows: number;
  /** Where the tensors live; wasm unless said. */
  readonly backend?: BackendName;
}

const OUTPUTS = 10;
/** Longer than any benchmark: no seed is due, nothing is planted, no run ends. */
const NEVER = 1_000_000;

/** The caller disposes the network. */
export async function workspaceOf(shape: Shape): Promise<{ readonly work: Workspace; readonly rows: Rows }> {
  const config = configOf(shape);
  const { optimizer } = config.training;
  const runtime = await openTensorRuntime(shape.backend ?? 'wasm');
  const layers = [...shape.hidden, OUTPUTS].map((units, i, all) => ({
    units,
    activation: i === all.length - 1 ? ('linear' as const) : ('tanh' as const),
  }));
  const network = createNetwork({
    runtime,
    host: { inputs: shape.inputs, layers, loss: 'mse', start: 'glorot' },
    spans: shape.places > 0 ? ['layer'] : [],
    optimizer,
    runSeed: config.seed,
  });
  const work = {
    runId: 'bench-1',
    config,
    network,
    plan: createPlan({ runtime, network, optimizer }),
    arena: new StateArena(network.slots().length * Math.max(1, shape.places)),
    catalogue: [certified(2)],
    stepsPerEpoch: 1,
    stepsPerBoundary: 1,
    totalSteps: NEVER,
  };
  return { work, rows: randomRows(shape) };
}

function configOf({ hidden, places }: Shape): RunConfig {
  const { host, training, growth } = defaults;
  const tempo = { training: NEVER, blending: 1, probation: 1, shadowSteps: 1, embargo: 1 };
  const planting = { plateauWindow: 3, plateauGain: 0.5, earliest: NEVER, latest: 1, spacing: 1 };
  return {
    ...defaults,
    host: { ...host, hidden: [...hidden], activation: 'tanh', loss: 'mse', start: 'glorot' },
    training: { ...training, epochs: NEVER, batch: 'all', checkpointBoundaries: NEVER },
    growth: {
      ...growth,
      placesPerSlot: Math.max(1, places),
      maxLiveSeeds: Math.max(1, places * hidden.length),
      tempo: { ...tempo, ...planting },
    },
    backend: 'wasm',
  };
}

function randomRows({ inputs, rows }: Shape): Rows {
  const random = randomStream('bench/rows');
  const draw = (count: number) => Float32Array.from({ length: count }, () => random.normal());
  return floatRows(draw(rows * inputs), inputs, {
    kind: 'values',
    values: draw(rows * OUTPUTS),
    width: OUTPUTS,
  });
}
