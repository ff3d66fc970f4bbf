/** Opens a run in a training host: data, network, journal and the supervised triad - for a new run or for one that was cut off. */
import { kasmina } from '../../actors/kasmina/actor.ts';
import type { GardenState } from '../../actors/kasmina/garden.ts';
import { tamiyo } from '../../actors/tamiyo/actor.ts';
import type { TamiyoMemory } from '../../actors/tamiyo/memory.ts';
import { tolaria } from '../../actors/tolaria/actor.ts';
import type { Resumed, TolariaArgs } from '../../actors/tolaria/deps.ts';
import { boundaryDigest } from '../../actors/tolaria/digest.ts';
import { LiveSettings } from '../../actors/tolaria/live-settings.ts';
import { Orders } from '../../actors/tolaria/orders.ts';
import { RunLog } from '../../actors/tolaria/run-log.ts';
import type { RunState, Scars } from '../../actors/tolaria/run-state.ts';
import { trainingTree } from '../../actors/tree.ts';
import type { Workspace } from '../../actors/triad.ts';
import {
  type CatalogueEntry,
  EsperError,
  type RunConfig,
  type RunEnded,
  randomStream,
} from '../../contracts/index.ts';
import {
  type BatchStream,
  type Blas,
  createBatchStream,
  createNetwork,
  createPlan,
  demandBlas,
  type GrowingNetwork,
  loadNetwork,
  openTensorRuntime,
  type RateState,
  StateArena,
  type TensorRuntime,
  timeSteps,
  UnifiedLRController,
} from '../../nn/index.ts';
import { checkpointStore } from '../../runtime/checkpoint/checkpoint-store.ts';
import type { ActorSystem, CheckpointStore } from '../../runtime/index.ts';
import { startSystem } from '../../runtime/local.ts';
import { type Dataset, loadDataset } from '../datasets/index.ts';
import { engineLine, fullLine } from '../engine-line.ts';
import { type EngineRoom, engineRoom } from '../engine-room.ts';
import { bornParameters, hostSpec } from './host-spec.ts';
import { degradedEvent, passedOverEvent, planEvent } from './notices.ts';
import type { TrainOrder } from './order.ts';
import { commandsOf, type RunCommands } from './run-commands.ts';
import { type OpenedJournal, openRunJournal } from './run-journal.ts';
import type { TrainingWorld } from './world.ts';

export interface OpenRun extends RunCommands {
  readonly backend: string;
  /** What computes and why, in a line. */
  readonly engineRoom: string;
  /** The same in a line for a person. */
  readonly engineLine: string;
  readonly data: string;
  /** Boundary of the checkpoint it goes on from; null for a new run or when it starts over. */
  readonly resumedFrom: number | null;
  readonly system: ActorSystem;
  /** Resolves when the run is over. @throws what ended it otherwise */
  readonly closed: Promise<{ readonly ended: RunEnded; readonly files: Readonly<Record<string, string>> }>;
}

/** What one checkpoint holds beside its tensors. */
interface Saved {
  readonly run: RunState;
  readonly scars: Scars;
  readonly rates: RateState;
  readonly garden: GardenState;
  readonly tamiyo: TamiyoMemory;
}

/** @throws RUN_ALREADY_ENDED, RUN_NEVER_STARTED, JOURNAL_..., DATA_..., NN_... */
export async function openRun(order: TrainOrder, world: TrainingWorld): Promise<OpenRun> {
  const openedAtMs = world.clock.nowMs();
  const opened = await openRunJournal(order, world);
  try {
    return await begin(order, world, opened, openedAtMs);
  } catch (error) {
    await opened.journal.close();
    throw error;
  }
}

