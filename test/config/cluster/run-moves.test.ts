/** A run on a node: it moves or goes on where it is, begins nowhere without its folder, and tells what died with its thread. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { RunGiven } from '../../../config/cluster/run-given.ts';
import { RunUnit } from '../../../config/cluster/run-unit.ts';
import type { UnitOptions } from '../../../config/cluster/unit-options.ts';
import { TrainingClosed, TrainingOpened, TrainOrder } from '../../../config/training/order.ts';
import { type RunCommand, RunEnded } from '../../../contracts/index.ts';
import { randomStream } from '../../../contracts/random-stream.ts';
import { type MemoryClock, memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memoryIds } from '../../../runtime/adapters/memory/ids.ts';
import { memoryLog } from '../../../runtime/adapters/memory/log.ts';
import { memoryMetrics } from '../../../runtime/adapters/memory/metrics.ts';
import { type MemoryThreads, memoryThreads } from '../../../runtime/adapters/memory/threads.ts';
import { nodeDisk } from '../../../runtime/adapters/node/disk.ts';
import { joinHost } from '../../../runtime/host/join-host.ts';
import { type ActorSystem, startSystem, supervisor } from '../../../runtime/index.ts';
import { tinyConfig } from '../training/tiny-config.ts';

const threads: { now: MemoryThreads | null } = { now: null };
vi.mock('../../../runtime/adapters/node/threads.ts', () => ({ nodeThreads: () => threads.now }));

let home: string;
let clock: MemoryClock;
let system: ActorSystem | null = null;
/** What the training thread was ordered to train, and how often it was asked to stop. */
let opened: TrainOrder[];
let stops: number;
/** The training thread says that its run has ended, after a checkpoint. */
let close: () => void;
/** Commands it was given, in all its lives. */
let commands: number;
/** It says so when it has taken one on. */
let answers: boolean;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'esper-run-'));
  clock = memoryClock();
  [opened, stops, commands, answers] = [[], 0, 0, true];
  threads.now = memoryThreads(clock, (seat) => {
    const host = joinHost({ seat, clock, log: memoryLog() });
    host.link.handle('training.open', (body) => {
      const order = TrainOrder.parse(body);
      opened.push(order);
      close = () => host.link.publish('training.closed', interrupted(order.runId));
      mkdirSync(join(order.folder, 'journal'), { recursive: true });
      const words = { backend: 'none', engineRoom: 'nothing', engineLine: 'nothing', data: 'moons' };
      return TrainingOpened.of({ runId: order.runId, resumedFrom: null, ...words });
    });
    host.link.handle('training.stop', () => {
      stops++;
    });
    host.link.handle('training.command', () => {
      commands++;
      return answers ? commands : new Promise(() => {});
    });
    host.link.handle('training.outcome', () => null);
    host.ready();
  });
});
afterEach(async () => {
  let over = system === null;
  void system?.stop().then(() => {
    over = true;
  });
  await until(() => over);
  system = null;
  rmSync(home, { recursive: true, force: true });
});

function interrupted(runId: string) {
  const nothing = { trainingLoss: null, validationLoss: null, validationAccuracy: null, testLoss: null };
  const counts = { hostParametersAtBirth: 1, parameters: 1, germinated: 0, fossilized: 0, culled: 0 };
  const rest = { testAccuracy: null, rollbacks: 0, disruptedSteps: 0, multiplyAdds: 0, wallMs: 1 };
  const ended = RunEnded.of({ outcome: 'interrupted', epoch: 1, step: 3, ...nothing, ...counts, ...rest });
  return TrainingClosed.of({ runId, ended, files: {} });
}

/** Files are real and take real time; the clock goes on a little meanwhile. */
const until = (holds: () => boolean | Promise<boolean>) =>
  expect
    .poll(async () => {
      await clock.advance(1);
      return holds();
    })
    .toBe(true);

