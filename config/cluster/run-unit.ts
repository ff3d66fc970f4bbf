/** The triad as a unit: a training thread of this node, one run in it, and its catalogue from wherever Urza is. */
import { hopMs } from '../../actors/admin/deadline.ts';
import { givenAs } from '../../actors/state-wanted.ts';
import {
  type CatalogueReady,
  type CommandedBy,
  EsperError,
  type Failure,
  fromFailure,
  type RunCommand,
  RunEvent,
  type RunSettings,
  TOPIC_OF_NEWS,
  TrainingProgress,
} from '../../contracts/index.ts';
import { nodeThreads } from '../../runtime/adapters/node/threads.ts';
import type { HostHandle } from '../../runtime/host/host.ts';
import type { Bus } from '../../runtime/index.ts';
import { type ChildSpec, hostWorker } from '../../runtime/index.ts';
import type { UnitFactory } from '../../runtime/placement/index.ts';
import { catalogueRequest, somethingToGrow } from '../catalogue.ts';
import { engine } from '../engine.ts';
import type { TrainingData } from '../hosts/training-entry.ts';
import { summarise } from '../summary.ts';
import {
  CommandOutcome,
  endedOf,
  TrainingAsked,
  TrainingClosed,
  TrainingCommanded,
  TrainingOpened,
  TrainingOutcomeWanted,
  TrainOrder,
} from '../training/order.ts';
import { askForCatalogue } from './catalogue-desk.ts';
import { commandFate } from './command-fate.ts';
import { type CurrentRun, currentRun, runIsOver } from './current-run.ts';
import { elsewhere, notOpen, RunGiven, slowToStop } from './run-given.ts';
import type { PlacedRun, UnitOptions } from './unit-options.ts';

/** Loading data sets and re-executing up to the last committed boundary both happen before a host answers. */
const OPEN_WITHIN_MS = 600_000;
/** Nodes that make catalogues may come up later than this one. */
const CATALOGUE_WITHIN_MS = 300_000;
const STOP_WITHIN_MS = 30_000;

/** Instead of an answer: the thread ended before it gave one. */
const GONE = Symbol('gone');

const noTraining = () => new EsperError('RUN_NO_TRAINING', 'no run is open here', {}, { retryable: true });

/** What one life of the triad on this node holds on to. */
interface Life {
  /** Counted from 1 on this node. */
  readonly number: number;
  readonly host: HostHandle;
  readonly startedMs: number;
  current: CurrentRun | null;
  /** From the thread being up to the first training step. */
  startMs: number;
  /** Steps are taken, or would be if it did not stand still. */
  open: boolean;
  paused: boolean;
}

export class RunUnit {
  readonly #run: PlacedRun;
  readonly #options: UnitOptions;
  #life: Life | null = null;
  #lives = 0;
  /** The run has ended, however it did: a later life has nothing to do. */
  #over = false;
  /** The run ends here because it goes on elsewhere; told when it has. */
  #leaving: ((host: HostHandle) => void) | null = null;

  constructor(run: PlacedRun, options: UnitOptions) {
    this.#run = run;
    this.#options = options;
  }

