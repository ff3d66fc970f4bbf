/** An office full of mail: every way to have too much of it, people who come and go, work that outlives them, and closing time. */
import {
  type ActorSystem,
  folderSpillStore,
  pool,
  startSystem,
  supervisor,
  worker,
} from '../../../runtime/index.ts';
import type { Life, Scenario, World } from '../../../runtime/simulation/index.ts';
import { checkAll } from '../checkers/index.ts';
import type { SimEvent } from '../events.ts';
import { allIn, between, codeOf, keepDoing, oneOf, sleep } from '../support.ts';
import { type ArchiveMessage, archive, type Filing, filingOf } from './archive.ts';
import { closeOffice } from './closing.ts';
import { DESKS, type Desk, desk, type ManagerMessage, manager, Queue, type Said, temp } from './desks.ts';
import { type Job, MailRoom } from './mail-room.ts';

type SimLife = Life<SimEvent>;

const LOAD_MS = 2_500;
const MOODS = [...new Array<Job['mood']>(14).fill('fine'), 'fall', 'poison'] as const;
const TEMPS = ['t1', 't2', 't3'] as const;

interface Office {
  readonly system: ActorSystem;
  readonly room: MailRoom;
  readonly queue: Queue;
  open: boolean;
  /** Messages about the door. */
  doors: number;
}
const offices = new WeakMap<SimLife, Office>();
/** Reads that failed below the spill folder. */
const unreadable = new WeakSet<SimLife>();

function spillsOf(life: SimLife) {
  const { disk } = life;
  const read = (path: string) =>
    disk.read(path).catch((thrown) => {
      unreadable.add(life);
      throw thrown;
    });
  return folderSpillStore({
    disk: { ...disk, read },
    folder: '/spill',
    log: life.ports.log,
    chunkBytes: 500,
  });
}

async function openOffice(life: SimLife, world: World<SimEvent>): Promise<Office> {
  const [room, queue] = [new MailRoom(life), new Queue()];
  const busy = { strategy: 'one_for_one', intensity: 10_000, periodMs: 1_000 } as const;
  const pauses = { backoff: { firstMs: 30, maxMs: 200 }, intensity: 200, periodMs: 3_000 } as const;
  const spec = supervisor('house', { strategy: 'one_for_one', intensity: 3, periodMs: 5_000 }, [
    supervisor('office', busy, [
      ...DESKS.map((name) => worker(desk(life, name, room, queue))),
      pool('temps', worker(temp(life, room, false), { restart: 'transient' }), { ...busy, maxChildren: 2 }),
      worker(manager(life, room)),
    ]),
    supervisor('cellar', { strategy: 'one_for_one', ...pauses }, [worker(archive(life, filingOf(world)))]),
  ]);
  const system = await startSystem(spec, { ...life.ports, spills: spillsOf(life) });
  room.listen(system, (id) => queue.leave(id));
  void system.done.then((reason) => {
    if (reason.kind === 'crashed') life.exit(reason.error.message);
  });
  const office = { system, room, queue, open: true, doors: 0 };
  offices.set(life, office);
  return office;
}

/** One message from one sender to somebody, now and then as a question. */
function post(life: SimLife, { system, room, queue }: Office, random: SimLife['ports']['random']): void {
  const name = oneOf(random, [...DESKS, ...DESKS, 'temps', 'manager'] as const);
  const path = `house/office/${name}`;
  const to = name === 'temps' || name === 'manager' ? `${path}/${oneOf(random, TEMPS)}` : path;
  const key = `k${random.below(8)}`;
  const priority = random.below(5) as 0 | 1 | 2 | 3 | 4;
  const sender = oneOf(random, ['ann', 'bob', 'cid']);
  const way = name === 'coalesce' ? `${sender}.${key}` : name === 'urgent' ? `${sender}.${priority}` : sender;
  const job = room.make(to, way, key, oneOf(random, MOODS));
  const ref = system.ref<Job>(to);
  if (name === 'urgent') queue.enter(job.id, priority, life.ports.clock.nowMs());
  const options = name === 'urgent' ? { priority } : {};
  if (random.below(3) > 0) {
    ref.send(job, options);
    return;
  }
  const withinMs = between(random, 5, 400);
  life.note({ kind: 'asked', id: job.id, withinMs });
  const settled = (how: string) => life.note({ kind: 'settled', id: job.id, how });
  ref.ask(job, { withinMs, ...options }).then(
    () => settled('answered'),
    (error) => settled(codeOf(error)),
  );
}

/** The door of the desk that puts mail aside, people who come and go, work for the archive, letters sent again. */
function manage(office: Office, filing: Filing, random: SimLife['ports']['random']): void {
  const { system, room } = office;
  const id = oneOf(random, TEMPS);
  const temps = system.pool('house/office/temps');
  const boss = system.ref<ManagerMessage>('house/office/manager');
  const what = random.below(9);
  if (what < 2) turnDoor(office, random.below(3) > 0);
  else if (what === 2) void temps.start(undefined, { id });
  else if (what === 3) void temps.terminate(id);
  else if (what === 4) boss.send({ type: 'hire', id });
  else if (what === 5) boss.send(random.below(4) === 0 ? { type: 'fall' } : { type: 'dismiss', id });
  else if (what === 6) void room.replay(system, oneOf(random, ['mailbox_full', 'gone', 'shed']), 8);
  else {
    const known = random.below(3) === 0 ? oneOf(random, [...filing.open.keys(), '']) : '';
    const file = known === '' ? `f${++filing.count}` : known;
    const steps = filing.open.get(file) ?? between(random, 1, 6);
    filing.open.set(file, steps);
    system.ref<ArchiveMessage>('house/cellar/archive').send({ type: 'file', id: file, steps });
  }
}

