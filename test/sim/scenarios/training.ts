/** A loop that learns: steps and boundaries, seeds on their lifecycle, rollback, checkpoints, kernels that are verified, an audit chain. */
import { nodeHasher } from '../../../runtime/adapters/node/hasher.ts';
import {
  type ActorDefinition,
  type ActorSystem,
  accept,
  type CheckpointStore,
  checkpointStore,
  type JournalRecord,
  openJournal,
  type RolledBack,
  startSystem,
  supervisor,
  worker,
} from '../../../runtime/index.ts';
import type { Life, Scenario } from '../../../runtime/simulation/index.ts';
import { auditHash } from '../checkers/evidence.ts';
import { checkAll } from '../checkers/index.ts';
import type { AuditEntry, SimEvent } from '../events.ts';
import { codeOf } from '../support.ts';
import { type Garden, type GardenMessage, garden } from './garden.ts';
import { bytesOfKernel, digestOfKernel, KERNEL_FILE, useKernel } from './kernel.ts';

type SimLife = Life<SimEvent>;
type Journal = Awaited<ReturnType<typeof openJournal>>['journal'];

const LOAD_MS = 3_000;
const RUN = 'run';
const WEIGHTS = 12;
const TOKEN = 'sk-sim-3f9c27d1';
const hasher = nodeHasher();

interface Model {
  step: number;
  boundary: number;
  readonly weights: Float32Array;
  /** Restores so far, and how many of them it has heard of. */
  restores: number;
  heard: number;
  /** The next loss will be no number. */
  poisoned: boolean;
}
type Said =
  | { readonly type: 'step' }
  | { readonly type: 'poison' }
  | { readonly type: 'configure'; readonly token: string }
  | { readonly type: 'noted' }
  | { readonly type: 'kernel'; readonly bytes: Uint8Array | null }
  | RolledBack;

interface Desk {
  readonly journal: Journal;
  readonly audit: Journal;
  readonly store: CheckpointStore;
  readonly chain: AuditEntry[];
  readonly model: Model;
}

const digestOf = ({ step, weights }: Model, { stages, random }: Garden): string =>
  hasher.sha256([
    new Uint8Array(weights.buffer),
    new TextEncoder().encode(JSON.stringify([step, stages, random.save()])),
  ]);

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

function trainer(life: SimLife, desk: Desk): ActorDefinition<Model, Said> {
  const seeds = 'lab/triad/garden';
  return {
    name: 'trainer',
    fresh: (cx) => {
      cx.after(10, { type: 'step' });
      return desk.model;
    },
    decide: {
      step: (model, _message, cx) => {
        const plot = cx.ref<GardenMessage>(seeds).callNow<Garden>({ type: 'look' }) as Garden;
        for (const i of model.weights.keys())
          model.weights[i] = (model.weights[i] ?? 0) + plot.random.normal() * 0.1;
        const loss = model.poisoned ? Number.NaN : model.weights.reduce((sum, w) => sum + w * w, 0);
        if (!Number.isFinite(loss)) throw new Error('the loss is no number');
        model.step++;
        life.note({ kind: 'step', run: RUN, n: model.step, loss });
        if (model.step % 8 === 0) boundary(model, cx.ref<GardenMessage>(seeds));
        cx.after(10, { type: 'step' });
        return accept();
        function boundary(at: Model, ref: ReturnType<typeof cx.ref<GardenMessage>>): void {
          at.boundary++;
          ref.callNow({ type: 'boundary' });
          const id = cx.checkpoints().capture({ step: at.step });
          life.note({ kind: 'captured', checkpoint: `${life.node.epoch}/${id}`, digest: digestOf(at, plot) });
          cx.job('write down', () => writeDown(life, desk, at, plot).catch((error) => giveUp(life, error)));
          cx.job('kernel', async () => ({ type: 'kernel', bytes: await readKernel(life) }));
        }
      },
      poison: (model) => {
        model.poisoned = true;
        return accept();
      },
      configure: () => accept(),
      noted: () => accept(),
      kernel: (_model, { bytes }) => {
        if (bytes === null) life.sometimes('a damaged kernel was refused');
        else life.note({ kind: 'executed', ...useKernel(bytes) });
        return accept();
      },
      'runtime.rolled_back': (model, { outcome }, cx) => {
        model.heard++;
        cx.after(10, { type: 'step' });
        if (model.heard < model.restores) return accept(); // it went back once more since
        const plot = cx.ref<GardenMessage>(seeds).callNow<Garden>({ type: 'look' }) as Garden;
        const checkpoint = `${life.node.epoch}/${outcome.checkpoint}`;
        life.note({ kind: 'rolled_back', checkpoint, digest: digestOf(model, plot) });
        life.note({ kind: 'resumed', run: RUN, n: model.step });
        life.sometimes('training was rolled back');
        return accept();
      },
    },
    rollback: {
      capture: ({ step, boundary, weights }) => ({ step, boundary, weights: weights.slice() }),
      restore: (model, saved) => {
        const { step, boundary, weights } = saved as Model;
        Object.assign(model, { step, boundary, poisoned: false, restores: model.restores + 1 });
        model.weights.set(weights);
        return model;
      },
      release: () => {},
    },
  };
}

