/** A real run, journal and checkpoints on a real disk, against the same steps and evaluations in a bare loop. */

import { loadDataset } from '../../config/datasets/index.ts';
import { defaults } from '../../config/defaults.ts';
import { engine } from '../../config/engine.ts';
import { openRun } from '../../config/training/open-run.ts';
import { TrainOrder } from '../../config/training/order.ts';
import type { RunConfig, TrainingProgress } from '../../contracts/index.ts';
import {
  createBatchStream,
  createNetwork,
  createPlan,
  openTensorRuntime,
  UnifiedLRController,
} from '../../nn/index.ts';
import { nodeDisk } from '../../runtime/adapters/node/disk.ts';
import { nodeHasher } from '../../runtime/adapters/node/hasher.ts';
import { nodeProcesses } from '../../runtime/adapters/node/processes.ts';
import { certified } from '../rig/catalogue.ts';
import { benchPorts } from '../rig/ports.ts';
import { nowMs, processorMs } from '../sampling.ts';

/** Two thousand steps, some seconds: what a run costs, not what its beginning does. */
const EPOCHS = 10;
const HIDDEN = [256, 128];
/** Longer than the run: places are watched and reported, and nothing is planted, which a bare loop could not do. */
const NEVER = 1_000_000;

const config: RunConfig = {
  ...defaults,
  name: 'bench',
  task: {
    ...defaults.task,
    dataset: 'teacher-student',
    options: { inputs: 256, hidden: 16, outputs: 10, rows: 13_440 },
    validationRows: 640,
  },
  host: {
    ...defaults.host,
    hidden: HIDDEN,
    activation: 'relu',
    outputActivation: 'linear',
    loss: 'mse',
    start: 'he',
  },
  training: {
    ...defaults.training,
    epochs: EPOCHS,
    batch: 64,
    boundaryEpochs: 1, // 200 steps: as far apart as those of the handwritten digits
    goal: null,
    checkpointBoundaries: 4,
  },
  growth: {
    ...defaults.growth,
    tempo: {
      ...{ training: NEVER, blending: 1, probation: 1, shadowSteps: 1, embargo: 1 },
      ...{ plateauWindow: 3, plateauGain: 0.5, earliest: NEVER, latest: 1, spacing: 1 },
    },
  },
  backend: 'wasm',
};

/** From before the first step to after the last boundary. */
export interface Took {
  readonly ms: number;
  /** Of all threads of the process. */
  readonly processorMs: number;
}

const now = (): Took => ({ ms: nowMs(), processorMs: processorMs() });
const between = (from: Took, until: Took): Took => ({
  ms: until.ms - from.ms,
  processorMs: until.processorMs - from.processorMs,
});

/** @param folder where the run is kept */
export async function systemRun(folder: string, runId: string): Promise<Took> {
  let [from, until] = [now(), now()];
  const order = TrainOrder.of({
    runId,
    folder: `${folder}/${runId}`,
    dataDirs: [],
    resume: false,
    config,
    catalogue: [certified(2)],
    quarantined: [],
    engine,
  });
  const run = await openRun(order, {
    ...(await benchPorts()),
    disk: nodeDisk(),
    hasher: nodeHasher(),
    processes: nodeProcesses(),
    systemPorts: benchPorts,
    publish(message) {
      if (message.type !== 'tolaria.training.progressed') return;
      const { step } = message as TrainingProgress;
      if (step === 0) from = now();
      until = now();
    },
  });
  await run.closed;
  return between(from, until);
}

/** The same rows in the same order through the same network and plan, judged as often; nobody watches. */
export async function bareRun(): Promise<Took> {
  const { optimizer, rate, batch, epochs, boundaryEpochs } = config.training;
  const data = await loadDataset(config.task, { disk: nodeDisk(), dataDirs: [], seed: config.seed });
  const runtime = await openTensorRuntime('wasm');
  const { host } = config;
  const layers = [...HIDDEN, data.train.outputs].map((units, i) => ({
    units,
    activation: i < HIDDEN.length ? host.activation : host.outputActivation,
  }));
  const network = createNetwork({
    runtime,
    host: { inputs: data.train.inputs, layers, loss: host.loss, start: host.start },
    spans: [],
    optimizer,
    runSeed: config.seed,
  });
  const plan = createPlan({ runtime, network, optimizer, threads: 2, nowMs });
  const batches = createBatchStream({ rows: data.train.count, batch, runSeed: config.seed });
  const total = epochs * batches.stepsPerEpoch;
  const rates = new UnifiedLRController(rate, optimizer.rate, total);
  const every = Math.round(boundaryEpochs * batches.stepsPerEpoch);
  await plan.evaluate(data.validation);
  const started = now();
  for (let step = 0; step < total; step++) {
    const indices = batches.at(step);
    const table = data.train;
    const targets = new Float32Array(indices.length * table.outputs);
    table.fillTargets(indices, targets);
    const inputs = plan.keeps(table) ? { table, indices } : new Float32Array(indices.length * table.inputs);
    if (inputs instanceof Float32Array) table.fillInputs(indices, inputs);
    await plan.step(inputs, targets, indices.length, rates.step(step));
    if ((step + 1) % every === 0) await plan.evaluate(data.validation);
  }
  const took = between(started, now());
  plan.dispose();
  network.dispose();
  return took;
}