async function begin(
  order: TrainOrder,
  world: TrainingWorld,
  opened: OpenedJournal,
  openedAtMs: number,
): Promise<OpenRun> {
  const { config } = opened.started;
  const data = await (world.loadDataset ?? loadDataset)(config.task, {
    disk: world.disk,
    dataDirs: [...order.dataDirs],
    seed: config.seed,
  });
  const room = engineRoom(config.backend, world.env ?? {}, order.resume);
  const helpers = await helpersOf(room);
  const runtime = await openTensorRuntime(room.choice, {
    maxBytes: room.maxBytes,
    calibrate: (candidate) => timeSteps(candidate, modelOf(config, data), () => world.clock.nowMs()),
  });
  const store = checkpointStore({
    disk: world.disk,
    folder: `${order.folder}/checkpoints`,
    hasher: world.hasher,
    keep: Math.max(2, config.training.keepCheckpoints),
  });
  const found = order.resume
    ? await newestUsable(store, opened, (file, why) => world.publish(passedOverEvent(order.runId, file, why)))
    : null;
  const network = found
    ? loadNetwork(
        { runtime, optimizer: config.training.optimizer, runSeed: config.seed },
        { structure: found.structure, tensors: found.tensors },
      )
    : createNetwork({
        runtime,
        host: hostSpec(config.host, data),
        spans: spansOf(config),
        optimizer: config.training.optimizer,
        runSeed: config.seed,
      });
  const saved = found ? (found.extra as Saved) : null;
  const batches = createBatchStream({
    rows: data.train.count,
    batch: config.training.batch,
    runSeed: config.seed,
  });
  const work = workspace(order, world, opened, { runtime, network, batches, helpers });
  const { args, closed } = tolariaArgs({
    order,
    world,
    opened,
    work,
    data,
    batches,
    store,
    saved,
    openedAtMs,
  });
  const tree = trainingTree(
    [kasmina, { work, saved: saved?.garden ?? null }],
    [
      tamiyo,
      {
        growth: config.growth,
        catalogue: work.catalogue,
        fits: (slotId, kernel) => work.network.fits(slotId, kernel) === null,
        random: randomStream(`${config.seed}/tamiyo`).save(),
        saved: saved?.tamiyo ?? null,
      },
    ],
    [tolaria, args],
  );
  const system = await startSystem(tree, await world.systemPorts(config.seed));
  const over = endOf(system, closed, args);
  over.catch(() => undefined); // whoever awaits it hears of it; before that it must not end the process
  return {
    backend: runtime.name,
    engineRoom: fullLine(work.plan.name, runtime),
    engineLine: engineLine(work.plan.name, runtime),
    data: data.description,
    resumedFrom: saved ? saved.run.boundary - 1 : null,
    system,
    ...commandsOf(system, args),
    closed: over,
  };
}

/** How the run ended, told when nothing of it is left in memory. */
async function endOf<T>(system: ActorSystem, closed: Promise<T>, args: TolariaArgs): Promise<T> {
  const cleared = system.done.then(() => clear(args));
  try {
    return await Promise.race([closed, gaveUp(system)]);
  } finally {
    await cleared;
  }
}

/** The triad has ended, however it did: its tensors and its claim on the journal are nobody's any more. */
async function clear({ work, log }: TolariaArgs): Promise<void> {
  work.plan.dispose();
  work.network.dispose();
  // on a broken disk the claim stays, and says so to nobody: whoever resumes the run finds its holder dead
  await Promise.allSettled([log.release()]);
}

/** The newest sound checkpoint that is what the journal says of its boundary; one passed over is told of. */
async function newestUsable(
  store: CheckpointStore,
  { digests }: OpenedJournal,
  passedOver: (file: string, why: string) => void,
) {
  for (const { file, boundary } of await store.list()) {
    const committed = digests.get(boundary);
    // of a life whose last boundaries never reached the journal
    if (committed === undefined) continue;
    try {
      const found = await store.read(file);
      if (boundaryDigest(found, found.extra as Saved) === committed) return found;
      passedOver(file, 'it is not what the journal says of its boundary');
    } catch (error) {
      if (!(error instanceof EsperError) || error.code !== 'CHECKPOINT_CORRUPT') throw error;
      passedOver(file, error.message);
    }
  }
  return null;
}

/** What a backend is timed on: the host at birth and a batch of its rows. */
function modelOf({ host, training: { optimizer, batch } }: RunConfig, data: Dataset) {
  return { host: hostSpec(host, data), optimizer, batch: batch === 'all' ? data.train.count : batch };
}

const spansOf = (config: RunConfig) =>
  (config.growth.enabled ? config.growth.spans : []) as ('layer' | 'residual' | 'cascade')[];

interface StepHelpers {
  readonly threads: 1 | 2;
  readonly blas: Blas | null;
}