  factory(): UnitFactory {
    return {
      children: ({ unit, held, given }) => [this.#worker(unit, held.epoch, given)],
      handover: { take: (_door, withinMs) => this.#give(withinMs) },
    };
  }

  /** Asks for a checkpoint and an orderly end of the run; resolves when both are there, or when nothing runs. */
  async stop(): Promise<void> {
    const host = this.#life?.host;
    if (host === undefined || this.#over) return;
    host.link.publish('training.stop', null);
    await Promise.race([this.#ended, host.exited]);
  }

  /** The run that is open in its training thread; null while none is. */
  get present(): { readonly runId: string; readonly paused: boolean } | null {
    const life = this.#life;
    if (life?.current == null || !life.open || this.#over) return null;
    return { runId: life.current.folder.runId, paused: life.paused };
  }

  /**
   * Resolves with what the training thread answers: whether that changed anything, or the boundary that is on disk.
   * @throws RUN_NO_TRAINING, HOST_GONE, HOST_TIMED_OUT, TOLARIA_CHECKPOINT_FAILED
   */
  async order(deed: 'pause' | 'resume' | 'checkpoint', withinMs: number): Promise<unknown> {
    const life = this.#openLife();
    const asked = TrainingAsked.of({ withinMs: hopMs(withinMs) });
    const answer = await life.host.link.request(`training.${deed}`, asked, { withinMs });
    if (deed !== 'checkpoint') life.paused = deed === 'pause';
    return answer;
  }

  /**
   * The number under which a command waits for its boundary, and the life it waits in.
   * @throws RUN_NO_TRAINING, RUN_COMMAND_LOST (retryable), HOST_TIMED_OUT, TOLARIA_...
   */
  async command(
    command: RunCommand,
    by: CommandedBy,
    withinMs: number,
  ): Promise<{ readonly number: number; readonly life: number }> {
    const life = this.#openLife();
    const told = TrainingCommanded.of({ command, by });
    const answer = await this.#unlessGone(life, 'command', told, withinMs);
    const { number } = answer === GONE ? await this.#fate(life, by.request) : { number: answer as number };
    return { number, life: life.number };
  }

  /**
   * What became of a command; null while it waits. When the life it waited in has ended, the journal says whether it had acted.
   * @throws RUN_NO_TRAINING, RUN_COMMAND_LOST (retryable), HOST_TIMED_OUT
   */
  async outcome(
    wanted: { readonly life: number; readonly number: number; readonly request: string },
    withinMs: number,
  ): Promise<CommandOutcome | null> {
    const life = this.#life;
    if (life?.number !== wanted.life) return this.#fate(life, wanted.request);
    const told = TrainingOutcomeWanted.of({ number: wanted.number });
    const answer = await this.#unlessGone(life, 'outcome', told, withinMs);
    if (answer === null && life.open && !this.#over) return null;
    if (answer === null || answer === GONE) return this.#fate(life, wanted.request);
    return CommandOutcome.parse(answer);
  }

  /** Live settings of the run as they count now. @throws RUN_NO_TRAINING, HOST_GONE, HOST_TIMED_OUT */
  async settings(withinMs: number): Promise<RunSettings> {
    const { host } = this.#openLife();
    return (await host.link.request('training.settings', null, { withinMs })) as RunSettings;
  }

  async #unlessGone({ host }: Life, what: string, body: unknown, withinMs: number): Promise<unknown> {
    try {
      return await host.link.request(`training.${what}`, body, { withinMs });
    } catch (thrown) {
      // what the thread did before it ended stands in its journal
      if (thrown instanceof EsperError && thrown.code === 'HOST_GONE') return GONE;
      throw thrown;
    }
  }

  #fate(life: Life | null, request: string): Promise<CommandOutcome> {
    if (life?.current == null) throw noTraining();
    return commandFate(this.#options.ports.disk, life.current, request);
  }

  #openLife(): Life {
    const life = this.#life;
    if (life !== null && this.present !== null) return life;
    throw noTraining();
  }

  /**
   * A run moves as its journal: it stops after a checkpoint, and the next node goes on from there.
   * @throws RUN_NOT_OPEN, RUN_SLOW_TO_STOP; it goes on here then
   */
  async #give(withinMs: number): Promise<RunGiven | null> {
    const life = this.#life;
    if (life === null || this.#over) return null;
    const { host, current, open } = life;
    if (current === null || !open) throw notOpen();
    const { clock } = this.#options.ports;
    await new Promise<void>((resolve, reject) => {
      const cancel = clock.after(withinMs, () => {
        // It may still stop, and there is nobody to go on with it but this node.
        this.#leaving = (there) => this.#goOn(there);
        reject(slowToStop(withinMs));
      });
      this.#leaving = () => {
        cancel();
        resolve();
      };
      host.link.publish('training.stop', null);
    });
    return { runId: current.folder.runId };
  }

  #end: () => void = () => {};
  readonly #ended = new Promise<void>((resolve) => {
    this.#end = resolve;
  });

  #worker(unit: string, epoch: number, given: unknown): ChildSpec {
    const { ports, home, logFile, tell } = this.#options;
    const data: TrainingData = { logFile };
    return hostWorker(unit, {
      entry: new URL('../hosts/training-entry.js', import.meta.url),
      data,
      threads: nodeThreads(),
      clock: ports.clock,
      shutdown: { withinMs: STOP_WITHIN_MS },
      onStart: (host) => {
        tell({ what: 'unit', unit, state: 'starting', epoch });
        host.link.handle('telemetry', (body) => this.#hear(body));
        host.link.handle('training.closed', (body) => this.#closed(TrainingClosed.parse(body)));
        host.link.handle('training.failed', (body) => this.#failed(fromFailure(body as Failure)));
        void host.exited.then(() => {
          if (this.#life?.host === host) this.#life.open = false;
          tell({ what: 'unit', unit, state: 'gone', epoch });
        });
      },
      onReady: async (host) => {
        if (given !== undefined && given !== null) {
          const { runId } = givenAs(RunGiven, 'triad', given);
          if (!(await ports.disk.exists(`${home}/runs/${runId}/journal`))) throw elsewhere(runId, home);
        }
        tell({ what: 'unit', unit, state: 'running', epoch });
        // The unit is up; the run begins when there is something to grow, which may take others a while.
        this.#goOn(host);
      },
    });
  }

  #goOn(host: HostHandle): void {
    this.#begin(host).catch((error: unknown) => this.#failed(error));
  }

  async #begin(host: HostHandle): Promise<void> {
    if (this.#over) return;
    const { ports, home, tell } = this.#options;
    const life: Life = {
      number: ++this.#lives,
      host,
      startedMs: ports.clock.nowMs(),
      current: null,
      startMs: 0,
      open: false,
      paused: false,
    };
    this.#life = life;
    const current = await currentRun(ports.disk, home, this.#run);
    life.current = current;
    const { folder, resume } = current;
    const ready = resume ? null : await this.#catalogue(folder.runId);
    if (this.#life !== life) return;
    const order = TrainOrder.of({
      runId: folder.runId,
      folder: folder.path,
      dataDirs: [...new Set([...this.#run.dataDirs, ...folder.dataDirs])],
      engine,
      resume,
      config: resume ? null : this.#run.config,
      catalogue: ready?.catalogue ?? [],
      quarantined: ready?.quarantined ?? [],
    });
    const answer = await host.link.request('training.open', order, { withinMs: OPEN_WITHIN_MS });
    const { backend, engineRoom } = TrainingOpened.parse(answer);
    life.startMs = ports.clock.nowMs() - life.startedMs;
    life.open = true;
    tell({ what: 'run_began', runId: folder.runId, folder: folder.path, resumed: resume });
    this.#event(folder.runId, 'backend', `computes on ${engineRoom}`, { backend });
  }

  async #catalogue(runId: string): Promise<CatalogueReady | null> {
    const { config } = this.#run;
    const { bus, ports } = this.#options;
    if (!config.growth.enabled) return null;
    const request = catalogueRequest(config, runId);
    return somethingToGrow(
      await askForCatalogue({ bus: bus(), clock: ports.clock }, request, CATALOGUE_WITHIN_MS),
    );
  }

  /** Telemetry of the training thread: to everybody by the bus, and to whoever started this node. */
  #hear(body: unknown): void {
    const { bus, tell } = this.#options;
    relayNews(bus(), body, {
      progress: (progress) => tell({ what: 'progress', progress }),
      event: (event) => tell({ what: 'event', event }),
    });
  }

  async #closed(closed: TrainingClosed): Promise<void> {
    const { ports, home, tell } = this.#options;
    const life = this.#life;
    if (life?.current == null) return;
    const ended = endedOf(closed);
    const leaving = this.#leaving;
    this.#leaving = null;
    if (leaving !== null && ended.outcome === 'interrupted') {
      leaving(life.host);
      return;
    }
    this.#over = true;
    const { path, runId } = life.current.folder;
    if (ended.outcome !== 'interrupted') await runIsOver(ports.disk, home, this.#run);
    const files = { ...closed.files, journal: `${path}/journal`, log: this.#options.logFile };
    const summary = await summarise({
      disk: ports.disk,
      folder: path,
      runId,
      ended,
      files,
      startMs: life.startMs,
    });
    tell({ what: 'run_ended', summary });
    leaving?.(life.host);
    this.#end();
  }

  #failed(error: unknown): void {
    const life = this.#life;
    // A thread that is gone is a matter of its supervisor: the next life goes on.
    if (error instanceof EsperError && error.code === 'HOST_GONE') return;
    this.#over = true;
    const { code, message, hint } =
      error instanceof EsperError ? error : { code: 'UNEXPECTED', message: String(error), hint: undefined };
    this.#options.tell({ what: 'failed', code, text: message, hint: hint ?? '' });
    if (life !== null) this.#end();
  }

  #event(runId: string, what: string, text: string, details: Record<string, unknown>): void {
    const fields = { runId, epoch: 0, step: 0, level: 'info' as const, who: 'esper', what, text, details };
    this.#options.tell({ what: 'event', event: RunEvent.of(fields) });
  }
}

/** News of a training thread onto the bus, and what people follow to those who show it. */
function relayNews(
  bus: Bus,
  body: unknown,
  tell: {
    readonly progress: (progress: TrainingProgress) => void;
    readonly event: (event: RunEvent) => void;
  },
): void {
  const news = body as { type: keyof typeof TOPIC_OF_NEWS; v: number };
  const topic = TOPIC_OF_NEWS[news.type];
  if (topic !== undefined) bus.publish(topic, news);
  if (news.type === 'tolaria.training.progressed') tell.progress(TrainingProgress.parse(news));
  if (news.type === 'nissa.run_event.reported') tell.event(RunEvent.parse(news));
}

/** A node without a run has no factory for the triad: it bids for what it can do. */
export const runUnit = (options: UnitOptions): RunUnit | null =>
  options.run === null ? null : new RunUnit(options.run, options);
