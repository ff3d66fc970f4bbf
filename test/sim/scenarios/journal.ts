/** A writer and a reader on one journal, through power cuts, torn writes, full and failing disks. */
import {
  type ActorDefinition,
  accept,
  openJournal,
  startSystem,
  supervisor,
  worker,
} from '../../../runtime/index.ts';
import type { Life, Scenario } from '../../../runtime/simulation/index.ts';
import { checkAll } from '../checkers/index.ts';
import type { SimEvent } from '../events.ts';
import { codeOf, keepDoing } from '../support.ts';

type SimLife = Life<SimEvent>;
type OpenJournal = Awaited<ReturnType<typeof openJournal>>['journal'];
type Said = { readonly type: 'write' } | { readonly type: 'read' } | { readonly type: 'release' };

const LOAD_MS = 5_000;
const STORE = 'journal';
/** Small, so that segments fill and turn. */
const SEGMENT_BYTES = 4_096;

/** What a record says: its id, and filling whose every byte follows from it. */
function bodyOf(id: string, length: number): Uint8Array {
  const bytes = new Uint8Array(2 + id.length + length);
  const head = new TextEncoder().encode(id);
  bytes[0] = head.length;
  bytes.set(head, 1);
  for (let i = 1 + head.length; i < bytes.length; i++) bytes[i] = (head[i % head.length] ?? 0) + i;
  return bytes;
}

/** The id of a record that says what it should, undefined of one that does not. */
function idOf(body: Uint8Array): string | undefined {
  const id = new TextDecoder().decode(body.subarray(1, 1 + (body[0] ?? 0)));
  const whole = bodyOf(id, body.length - 2 - id.length);
  return whole.every((byte, i) => byte === body[i]) ? id : undefined;
}

async function readAll(life: SimLife, journal: OpenJournal, from: number): Promise<string[]> {
  const ids: string[] = [];
  let before = 0;
  for await (const { sequence, body } of journal.read(from)) {
    life.always('records follow one another', before === 0 || sequence === before + 1, `${sequence}`);
    before = sequence;
    const id = idOf(body);
    life.always('a record says what was written', id !== undefined, `record ${sequence}`);
    if (id !== undefined) ids.push(id);
  }
  return ids;
}

async function open(life: SimLife): Promise<OpenJournal> {
  const { disk, processes } = life;
  const { failPoints } = life.ports;
  const options = { disk, folder: '/journal', processes, segmentBytes: SEGMENT_BYTES, failPoints };
  const { journal, recovered } = await openJournal(options);
  if (recovered.truncatedBytes > 0) life.sometimes('an unfinished write was cut off');
  life.note({ kind: 'found', store: STORE, ids: await readAll(life, journal, 1) });
  return journal;
}

function keeper(life: SimLife): ActorDefinition<OpenJournal, Said> {
  const random = life.ports.random.split('keeper');
  let count = 0;
  return {
    name: 'keeper',
    fresh: () => open(life),
    decide: {
      write: (journal, _message, cx) => {
        const id = `${life.node.epoch}.${++count}`;
        const length = random.below(20) === 0 ? 3_000 : random.below(200);
        journal.append(random.below(7), bodyOf(id, length)).then(
          () => life.note({ kind: 'acknowledged', store: STORE, id }),
          (error: Error) => {
            life.sometimes(`a write failed: ${codeOf(error.cause ?? error)}`);
            cx.fail(error);
          },
        );
        return accept();
      },
      read: async (journal) => {
        const from = journal.first + random.below(Math.max(1, journal.last - journal.first));
        await readAll(life, journal, from);
        return accept();
      },
      release: async (journal) => {
        const upTo = journal.last - random.below(20);
        const ids = (await readAll(life, journal, journal.first)).slice(0, Math.max(0, upTo - journal.first));
        life.note({ kind: 'released', store: STORE, ids });
        await journal.truncateBefore(upTo);
        life.sometimes('old segments were let go');
        return accept();
      },
    },
    stopped: (journal) => journal.close(),
  };
}

async function boot(life: SimLife): Promise<void> {
  const spec = supervisor('top', { strategy: 'one_for_one', intensity: 3, periodMs: 1_000 }, [
    worker(keeper(life)),
  ]);
  const system = await startSystem(spec, life.ports);
  void system.done.then((reason) => {
    if (reason.kind === 'crashed') life.exit(reason.error.message);
  });
  const random = life.ports.random.split('load');
  const ref = system.ref<Said>('top/keeper');
  keepDoing(
    life.ports.clock,
    () => random.below(60),
    () => {
      for (let left = random.below(6); left >= 0; left--) ref.send({ type: 'write' });
      if (random.below(12) === 0) ref.send({ type: 'read' });
      if (random.below(60) === 0) ref.send({ type: 'release' });
      return life.worldMs() < LOAD_MS;
    },
  );
}

const base: Omit<Scenario<SimEvent>, 'name' | 'faults' | 'sometimes' | 'check'> = {
  nodes: ['n1'],
  lengthMs: LOAD_MS,
  settleMs: 3_000,
  boot,
  bootFailed(error, life, world) {
    // The tree says which child could not start; why is its cause.
    const code = codeOf(error.cause ?? error);
    const known = code.startsWith('JOURNAL_') || code.startsWith('DISK_');
    world.always(
      'a start fails for a reason',
      known,
      `${code}: ${(error.cause as Error)?.message ?? error.message}`,
    );
    life.sometimes(`a start failed: ${code}`);
    const healthy = code !== 'JOURNAL_CORRUPT' || life.node.name === 'old';
    world.always('only age damages a journal', healthy, error.message);
  },
};

export const journal: Scenario<SimEvent> = {
  ...base,
  name: 'journal',
  faults: {
    most: 8,
    weights: { crash: 4, crash_at: 4, kill: 2, disk_slow: 2, disk_full: 2, disk_error: 3, pause: 1 },
    points: [
      'walBeforeAppend',
      'walAfterAppendBeforeSync',
      'walAfterSync',
      'segmentBeforeRotate',
      'segmentAfterRotate',
      'retentionBeforeRemove',
    ],
  },
  sometimes: [
    'an unfinished write was cut off',
    'old segments were let go',
    'a process ended by itself',
    'a write failed: DISK_FULL',
    'a write failed: DISK_FAILED',
    'crashed at retentionBeforeRemove',
  ],
  check: (history) => checkAll(history),
};

/** A disk whose bits flip may refuse to open, or lose a newest write it takes for an unfinished one; it never makes anything up. */
export const ageing: Scenario<SimEvent> = {
  ...base,
  name: 'ageing',
  nodes: ['old'],
  faults: { most: 6, weights: { bit_flip: 4, crash: 1, kill: 2 } },
  sometimes: ['a start failed: JOURNAL_CORRUPT'],
  check: (history) => checkAll(history.filter(({ event }) => event.kind !== 'found')),
};