/** The boundary's record, every third time a checkpoint, and a line in the audit log. */
async function writeDown(
  life: SimLife,
  { journal, audit, store, chain }: Desk,
  model: Model,
  plot: Garden,
): Promise<Said> {
  const { step, boundary } = model;
  const digest = digestOf(model, plot);
  const { stages } = plot;
  const [weights, extra] = [
    model.weights.slice(),
    { stages: [...stages], random: plot.random.save(), digest },
  ];
  await journal.append(1, json({ step, digest }));
  life.note({ kind: 'acknowledged', store: 'boundaries', id: `${step} ${digest}` });
  const entry = { n: chain.length + 1, what: `boundary ${boundary}`, previous: chain.at(-1)?.hash ?? '' };
  const sealed: AuditEntry = { ...entry, hash: auditHash(entry) };
  chain.push(sealed);
  await audit.append(1, json(sealed));
  if (boundary % 3 !== 0) return { type: 'noted' };
  const tensors = [{ name: 'w', shape: [WEIGHTS], data: weights }];
  await store.write({ boundary, epoch: boundary, step, structure: {}, tensors, extra });
  return { type: 'noted' };
}

/** A journal that failed stays closed: only another life opens it again. */
function giveUp(life: SimLife, error: unknown): never {
  if (codeOf(error) === 'JOURNAL_FAILED') life.exit('its journal has failed');
  throw error;
}

/** A kernel is looked at before it is used; a damaged one is written anew. */
async function readKernel(life: SimLife): Promise<Uint8Array | null> {
  if (!(await life.disk.exists(KERNEL_FILE))) {
    await life.disk.folder('/kernels');
    await life.disk.writeAtomic(KERNEL_FILE, bytesOfKernel());
  }
  const bytes = await life.disk.read(KERNEL_FILE);
  if (digestOfKernel(bytes) === digestOfKernel(bytesOfKernel())) return bytes;
  await life.disk.writeAtomic(KERNEL_FILE, bytesOfKernel());
  return null;
}

const said = <T>({ body }: JournalRecord): T => JSON.parse(new TextDecoder().decode(body)) as T;

