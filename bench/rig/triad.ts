/** The real triad in its real tree, with Tolaria held in the middle of a step: whoever benchmarks moves time. */
import { kasmina } from '../../actors/kasmina/actor.ts';
import { tamiyo } from '../../actors/tamiyo/actor.ts';
import { tolaria } from '../../actors/tolaria/actor.ts';
import type { Neighbours, TolariaArgs } from '../../actors/tolaria/deps.ts';
import { LiveSettings } from '../../actors/tolaria/live-settings.ts';
import { Orders } from '../../actors/tolaria/orders.ts';
import { RunLog } from '../../actors/tolaria/run-log.ts';
import { seated, trainingTree } from '../../actors/tree.ts';
import type { Workspace } from '../../actors/triad.ts';
import { EsperError, randomStream } from '../../contracts/index.ts';
import { createBatchStream, type Rows, type TrainPlan, UnifiedLRController } from '../../nn/index.ts';
import { memoryDisk } from '../../runtime/adapters/memory/disk.ts';
import { memoryJournal } from '../../runtime/adapters/memory/journal.ts';
import { nodeHasher } from '../../runtime/adapters/node/hasher.ts';
import { checkpointStore, isRefusal, type RollbackOutcome, startSystem } from '../../runtime/index.ts';
import { type ConductorMessage, conductor } from './conductor.ts';
import { benchPorts } from './ports.ts';
import { type Shape, workspaceOf } from './workspace.ts';

export interface TriadRig extends Neighbours {
  readonly work: Workspace;
  readonly rows: Rows;
  readonly args: TolariaArgs;
  /** A consistent cut of the group, as Tolaria takes one after each boundary. */
  capture(): void;
  /** Takes the group back to the newest cut, now. */
  goBack(): RollbackOutcome;
  /** Resolves when Tolaria has got over it and stands in a step again. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export async function startTriad(shape: Shape): Promise<TriadRig> {
  const { work, rows } = await workspaceOf(shape);
  const ports = await benchPorts();
  const heard = listener();
  const args = await argsOf(work, rows, heard.publish, ports);
  const { growth } = work.config;
  const random = randomStream('bench/tamiyo').save();
  const tree = trainingTree(
    [kasmina, { work, saved: null }],
    [tamiyo, { growth, catalogue: work.catalogue, fits: () => true, random, saved: null }],
    [tolaria, { ...args, work: { ...work, plan: standing(work.plan) } }],
  );
  const firstBoundary = heard.next('tolaria.training.progressed');
  const system = await startSystem(
    { ...tree, children: [...tree.children, seated([conductor, null])] },
    ports,
  );
  await firstBoundary;
  const call =
    <M extends { readonly type: string }>(name: string) =>
    <R>(message: M): R => {
      const reply = system.ref<M>(`training/${name}`).callNow<R>(message);
      if (isRefusal(reply)) throw new EsperError(reply.refused, `${name} refused`, reply.details);
      return reply;
    };
  const conduct = call<ConductorMessage>('conductor');
  let recovered = Promise.resolve();
  return {
    work,
    rows,
    args,
    kasmina: call('kasmina'),
    tamiyo: call('tamiyo'),
    capture: () => void conduct({ type: 'conductor.capture' }),
    goBack() {
      recovered = heard.next('nissa.run_event.reported');
      return conduct<RollbackOutcome>({ type: 'conductor.go_back' });
    },
    async settled() {
      await recovered;
      await new Promise<void>((go) => setImmediate(go));
    },
    async close() {
      await system.stop();
      work.network.dispose();
    },
  };
}

/** The same plan, but for a step that does not end: the group is always met at work, never at rest. */
const standing = (plan: TrainPlan): TrainPlan =>
  new Proxy(plan, {
    get(_, name) {
      if (name === 'step') return () => new Promise<never>(() => {});
      const found: unknown = Reflect.get(plan, name);
      return typeof found === 'function' ? found.bind(plan) : found;
    },
  });

/** Telemetry, for whoever waits for the next message of a kind. */
function listener() {
  const waiting = new Map<string, () => void>();
  return {
    publish: ({ type }: { readonly type: string }) => {
      waiting.get(type)?.();
      waiting.delete(type);
    },
    next: (type: string) => new Promise<void>((resolve) => void waiting.set(type, resolve)),
  };
}

async function argsOf(
  work: Workspace,
  rows: Rows,
  publish: TolariaArgs['publish'],
  { clock }: Pick<TolariaArgs, 'clock'>,
): Promise<TolariaArgs> {
  const disk = memoryDisk();
  const { rate, optimizer } = work.config.training;
  return {
    work,
    train: rows,
    validation: rows,
    test: rows,
    batches: createBatchStream({ rows: rows.count, batch: 'all', runSeed: work.config.seed }),
    rates: new UnifiedLRController(rate, optimizer.rate, work.totalSteps),
    log: new RunLog({
      journal: await memoryJournal(),
      known: new Set(),
      reopen: () => memoryJournal(),
      changed: () => {},
    }),
    orders: new Orders(),
    settings: new LiveSettings(work.config),
    checkpoints: checkpointStore({ disk, folder: '/checkpoints', hasher: nodeHasher(), keep: 2 }),
    clock,
    resumed: null,
    publish,
    folder: '/run',
    disk,
    hostParametersAtBirth: work.network.parameterCount().host,
    closed: () => {},
    failed: () => {},
  };
}
