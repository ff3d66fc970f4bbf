/** What a training host does when it is told to: reads data ahead, opens its run, and says how it ended. */
import { threadId } from 'node:worker_threads';
import { EsperError, type RunSettings, toFailure } from '../../contracts/index.ts';
import { nodeProcesses } from '../../runtime/adapters/node/processes.ts';
import type { JoinedHost } from '../../runtime/host/join-host.ts';
import type { Processes } from '../../runtime/index.ts';
import { type OpenRun, openRun } from '../training/open-run.ts';
import {
  CommandOutcome,
  TrainingAsked,
  TrainingClosed,
  TrainingCommanded,
  TrainingOpened,
  TrainingOutcomeWanted,
  TrainOrder,
} from '../training/order.ts';
import type { TrainingWorld } from '../training/world.ts';
import type { HostPorts } from './ports.ts';

/** Outcomes of commands that are remembered for whoever asks. */
const OUTCOMES_KEPT = 256;

export class TrainingRoom {
  readonly #host: JoinedHost;
  readonly #ports: HostPorts;
  #run: OpenRun | null = null;
  readonly #outcomes = new Map<number, CommandOutcome>();

  constructor(host: JoinedHost, ports: HostPorts) {
    this.#host = host;
    this.#ports = ports;
  }

  /** Resolves when the first step is about to be taken. @param ahead how to read data that may have been read already */
  async open(body: unknown, ahead: Pick<TrainingWorld, 'loadDataset'>): Promise<TrainingOpened> {
    const order = TrainOrder.parse(body);
    const { link } = this.#host;
    const ports = this.#ports;
    const run = await openRun(order, {
      ...ports,
      ...ahead,
      env: process.env,
      processes: oneThreadAtATime(nodeProcesses()),
      systemPorts: ports.system,
      publish: (message) => void link.publish('telemetry', message),
    });
    this.#run = run;
    void run.closed.then(
      ({ ended, files }) =>
        link.publish(
          'training.closed',
          TrainingClosed.of({ runId: order.runId, ended, files: { ...files } }),
        ),
      async (error) => {
        link.publish('training.failed', toFailure(error));
        await ports.log.flush();
      },
    );
    return TrainingOpened.of({
      runId: order.runId,
      backend: run.backend,
      engineRoom: run.engineRoom,
      engineLine: run.engineLine,
      data: run.data,
      resumedFrom: run.resumedFrom,
    });
  }

  stop(): void {
    this.#run?.stop();
  }

  /** Stands still before the next step. False when it did already. @throws RUN_NO_TRAINING */
  pause(body: unknown): Promise<boolean> {
    return this.#open.pause(TrainingAsked.parse(body).withinMs);
  }

  /** False when nothing stood still. @throws RUN_NO_TRAINING */
  goOn(body: unknown): Promise<boolean> {
    return this.#open.goOn(TrainingAsked.parse(body).withinMs);
  }

  /** Resolves with the boundary that is on disk. @throws RUN_NO_TRAINING, TOLARIA_CHECKPOINT_FAILED */
  checkpoint(body: unknown): Promise<number> {
    return this.#open.checkpoint(TrainingAsked.parse(body).withinMs);
  }

  /** The number of the command. @throws RUN_NO_TRAINING, TOLARIA_RUN_OVER, TOLARIA_SETTING_... */
  command(body: unknown): number {
    const { command, by } = TrainingCommanded.parse(body);
    const { number, outcome } = this.#open.command(command, by);
    void outcome.then((known) => {
      this.#outcomes.set(number, CommandOutcome.of(known));
      const [oldest] = this.#outcomes.keys();
      if (this.#outcomes.size > OUTCOMES_KEPT && oldest !== undefined) this.#outcomes.delete(oldest);
    });
    return number;
  }

  /** Null while the command waits. */
  outcome(body: unknown): CommandOutcome | null {
    return this.#outcomes.get(TrainingOutcomeWanted.parse(body).number) ?? null;
  }

  /** Live settings as they count now. @throws RUN_NO_TRAINING */
  settings(): RunSettings {
    return this.#open.settings();
  }

  get #open(): OpenRun {
    if (this.#run !== null) return this.#run;
    throw new EsperError('RUN_NO_TRAINING', 'no run is open here', {}, { retryable: true });
  }
}

/**
 * A journal is locked by process. A training thread that crashed leaves the lock of a process that still lives;
 * this process runs one training thread at a time, so a lock of any other thread of it is a dead one.
 */
function oneThreadAtATime(processes: Processes): Processes {
  const self = processes.self();
  const mine = `${self.started}#${threadId}`;
  const startOf = (started: string) => started.split('#')[0] ?? '';
  return {
    self: () => ({ pid: self.pid, started: mine }),
    alive: (who) =>
      who.pid === self.pid && startOf(who.started) === self.started
        ? who.started === mine
        : processes.alive({ pid: who.pid, started: startOf(who.started) }),
  };
}
