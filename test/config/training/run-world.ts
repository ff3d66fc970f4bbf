/** A whole training host in memory: a tiny task, a small catalogue, a disk that can fail, and the real network. */
import { recall } from '../../../actors/tolaria/recall.ts';
import { type OpenRun, openRun } from '../../../config/training/open-run.ts';
import { TrainOrder } from '../../../config/training/order.ts';
import type { TrainingWorld } from '../../../config/training/world.ts';
import {
  type CatalogueEntry,
  decode,
  type EsperError,
  RUN_RECORDS,
  type RunConfig,
  type RunEnded,
  type RunRecord,
  randomStream,
} from '../../../contracts/index.ts';
import { widen } from '../../../nn/index.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { type MemoryDisk, memoryDisk } from '../../../runtime/adapters/memory/disk.ts';
import { memoryIds } from '../../../runtime/adapters/memory/ids.ts';
import { type MemoryLog, memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import { memoryProcesses } from '../../../runtime/adapters/memory/processes.ts';
import { nodeHasher } from '../../../runtime/adapters/node/hasher.ts';
import { inspectJournal } from '../../../runtime/journal/inspect.ts';

export const RUN = 'run-1';
export const FOLDER = `/runs/${RUN}`;

type News = Parameters<TrainingWorld['publish']>[0];

/** Widening seeds of one and two units, certified. */
export const catalogue: readonly CatalogueEntry[] = [1, 2].map((units) => {
  const blueprint = widen(units, 'tanh');
  const kernelId = `sha256:${String(units).repeat(64)}-fast`;
  return {
    kernel: { kernelId, blueprint, pipeline: 'fast', compileMs: 1, referenceParameters: 8 * units },
    certificate: {
      kernelId,
      blueprintId: blueprint.id,
      verdict: 'VALIDATED',
      riskScore: 0,
      hazardBand: 'LOW',
      tags: [],
      reasons: [],
      probes: {},
    },
  };
});

export interface RunWorld {
  readonly disk: MemoryDisk;
  readonly log: MemoryLog;
  readonly news: News[];
  readonly processes: ReturnType<typeof memoryProcesses>;
  readonly clock: ReturnType<typeof memoryClock>;
  /** Called with each message before it is kept: the way into the middle of a run. */
  onNews: (message: News) => void;
  world(): TrainingWorld;
}

/** @param msPerLook how far time moves whenever somebody looks at the clock: 0 and training never pauses for messages */
export function runWorld(disk: MemoryDisk = memoryDisk(), msPerLook = 0): RunWorld {
  const [clock, log, processes, ids, metrics] = [
    memoryClock(),
    memoryLog(),
    memoryProcesses(),
    memoryIds(),
    memoryMetrics(),
  ];
  let looks = 0;
  const ticking = { ...clock, nowMs: () => clock.nowMs() + msPerLook * looks++ };
  const news: News[] = [];
  const self: RunWorld = {
    disk,
    log,
    news,
    processes,
    clock,
    onNews: () => {},
    world: () => ({
      disk,
      clock: ticking,
      ids,
      log,
      processes,
      hasher: nodeHasher(),
      systemPorts: async (seed) => ({ clock, ids, log, metrics, random: randomStream(seed) }),
      publish(message) {
        news.push(message);
        self.onNews(message);
      },
    }),
  };
  return self;
}

export const orderOf = (config: RunConfig | null, entries = catalogue) =>
  TrainOrder.of({
    runId: RUN,
    folder: FOLDER,
    dataDirs: [],
    resume: config === null,
    config,
    catalogue: [...entries],
    quarantined: [],
    engine: 'test',
  });

/** Lets the run of a world go on until `promise` is settled; time stands still. */
export async function until<T>(world: RunWorld, promise: Promise<T>): Promise<T> {
  let settled = false;
  const end = () => {
    settled = true;
  };
  promise.then(end, end);
  while (!settled) await world.clock.settle();
  return promise;
}

/** Opens a run, new with a configuration and resumed without, and waits for its end. */
export async function finished(world: RunWorld, config: RunConfig | null): Promise<RunEnded> {
  const run = await until(world, openRun(orderOf(config), world.world()));
  return (await until(world, run.closed)).ended;
}

/** The power goes: nothing unsynced is left, and another process comes up. */
export function powerCut(world: RunWorld, seed?: number): void {
  world.disk.crash(seed === undefined ? undefined : randomStream(seed));
  world.processes.restart();
}

/** When the power goes: at the n-th change of the disk, or at the first one after some message. */
export type Moment = { readonly operation: number } | { readonly after: (message: News) => boolean };

/**
 * Opens a run and cuts the power: from that moment on nothing reaches the disk, and the host is gone.
 * @returns false when the run had ended before
 */
export async function runUntilPowerCut(
  world: RunWorld,
  config: RunConfig | null,
  moment: Moment,
  torn?: number,
): Promise<boolean> {
  const { disk } = world;
  let strikesAt = Number.POSITIVE_INFINITY;
  const arm = (nth: number) => {
    strikesAt = disk.operations + nth;
    disk.fail({ operation: 'change', nth, code: 'DISK_FAILED', lasting: true });
  };
  if ('operation' in moment) arm(moment.operation);
  else
    world.onNews = (message) => {
      if (strikesAt === Number.POSITIVE_INFINITY && moment.after(message)) arm(1);
    };
  let run: OpenRun | undefined;
  let over = false;
  const end = () => {
    over = true;
  };
  openRun(orderOf(config), world.world()).then((opened) => {
    run = opened;
    opened.closed.then(end, end);
  }, end);
  while (disk.operations < strikesAt && !over) await world.clock.settle();
  const cut = disk.operations >= strikesAt;
  if (run) await until(world, run.system.stop('the power is gone'));
  world.onNews = () => {};
  powerCut(world, torn);
  return cut;
}

/** Goes on with a run after a power cut; one whose first record was lost begins anew. */
export async function goOn(world: RunWorld, config: RunConfig): Promise<RunEnded> {
  try {
    return await finished(world, null);
  } catch (error) {
    if ((error as EsperError).code !== 'RUN_NEVER_STARTED') throw error;
    return finished(world, config);
  }
}

/** Every record of the run's journal, decoded. */
export async function recordsOf(world: RunWorld): Promise<readonly RunRecord[]> {
  const records: RunRecord[] = [];
  for await (const { kind, body } of inspectJournal(world.disk, `${FOLDER}/journal`))
    records.push(RUN_RECORDS[kind - 1]?.parse(decode(body)) as RunRecord);
  return records;
}

export const boundariesOf = async (world: RunWorld) =>
  (await recordsOf(world)).filter((record) => record.type === 'tolaria.boundary.committed');

/** Digest of every boundary, and of the model in the end: what two runs must agree on. */
export async function outcomeOf(world: RunWorld) {
  const { digests } = recall(RUN, await recordsOf(world));
  const model = world.disk.dump().get(`${FOLDER}/model/model.safetensors`);
  return { digests: [...digests], model: model && Buffer.from(model).toString('base64') };
}