function turnDoor(office: Office, open: boolean): void {
  office.doors++;
  office.system.ref<Said>('house/office/aside').send({ type: 'door', open });
}

const closingOf = (office: Office) => ({
  stopIntake: () => {
    office.open = false;
  },
  nudge: () => turnDoor(office, true),
});

export const office: Scenario<SimEvent> = {
  name: 'office',
  nodes: ['n1'],
  lengthMs: LOAD_MS,
  settleMs: 2_000,
  faults: {
    most: 9,
    weights: {
      poke: 3,
      crash: 1,
      kill: 2,
      crash_at: 1,
      pause: 2,
      drift: 1,
      wall_jump: 1,
      disk_slow: 1,
      disk_full: 3,
      disk_error: 4,
    },
    operations: ['read', 'write', 'sync', 'change'],
    pokes: ['close', 'fall', 'fall'],
    points: ['walBeforeAppend', 'walAfterAppendBeforeSync', 'walAfterSync', 'segmentBeforeRotate'],
  },
  sometimes: [
    'a task went on after a fall',
    'a phase was late and left behind',
    'the office was closed in the middle of the day',
    'everything was accounted for',
    'a dead letter was sent again: mailbox_full',
    'a dead letter was sent again: gone',
    'counted esper_mailbox_displaced_total',
    'counted esper_dead_letters_total shed',
    'counted esper_dead_letters_total spill_lost',
    'counted esper_dead_letters_total poison',
    'counted esper_dead_letters_total mailbox_full',
    'counted esper_dead_letters_total stopped',
  ],
  async boot(life, world) {
    const office = await openOffice(life, world);
    const { clock } = life.ports;
    const random = life.ports.random.split('load');
    const atWork = () => office.open && life.worldMs() < LOAD_MS;
    for (let clients = 3; clients > 0; clients--) {
      keepDoing(
        clock,
        () => random.below(40),
        () => {
          for (let left = random.below(8) === 0 ? 25 : 2; left > 0 && atWork(); left--)
            post(life, office, random);
          return atWork();
        },
      );
    }
    keepDoing(
      clock,
      () => random.below(30),
      () => {
        if (atWork()) manage(office, filingOf(world), random);
        return atWork();
      },
    );
    life.onPoke((what) => {
      if (what === 'fall') office.system.ref<ArchiveMessage>('house/cellar/archive').send({ type: 'fall' });
      if (what !== 'close' || !office.open) return;
      life.sometimes('the office was closed in the middle of the day');
      void closeOffice(life, office.system, closingOf(office)).then(() => life.exit('it is closed'));
    });
  },
  bootFailed(error, _life, world) {
    const code = codeOf(rootOf(error));
    const known = code.startsWith('DISK_') || code.startsWith('JOURNAL_');
    world.always(
      'a start fails for a reason',
      known && code !== 'JOURNAL_CORRUPT',
      `${code}: ${error.message}`,
    );
  },
  counted(life, name, _by, { reason }) {
    if (name === 'esper_dead_letters_total' && reason === 'spill_lost')
      life.always('a spill loses only what cannot be read', unreadable.has(life));
  },
  finish,
  check: (history) => checkAll(history, { slackMs: 13_000 }),
};

/** A tree in a tree says where it could not start; why is its first cause. */
const rootOf = (error: Error): Error => (error.cause instanceof Error ? rootOf(error.cause) : error);

async function finish(world: World<SimEvent>): Promise<void> {
  const life = world.life('n1');
  const office = life && offices.get(life);
  if (life === undefined || office === undefined) return world.always('the office is open', false);
  const { system, room } = office;
  const { clock } = life.ports;
  const cellar = system.ref<ArchiveMessage>('house/cellar/archive');
  const unfinished = () => cellar.ask<number>({ type: 'look' }, { withinMs: 3_000 });
  for (let left = 40; left > 0 && (await unfinished()) > 0; left--) await sleep(clock, 50);
  world.always('all that was begun is filed', (await unfinished()) === 0);
  for (let left = 60; left > 0 && restless(system); left--) {
    turnDoor(office, true);
    await sleep(clock, 25);
  }
  world.always('the office comes to rest', !restless(system));
  const tree = system.tree();
  room.balance(tree);
  for (const name of DESKS) countDesk(office, name);
  world.sometimes('everything was accounted for');
  await closeOffice(life, system, closingOf(office));
  await sleep(clock, 500);
  world.always('nothing is left after a stop', life.timers() === 0, `${life.timers()} timers`);
}

const restless = (system: ActorSystem) =>
  allIn(system.tree()).some(({ mailbox, vitals }) => mailbox > 0 || (vitals?.busyMs ?? 0) > 0);

function countDesk({ system, room, doors }: Office, name: Desk): void {
  const path = `house/office/${name}`;
  const counts = allIn(system.tree()).find((one) => one.path === path)?.vitals?.mail;
  if (counts !== undefined) room.count(path, counts, name === 'aside' ? doors : 0);
}
