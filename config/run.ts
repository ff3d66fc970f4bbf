/** Runs: a process with its observers, a host for innovation, a host for training, and somebody who waits for the end. */
import { nissa } from '../actors/nissa/actor.ts';
import { oona } from '../actors/oona/actor.ts';
import { InProcessBus } from '../actors/oona/in-process-bus.ts';
import { observerRoutes } from '../actors/oona/routes.ts';
import { esperTree, seated } from '../actors/tree.ts';
import {
  EsperError,
  type Failure,
  fromFailure,
  type RunConfig,
  RunEvent,
  TOPIC_OF_NEWS,
  TrainingProgress,
} from '../contracts/index.ts';
import { nodeThreads } from '../runtime/adapters/node/threads.ts';
import type { HostHandle } from '../runtime/host/host.ts';
import type { ActorSystem, HostWorkerOptions } from '../runtime/index.ts';
import { hostWorker, startSystem } from '../runtime/local.ts';
import { requestCatalogue } from './catalogue.ts';
import { engine } from './engine.ts';
import type { InnovationData } from './hosts/innovation-entry.ts';
import { type HostPorts, hostPorts } from './hosts/ports.ts';
import type { TrainingData } from './hosts/training-entry.ts';
import { discardRunFolder, newRunFolder, oldRunFolder, type RunFolder } from './run-folder.ts';
import type { RunHandle, Runner, RunnerOptions, RunSummary } from './runner.ts';
import { endedOf, TrainingClosed, TrainingOpened, TrainingPrepared, TrainOrder } from './training/order.ts';

/** Loading data sets and re-executing up to the last committed boundary both happen before a host answers. */
const OPEN_WITHIN_MS = 600_000;

/** Loaded when the run is on its way: what reads a journal is needed at its end. */
const summary = () => import('./summary.ts');

export const runner: Runner = {
  start: (config, options) => LiveRun.begin({ config, options }),
  resume: (runId, options) => LiveRun.begin({ runId, options }),
};

type Beginning =
  | { readonly config: RunConfig; readonly options: RunnerOptions }
  | { readonly runId: string; readonly options: RunnerOptions };
type Told = TrainingProgress | RunEvent;

/** One run from the command to its end. */
class LiveRun implements RunHandle {
  readonly ended: Promise<RunSummary>;
  readonly #folder: RunFolder;
  readonly #ports: HostPorts;
  readonly #bus: InProcessBus;
  readonly #listeners = new Set<(event: Told) => void>();
  readonly #startedMs: number;
  #startMs = 0;
  #system: ActorSystem | null = null;
  #training: HostHandle | null = null;
  #innovation: HostHandle | null = null;
  /** The order the training host has taken; it is given again, as a resume, to every later life of the host. */
  #opened: TrainOrder | null = null;
  /** Events nobody has been there to hear. */
  #untold: Told[] | null = [];
  #finish: (closed: TrainingClosed) => void = () => {};
  #fail: (error: unknown) => void = () => {};

  static async begin(beginning: Beginning): Promise<RunHandle> {
    const ports = (folder: RunFolder) => hostPorts('services', `${folder.path}/esper.log`);
    const folder =
      'config' in beginning
        ? await newRunFolder(beginning.config, beginning.options)
        : await oldRunFolder(beginning.runId, beginning.options);
    const run = new LiveRun(folder, ports(folder));
    try {
      await run.#open(beginning);
      return run;
    } catch (error) {
      await run.#close('it could not start');
      if ('config' in beginning) await discardRunFolder(folder);
      throw error;
    }
  }