async function openDesk(life: SimLife): Promise<{ desk: Desk; plot: Garden }> {
  const { disk, processes } = life;
  const open = async (folder: string) =>
    (await openJournal({ disk, folder, processes, segmentBytes: 8_192, failPoints: life.ports.failPoints }))
      .journal;
  const [journal, audit] = [await open('/run'), await open('/audit')];
  const chain: AuditEntry[] = [];
  for await (const record of audit.read()) chain.push(said<AuditEntry>(record));
  life.note({ kind: 'audit', entries: [...chain] });
  const boundaries: string[] = [];
  for await (const record of journal.read()) {
    const { step, digest } = said<{ step: number; digest: string }>(record);
    boundaries.push(`${step} ${digest}`);
  }
  life.note({ kind: 'found', store: 'boundaries', ids: boundaries });
  const store = checkpointStore({ disk, folder: '/checkpoints', hasher, keep: 3 });
  const newest = await store.newestVerified();
  if (newest !== undefined && newest.quarantined.length > 0)
    life.sometimes('a damaged checkpoint was passed over');
  const model: Model = {
    step: 0,
    boundary: 0,
    weights: new Float32Array(WEIGHTS),
    restores: 0,
    heard: 0,
    poisoned: false,
  };
  const plot = garden.fresh(life, newest?.checkpoint.extra);
  if (newest !== undefined) {
    const { step, boundary, tensors } = newest.checkpoint;
    Object.assign(model, { step, boundary });
    model.weights.set(tensors[0]?.data ?? []);
    const { digest } = newest.checkpoint.extra as { readonly digest: string };
    life.note({ kind: 'captured', checkpoint: newest.file, digest });
    life.note({ kind: 'rolled_back', checkpoint: newest.file, digest: digestOf(model, plot) });
    life.sometimes('training was resumed from a checkpoint');
  }
  life.note({ kind: 'resumed', run: RUN, n: model.step });
  return { desk: { journal, audit, store, chain, model }, plot };
}

const systems = new WeakMap<SimLife, ActorSystem>();

export const training: Scenario<SimEvent> = {
  name: 'training',
  nodes: ['n1'],
  lengthMs: LOAD_MS,
  settleMs: 1_500,
  faults: {
    most: 8,
    weights: { poke: 6, crash: 2, kill: 2, disk_error: 1, disk_full: 1, disk_slow: 1, wall_jump: 1 },
    pokes: ['nan', 'fall', 'flip kernel', 'configure'],
  },
  sometimes: [
    'training was rolled back',
    'training was resumed from a checkpoint',
    'a seed was fossilized',
    'a damaged kernel was refused',
    'counted esper_rollbacks_total',
  ],
  async boot(life) {
    const { desk, plot } = await openDesk(life);
    const triad = { strategy: 'one_for_all', intensity: 20, periodMs: 1_000, onFailure: 'rollback' } as const;
    const spec = supervisor('lab', { strategy: 'one_for_one', intensity: 2, periodMs: 5_000 }, [
      supervisor('triad', triad, [
        worker(garden.definition(life, plot), { args: { token: TOKEN } }),
        worker(trainer(life, desk)),
      ]),
    ]);
    const system = await startSystem(spec, life.ports);
    systems.set(life, system);
    void system.done.then((reason) => {
      if (reason.kind === 'crashed') life.exit(reason.error.message);
    });
    life.onPoke((what) => {
      const ref = system.ref<Said | GardenMessage>(
        what === 'fall' ? 'lab/triad/garden' : 'lab/triad/trainer',
      );
      if (what === 'nan') ref.send({ type: 'poison' });
      if (what === 'fall') ref.send({ type: 'fall' });
      if (what === 'configure') system.ref<Said>('lab/nobody').send({ type: 'configure', token: TOKEN });
      if (what === 'flip kernel') void life.disk.writeAtomic(KERNEL_FILE, bytesOfKernel(1)).catch(() => {});
    });
  },
  bootFailed(error, _life, world) {
    const code = codeOf(error.cause ?? error);
    const known = code.startsWith('DISK_') || code === 'JOURNAL_FAILED';
    world.always('a start fails for a reason', known, `${code}: ${error.message}`);
  },
  async finish(world) {
    const life = world.life('n1');
    const system = life && systems.get(life);
    if (life === undefined || system === undefined) return world.always('training goes on', false);
    await system.stop();
    for (const { text, fields } of world.log.lines) {
      const said = JSON.stringify({ text, ...fields }, (_key, value: unknown) =>
        value instanceof Error ? { ...value, message: value.message, stack: value.stack } : value,
      );
      if (said.includes(TOKEN)) life.note({ kind: 'logged', text: said, secrets: [TOKEN] });
    }
  },
  check: (history) => checkAll(history),
};