/** What a step may use besides its own thread. @throws NN_BLAS_UNUSABLE when it was asked for and is not there */
const helpersOf = async ({ threads, blas }: EngineRoom): Promise<StepHelpers> => ({
  threads,
  blas: blas === null ? null : await demandBlas({ library: blas.library, threads }),
});

function workspace(
  order: TrainOrder,
  world: TrainingWorld,
  { started }: OpenedJournal,
  {
    runtime,
    network,
    batches,
    helpers,
  }: { runtime: TensorRuntime; network: GrowingNetwork; batches: BatchStream; helpers: StepHelpers },
): Workspace {
  const { config } = started;
  const plan = createPlan({
    ...{ runtime, network, optimizer: config.training.optimizer },
    // the same bits with one thread or two: how busy the machine is decides nothing but the time it takes
    ...helpers,
    nowMs: () => world.clock.nowMs(),
    say: (line) => world.publish(planEvent(order.runId, line)),
  });
  const { stepsPerEpoch } = batches;
  return {
    runId: order.runId,
    config,
    network,
    plan,
    arena: new StateArena(network.slots().length * config.growth.placesPerSlot),
    catalogue: started.catalogue.map(untimed),
    stepsPerEpoch,
    stepsPerBoundary: Math.max(1, Math.round(stepsPerEpoch * config.training.boundaryEpochs)),
    totalSteps: stepsPerEpoch * config.training.epochs,
  };
}

/** How long a kernel took to compile is no part of what it is: with it, no two runs would agree on a digest. */
const untimed = ({ kernel, certificate }: CatalogueEntry): CatalogueEntry => ({
  kernel: { ...kernel, compileMs: 0 },
  certificate,
});

interface Parts {
  readonly order: TrainOrder;
  readonly world: TrainingWorld;
  readonly opened: OpenedJournal;
  readonly work: Workspace;
  readonly data: Dataset;
  readonly batches: BatchStream;
  readonly store: CheckpointStore;
  readonly saved: Saved | null;
  readonly openedAtMs: number;
}

function tolariaArgs({ order, world, opened, work, data, batches, store, saved, openedAtMs }: Parts) {
  const { config } = work;
  const log = new RunLog({
    journal: opened.journal,
    known: opened.known,
    reopen: opened.reopen,
    changed: (degraded, why) => world.publish(degradedEvent(order.runId, degraded, why)),
  });
  let close: (ended: RunEnded, files: Readonly<Record<string, string>>) => void = () => {};
  let fail: (error: EsperError) => void = () => {};
  const closed = new Promise<{ ended: RunEnded; files: Readonly<Record<string, string>> }>(
    (resolve, reject) => {
      close = (ended, files) => resolve({ ended, files });
      fail = reject;
    },
  );
  const resumed: Resumed | null = order.resume
    ? {
        saved: saved ? { state: saved.run, scars: saved.scars, rates: saved.rates } : null,
        expected: opened.digests,
        lastCommitted: opened.lastCommitted,
        paused: opened.paused,
        startedAtMs: opened.started.startedAtMs,
        engines: { began: opened.started.engine, goesOn: order.engine },
        openedAtMs,
      }
    : null;
  const args: TolariaArgs = {
    work,
    train: data.train,
    validation: data.validation,
    test: data.test,
    batches,
    rates: new UnifiedLRController(config.training.rate, config.training.optimizer.rate, work.totalSteps),
    log,
    orders: new Orders(opened.commanded, order.resume ? opened.lastCommitted : -1),
    settings: new LiveSettings(config),
    checkpoints: store,
    clock: world.clock,
    resumed,
    publish: world.publish,
    folder: order.folder,
    disk: world.disk,
    hostParametersAtBirth: bornParameters(hostSpec(config.host, data)),
    closed: close,
    failed: fail,
  };
  return { args, closed };
}

/** The triad's supervisor used up its restarts: the host must not pretend to train. */
async function gaveUp(system: ActorSystem): Promise<never> {
  const reason = await system.done;
  // that a supervisor gave up says little; what it gave up over is what a person can act on
  if (reason.kind === 'crashed')
    throw reason.error.cause instanceof EsperError ? reason.error.cause : reason.error;
  return new Promise<never>(() => {});
}