  private constructor(folder: RunFolder, ports: HostPorts) {
    this.#folder = folder;
    this.#ports = ports;
    this.#startedMs = ports.clock.nowMs();
    this.#bus = new InProcessBus(ports);
    const closed = new Promise<TrainingClosed>((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    this.ended = closed.then(
      (news) => this.#summary(news),
      async (error) => {
        await this.#close('it failed');
        throw error;
      },
    );
    this.ended.catch(() => undefined); // whoever awaits it hears of it; before that it must not end the process
  }

  get runId(): string {
    return this.#folder.runId;
  }

  get folder(): string {
    return this.#folder.path;
  }

  on(listener: (event: Told) => void): void {
    this.#listeners.add(listener);
    for (const event of this.#untold ?? []) listener(event);
    this.#untold = null;
  }

  async stop(): Promise<void> {
    this.#training?.link.publish('training.stop', null);
    await this.ended.then(
      () => undefined,
      () => undefined,
    );
  }

  async #open(beginning: Beginning): Promise<void> {
    const { options } = beginning;
    const order = {
      runId: this.runId,
      folder: this.folder,
      dataDirs: [...new Set([...options.dataDirs, ...this.#folder.dataDirs])],
      engine,
      resume: !('config' in beginning),
      config: 'config' in beginning ? beginning.config : null,
    };
    const preparation =
      'config' in beginning
        ? TrainingPrepared.of({
            task: beginning.config.task,
            seed: beginning.config.seed,
            dataDirs: order.dataDirs,
          })
        : null;
    const innovative = 'config' in beginning && beginning.config.growth.enabled;
    const observers = [
      seated([nissa, {}]),
      seated([oona, { bus: this.#bus, routes: observerRoutes('esper/nissa'), deliverWithinMs: 5_000 }]),
    ];
    // The training thread loads its modules and reads its data while the innovation thread makes the catalogue.
    const tree = esperTree(
      observers,
      innovative ? [this.#innovationHost(options)] : [],
      this.#trainingHost(preparation),
    );
    this.#system = await startSystem(tree, await this.#ports.system(0));
    void this.#system.done.then((reason) => {
      if (reason.kind === 'crashed') this.#fail(reason.error);
    });
    const ready = innovative ? await requestCatalogue(this.#innovation, beginning.config, this.runId) : null;
    const first = TrainOrder.of({
      ...order,
      catalogue: ready?.catalogue ?? [],
      quarantined: ready?.quarantined ?? [],
    });
    await this.#requestTraining(first);
    this.#opened = first;
    void summary(); // while there is nothing else to do here
    this.#startMs = this.#ports.clock.nowMs() - this.#startedMs;
    for (const { blueprintId, reasons } of ready?.quarantined ?? []) {
      this.#tell(
        this.#event(
          'notice',
          'quarantined',
          `blueprint ${blueprintId} is quarantined: ${reasons.join(', ')}`,
          { blueprintId, reasons },
        ),
      );
    }
  }

  #innovationHost({ home }: RunnerOptions) {
    const data: InnovationData = { library: `${home}/urza`, logFile: `${this.folder}/esper.log` };
    return this.#host('innovation', data, {
      onStart: (host) => {
        host.link.handle('news', (body) => this.#relay(body));
      },
      onReady: (host) => {
        this.#innovation = host;
      },
    });
  }

  /** @param preparation what a new run will train on; its first host may read it before it is ordered */
  #trainingHost(preparation: TrainingPrepared | null) {
    const data: TrainingData = { logFile: `${this.folder}/esper.log` };
    return this.#host('training', data, {
      onStart: ({ link }) => {
        link.handle('telemetry', (body) => this.#hear(body));
        link.handle('training.closed', (body) => this.#finish(TrainingClosed.parse(body)));
        link.handle('training.failed', (body) => this.#fail(fromFailure(body as Failure)));
      },
      onReady: async (host) => {
        this.#training = host;
        if (this.#opened === null) {
          if (preparation !== null) host.link.publish('training.prepare', preparation);
          return;
        }
        this.#tell(
          this.#event(
            'warning',
            'host_restarted',
            'the training host died and was started again; going on from checkpoint and journal',
            {},
          ),
        );
        await this.#requestTraining({ ...this.#opened, resume: true, config: null });
      },
    });
  }

  /** A thread as a child of this process: it may take its time to end, since it saves what it has. */
  #host(
    name: 'innovation' | 'training',
    data: unknown,
    hooks: Pick<HostWorkerOptions, 'onStart' | 'onReady'>,
  ) {
    const entry = new URL(`./hosts/${name}-entry.js`, import.meta.url);
    return hostWorker(name, {
      entry,
      data,
      threads: nodeThreads(),
      clock: this.#ports.clock,
      shutdown: { withinMs: 30_000 },
      ...hooks,
    });
  }

  #relay(body: unknown): void {
    const { topic, body: news } = body as { topic: string; body: { type: string; v: number } };
    this.#bus.publish(topic, news);
  }

  async #requestTraining(order: TrainOrder): Promise<void> {
    if (!this.#training)
      throw new EsperError('RUN_NO_TRAINING', 'the training host is not there', {}, { retryable: true });
    const answer = await this.#training.link.request('training.open', order, { withinMs: OPEN_WITHIN_MS });
    const { backend, engineRoom, engineLine } = TrainingOpened.parse(answer);
    this.#tell(this.#event('info', 'backend', engineLine, { backend, engineRoom }));
  }

  /** Telemetry of the training host: to Nissa by the bus, to listeners as it is. */
  #hear(body: unknown): void {
    const news = body as { type: keyof typeof TOPIC_OF_NEWS; v: number };
    const topic = TOPIC_OF_NEWS[news.type];
    if (topic !== undefined) this.#bus.publish(topic, news);
    if (news.type === 'tolaria.training.progressed') this.#tell(TrainingProgress.parse(news));
    if (news.type === 'nissa.run_event.reported') this.#tell(RunEvent.parse(news));
  }

  #tell(event: Told): void {
    this.#untold?.push(event);
    for (const listener of this.#listeners) listener(event);
  }

  #event(level: RunEvent['level'], what: string, text: string, details: Record<string, unknown>): RunEvent {
    return RunEvent.of({ runId: this.runId, epoch: 0, step: 0, level, who: 'esper', what, text, details });
  }

  async #summary(closed: TrainingClosed): Promise<RunSummary> {
    const { summarise } = await summary();
    // Its journal is closed: it can be read while the threads end.
    const [told] = await Promise.all([
      summarise({
        disk: this.#ports.disk,
        folder: this.folder,
        runId: this.runId,
        ended: endedOf(closed),
        files: { ...closed.files, journal: `${this.folder}/journal`, log: `${this.folder}/esper.log` },
        startMs: this.#startMs,
      }),
      this.#close('the run is over'),
    ]);
    return told;
  }

  async #close(why: string): Promise<void> {
    await this.#system?.stop(why);
    this.#bus.close();
    await this.#ports.log.flush();
  }
}
