/** The runtime with everything it needs on Node.js: real time, real ids, logs on standard error. */
import { randomStream } from '../contracts/random-stream.ts';
import { comedyOwnership } from './adapters/comedy/index.ts';
import { memoryMetrics } from './adapters/memory/metrics.ts';
import { nodeClock } from './adapters/node/clock.ts';
import { nodeDisk } from './adapters/node/disk.ts';
import { nodeIds } from './adapters/node/ids.ts';
import { nodeProcesses } from './adapters/node/processes.ts';
import { pinoLog } from './adapters/pino/log.ts';
import type { JournalEventStore } from './durable/journal-event-store.ts';
import { openEventStore } from './durable/open-event-store.ts';
import { openJournal } from './journal/open-journal.ts';
import type { SegmentedJournal } from './journal/segmented-journal.ts';
import type { LogLevel } from './ports/log.ts';
import type { SupervisorSpec } from './supervisor/spec.ts';
import { type ActorSystem, type SystemPorts, startSystem } from './system.ts';

export interface NodeOptions extends Partial<SystemPorts> {
  /** Least level written to standard error, default `warn`; without meaning when `log` is given. */
  readonly logLevel?: LogLevel;
  /** Of the random stream that jitters restarts; by chance unless said. */
  readonly seed?: string | number;
}

/** Ports for one system. What `options` brings is used as it is. */
export async function nodePorts(options: NodeOptions = {}): Promise<SystemPorts> {
  const { logLevel = 'warn', seed, ...given } = options;
  const ids = given.ids ?? nodeIds();
  const log = given.log ?? pinoLog({ level: logLevel });
  return {
    clock: nodeClock(),
    metrics: memoryMetrics(),
    random: randomStream(seed ?? ids.next('seed')),
    ownership: given.ownership ?? (await comedyOwnership({ log })),
    ...given,
    ids,
    log,
  };
}

/**
 * Starts a tree on this process's own clock, disk and chance.
 * @throws SPEC_INVALID_..., SUPERVISOR_START_FAILED
 */
export async function startOnNode(spec: SupervisorSpec, options: NodeOptions = {}): Promise<ActorSystem> {
  return startSystem(spec, await nodePorts(options));
}

/** A journal in `folder` of this machine. The caller closes it. @throws JOURNAL_LOCKED, JOURNAL_CORRUPT */
export async function openNodeJournal(folder: string): Promise<SegmentedJournal> {
  return (await openJournal({ disk: nodeDisk(), folder, processes: nodeProcesses() })).journal;
}

/**
 * Where durable actors keep their events: `folder` of this machine. The caller closes it after the system has stopped.
 * @throws JOURNAL_LOCKED, JOURNAL_CORRUPT, EVENTS_CORRUPT
 */
export async function openNodeEvents(folder: string): Promise<JournalEventStore> {
  return openEventStore({ disk: nodeDisk(), folder, processes: nodeProcesses() });
}

export { nodeCompression } from './adapters/node/compression.ts';
export { hmacSeal } from './adapters/node/seal.ts';
export { nodeThreads } from './adapters/node/threads.ts';
export { startWatchdog, type Watchdog, type WatchdogOptions } from './adapters/node/watchdog.ts';
export { nodeClock, nodeDisk, nodeIds, nodeProcesses, pinoLog };
