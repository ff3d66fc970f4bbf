/** A world in memory for the command line: terminals that remember, a disk, a run that plays a script. */

import { main } from '../../cli/program.ts';
import type { World } from '../../cli/world.ts';
import type { Runner, RunSummary } from '../../config/runner.ts';
import {
  EsperError,
  encode,
  RUN_RECORDS,
  type RunEvent,
  type RunRecord,
  type TrainingProgress,
} from '../../contracts/index.ts';
import { memoryClock } from '../../runtime/adapters/memory/clock.ts';
import { type MemoryDisk, memoryDisk } from '../../runtime/adapters/memory/disk.ts';
import { memoryProcesses } from '../../runtime/adapters/memory/processes.ts';
import { openJournal } from '../../runtime/journal/open-journal.ts';
import { summary } from './samples.ts';

export interface FakeWorld extends World {
  readonly disk: MemoryDisk;
  /** Everything written so far. */
  said(): { out: string; err: string };
  interrupt(signal?: 'SIGINT' | 'SIGTERM'): void;
  readonly exits: number[];
  /** Configs and ids the runner was asked for. */
  readonly asked: unknown[];
}

export interface Script {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly env?: Record<string, string>;
  readonly events?: readonly (TrainingProgress | RunEvent)[];
  readonly summary?: RunSummary;
  /** Called before each event is told. */
  /** Called while the run is being started, before there is anything to stop. */
  readonly starting?: (world: FakeWorld) => void;
  readonly before?: (world: FakeWorld, event: number) => void;
  readonly failsToStop?: Error;
  /** What a node does when it is started. */
  readonly node?: World['node'];
}

export function fakeWorld(script: Script = {}): FakeWorld {
  let out = '';
  let err = '';
  const listeners = new Set<(signal: 'SIGINT' | 'SIGTERM') => void>();
  const exits: number[] = [];
  const asked: unknown[] = [];
  const terminal = (write: (text: string) => void) => ({
    write,
    isTTY: script.isTTY ?? false,
    columns: script.columns ?? 120,
  });
  const world: FakeWorld = {
    version: '1.2.3',
    out: terminal((text) => {
      out += text;
    }),
    err: terminal((text) => {
      err += text;
    }),
    env: { ESPER_HOME: 'home', ESPER_CACHE_DIR: 'cache', ...script.env },
    disk: memoryDisk(),
    processes: memoryProcesses(),
    http: { get: async () => ({ status: 404, header: () => null, body: nothing() }) },
    clock: memoryClock(),
    machine: {
      gpu: () => ({
        driver: null,
        gpus: [],
        libraries: [],
        package: null,
        addon: false,
        tools: ['npm'],
        webgpuMissing: ['webgpu'],
        vulkanDrivers: [],
        open: async () => ({ whyNot: 'there is nothing to open' }),
      }),
      nodeVersion: 'v20.20.2',
      freeBytes: async () => 5e9,
      openFilesMax: () => 65_536,
      multiply: async () => ({ backend: 'wasm', chosen: 'asked for', ms: 10, gigaflops: 40 }),
    },
    broker: async () => {
      throw new EsperError('NATS_UNREACHABLE', 'nobody answers');
    },
    runner: async () => scriptedRunner(script, world),
    node: script.node ?? (async () => Promise.reject(new Error('no node is part of this script'))),
    onInterrupt(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    exitNow: (code) => void exits.push(code),
    said: () => ({ out, err }),
    interrupt: (signal = 'SIGINT') => {
      for (const listener of listeners) listener(signal);
    },
    exits,
    asked,
  };
  return world;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function scriptedRunner(script: Script, world: FakeWorld): Runner {
  const play = async (asked: unknown) => {
    world.asked.push(asked);
    script.starting?.(world);
    let stopped = false;
    let tell: (event: TrainingProgress | RunEvent) => void = () => {};
    const ended = (async () => {
      await Promise.resolve();
      for (const [at, event] of (script.events ?? []).entries()) {
        script.before?.(world, at);
        await Promise.resolve();
        tell(event);
      }
      const end = script.summary ?? summary();
      return stopped ? { ...end, ended: { ...end.ended, outcome: 'interrupted' as const } } : end;
    })();
    return {
      runId: 'spirals-1',
      folder: 'home/runs/spirals-1',
      on: (listener: typeof tell) => {
        tell = listener;
      },
      stop: async () => {
        stopped = true;
        if (script.failsToStop) throw script.failsToStop;
      },
      ended,
    };
  };
  return {
    start: (config, options) => play({ config, options }),
    resume: (id, options) => play({ id, options }),
  };
}

/** Runs a command line in the world. */
export async function esper(world: FakeWorld, ...args: string[]) {
  const code = await main(args, world);
  return { code, ...world.said() };
}

/** Writes a run's journal as a run would. */
export async function recorded(
  world: FakeWorld,
  runId: string,
  records: readonly RunRecord[],
): Promise<void> {
  const folder = `home/runs/${runId}/journal`;
  const { journal } = await openJournal({
    disk: world.disk,
    folder,
    processes: memoryProcesses(),
    segmentBytes: 1 << 16,
  });
  for (const record of records) {
    const kind = RUN_RECORDS.findIndex(({ type }) => type === record.type) + 1;
    await journal.append(kind, encode(record));
  }
  await journal.close();
}