async function triad(given?: RunGiven) {
  const config = { ...tinyConfig(), name: 'moons' };
  const log = memoryLog();
  const ports = { clock, log, metrics: memoryMetrics(), ids: memoryIds() };
  const options = {
    ports: { ...ports, disk: nodeDisk() },
    bus: () => ({ publish: () => {} }),
    ...{ home, logFile: join(home, 'log'), tell: () => {} },
    run: null,
  } as unknown as UnitOptions;
  const growth = { ...config.growth, enabled: false };
  const run = new RunUnit({ config: { ...config, growth }, origin: 'test', dataDirs: [] }, options);
  const factory = run.factory();
  const held = { epoch: 1, previous: 0, graceMs: 1_000, held: () => true } as never;
  const limits = {
    strategy: 'one_for_one',
    intensity: given === undefined ? 3 : 0,
    periodMs: 1_000,
  } as const;
  const tree = supervisor('esper', limits, factory.children({ unit: 'triad', held, given }));
  const starting = startSystem(tree, { ...ports, random: randomStream(1) });
  const outcome = starting.then(
    (up) => {
      system = up;
      return null;
    },
    (error: Error) => error,
  );
  let error: Error | null | undefined;
  void outcome.then((found) => {
    error = found;
  });
  await until(() => error !== undefined);
  return {
    run,
    error: error ?? null,
    take: (withinMs: number) => factory.handover?.take({} as never, withinMs),
  };
}

const codes = (error: unknown): readonly string[] =>
  error instanceof Error ? [String((error as { code?: string }).code), ...codes(error.cause)] : [];

it('a run that was given by another node does not begin where its folder is not', async () => {
  const { error } = await triad({ runId: 'moons-elsewhere' });

  expect(codes(error)).toContain('RUN_FOLDER_ELSEWHERE');
  expect(opened).toEqual([]);
});

it('a run that is still being opened is not given away', async () => {
  const { take } = await triad();

  await expect(take(1_000)).rejects.toMatchObject({ code: 'RUN_NOT_OPEN', retryable: true });
  expect(stops).toBe(0);
});

it('a run that stops in time is given away by its name, behind a checkpoint', async () => {
  const { run, take } = await triad();
  await until(() => run.present !== null);
  const taking = take(5_000);
  await until(() => stops === 1);
  close();

  let given: unknown;
  void taking?.then((found) => {
    given = found;
  });
  await until(() => given !== undefined);
  expect(given).toEqual({ runId: opened[0]?.runId });
  expect(opened).toHaveLength(1);
});

it('a run that is too slow to stop stays, and goes on here when it has stopped after all', async () => {
  const { run, take } = await triad();
  await until(() => run.present !== null);
  const taking = take(2_000);
  const refused = expect(taking).rejects.toMatchObject({ code: 'RUN_SLOW_TO_STOP', retryable: true });
  await until(() => stops === 1);
  await clock.advance(2_000);
  await refused;
  close();

  await until(() => opened.length === 2);
  expect(opened[1]).toMatchObject({ runId: opened[0]?.runId, resume: true });
});

const rollback: RunCommand = { do: 'rollback', blame: [] };
const by = { who: 'ann@lab', role: 'trainer', request: 'req-1', reason: '' };
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: { code?: string }) => error.code,
  );
const crash = () => threads.now?.crash('esper/triad', new Error('out of memory'));

it('a command that waits in a thread which ends is told so at once, and again when the next one has its number', async () => {
  const { run } = await triad();
  await until(() => run.present !== null);
  const taken = await settled(run.command(rollback, by, 60_000));
  const wanted = { ...taken, request: by.request };
  expect(taken).toEqual({ number: 1, life: 1 });
  expect(await settled(run.outcome(wanted, 60_000))).toBeNull();
  const asked = codeOf(run.outcome(wanted, 60_000));
  crash();

  expect(await settled(asked)).toBe('RUN_COMMAND_LOST');
  await until(() => opened.length === 2 && run.present !== null);
  expect(await settled(codeOf(run.outcome(wanted, 60_000)))).toBe('RUN_COMMAND_LOST');
  expect(await settled(run.outcome({ ...wanted, life: 2 }, 60_000))).toBeNull();
});

it('a command that a thread was about to take on when it ended is told so at once', async () => {
  const { run } = await triad();
  await until(() => run.present !== null);
  answers = false;
  const given = codeOf(run.command(rollback, by, 60_000));
  await until(() => commands === 1);
  crash();

  expect(await settled(given)).toBe('RUN_COMMAND_LOST');
});

/** What it comes to, while files take the time they take. */
async function settled<T>(work: Promise<T>): Promise<T> {
  let over = false;
  const end = () => {
    over = true;
  };
  work.then(end, end);
  await until(() => over);
  return work;
}
