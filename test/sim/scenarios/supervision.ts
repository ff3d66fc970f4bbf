/** Workers that fall at random under every kind of supervisor: order, answers, bounds and restarts must hold. */
import {
  type ActorDefinition,
  type ActorSystem,
  accept,
  type ChildSpec,
  type SupervisorSpec,
  startSystem,
  supervisor,
  worker,
} from '../../../runtime/index.ts';
import type { Life, Scenario } from '../../../runtime/simulation/index.ts';
import { checkAll } from '../checkers/index.ts';
import type { SimEvent } from '../events.ts';
import { allIn, between, codeOf, keepDoing, oneOf, sleep } from '../support.ts';

type SimLife = Life<SimEvent>;

const LOAD_MS = 6_000;
const STRATEGIES = ['one_for_one', 'one_for_all', 'rest_for_one'] as const;
const MOODS = ['fine', 'fine', 'fine', 'fine', 'slow', 'crash', 'poison', 'later', 'stop'] as const;

interface Work {
  readonly type: 'work';
  readonly id: string;
  readonly from: string;
  readonly n: number;
  readonly mood: (typeof MOODS)[number];
}
interface Done {
  readonly by: string;
  readonly from: string;
  readonly n: number;
}
type Job = { readonly type: 'ended' };

function hand(life: SimLife, name: string, mailbox: { capacity: number; whenFull: 'refuse' | 'park' }) {
  const tried = new Set<string>();
  const { clock, random } = life.ports;
  const fall = (id: string) => {
    const first = !tried.has(id);
    tried.add(id);
    return first;
  };
  const definition: ActorDefinition<number, Work | Job, Done> = {
    name,
    mailbox,
    fresh: () => {
      if (random.below(40) === 0) throw new Error(`${name} could not start`);
      return random.below(3) === 0 ? sleep(clock, random.below(30)).then(() => 0) : 0;
    },
    decide: {
      work: async (_handled, { id, from, n, mood }, cx) => {
        life.note({ kind: 'attempt', id });
        sentBy(life).delete(id);
        if (mood === 'slow') await sleep(clock, random.below(200));
        if (mood === 'poison') throw new Error('poison');
        if (mood === 'crash' && fall(id)) throw new Error('fell once');
        if (mood === 'later') cx.job('later', () => sleep(clock, random.below(50)).then(failing));
        if (mood === 'stop') cx.stop();
        return accept(n, { by: cx.path, from, n });
      },
      ended: () => accept(),
    },
    // Not in the handler: one that was fenced off may still run, but what it decides does not count.
    evolve: (handled, done) => {
      life.note({ kind: 'received', ...done });
      return handled + 1;
    },
    stopped: () => (random.below(5) === 0 ? sleep(clock, random.below(900)) : undefined),
  };
  return definition;
}

function failing(): Job {
  throw new Error('the job failed');
}

/** One root with a few supervisors of every kind, drawn from the seed. */
function treeOf(life: SimLife): SupervisorSpec {
  const random = life.ports.random.split('tree');
  const workers = (group: string): ChildSpec[] =>
    Array.from({ length: between(random, 1, 4) }, (_, i) => {
      const mailbox = {
        capacity: oneOf(random, [2, 8, 64]),
        whenFull: oneOf(random, ['refuse', 'park'] as const),
      };
      return worker(hand(life, `${group}${i}`, mailbox), {
        restart: oneOf(random, ['permanent', 'permanent', 'transient', 'temporary'] as const),
        shutdown: oneOf(random, ['brutal_kill', { withinMs: 100 }, { withinMs: 1_000 }] as const),
      });
    });
  const groups = Array.from({ length: between(random, 1, 4) }, (_, i) => {
    const options = {
      strategy: oneOf(random, STRATEGIES),
      intensity: between(random, 1, 6),
      periodMs: between(random, 100, 2_000),
      ...(random.below(2) === 0 ? { backoff: { firstMs: 10, maxMs: 200 } } : {}),
    };
    return supervisor(`group${i}`, options, workers(`w${i}`));
  });
  return supervisor('top', { strategy: 'one_for_one', intensity: 8, periodMs: 3_000 }, groups);
}

function load(life: SimLife, system: ActorSystem): void {
  const random = life.ports.random.split('load');
  const counts = new Map<string, number>();
  const paths = allIn(system.tree()).flatMap(({ kind, path }) => (kind === 'worker' ? [path] : []));
  const send = (client: string) => {
    const path = oneOf(random, paths);
    const from = `${client}/${life.node.epoch}`;
    const n = (counts.get(from + path) ?? 0) + 1;
    counts.set(from + path, n);
    const id = `${from} ${path} ${n}`;
    sentBy(life).add(id);
    const work: Work = { type: 'work', id, from, n, mood: oneOf(random, MOODS) };
    const ref = system.ref<Work>(path);
    if (random.below(2) === 0) {
      ref.send(work);
      return;
    }
    const withinMs = between(random, 5, 400);
    life.note({ kind: 'asked', id, withinMs });
    const settled = (how: string) => life.note({ kind: 'settled', id, how });
    ref.ask(work, { withinMs }).then(
      () => settled('answered'),
      (error) => settled(codeOf(error)),
    );
  };
  for (const client of ['ann', 'bob', 'cid']) {
    keepDoing(
      life.ports.clock,
      () => random.below(60),
      () => {
        // Now and then a burst, so that mailboxes overflow.
        for (let left = random.below(25) === 0 ? 40 : 1; left > 0; left--) send(client);
        return life.worldMs() < LOAD_MS;
      },
    );
  }
}

function measure(life: SimLife, system: ActorSystem): void {
  keepDoing(
    life.ports.clock,
    () => 250,
    () => {
      const fullest = Math.max(...allIn(system.tree()).map(({ mailbox }) => mailbox));
      life.note({ kind: 'size', of: 'mailbox', is: fullest, most: 2 * 64 + 16 });
      const kept = system.deadLetters.recent().length;
      life.note({ kind: 'size', of: 'dead letters', is: kept, most: 1_000 });
      return life.worldMs() < LOAD_MS;
    },
  );
}

/** Messages that were sent and never begun. */
const unbegun = new WeakMap<SimLife, Set<string>>();
function sentBy(life: SimLife): Set<string> {
  const known = unbegun.get(life) ?? new Set<string>();
  unbegun.set(life, known);
  return known;
}

const specs = new WeakMap<SimLife, ReadonlyMap<string, SupervisorSpec>>();
const systems = new WeakMap<SimLife, ActorSystem>();

export const supervision: Scenario<SimEvent> = {
  name: 'supervision',
  nodes: ['n1'],
  lengthMs: LOAD_MS,
  settleMs: 90_000,
  faults: { most: 6, weights: { pause: 1, wall_jump: 1, drift: 1, kill: 1 } },
  sometimes: [
    'counted esper_restarts_total',
    'counted esper_dead_letters_total poison',
    'counted esper_dead_letters_total mailbox_full',
    'counted esper_dead_letters_total late_reply',
    'counted esper_stop_timeouts_total',
    'a process ended by itself',
    'everybody was up in the end',
    'every message was accounted for',
  ],
  async boot(life) {
    const spec = treeOf(life);
    const groups = spec.children.filter((child) => child.kind === 'supervisor');
    specs.set(life, new Map([spec, ...groups].map((one) => [one.id, one])));
    const system = await startSystem(spec, life.ports);
    systems.set(life, system);
    void system.done.then((reason) => {
      if (reason.kind === 'crashed') life.exit(reason.error.message);
    });
    load(life, system);
    measure(life, system);
  },
  // A worker that cannot start keeps the tree from starting: so it should.
  bootFailed: (error, _life, world) =>
    world.always('a start fails for a reason', codeOf(error) === 'SUPERVISOR_START_FAILED', error.message),
  counted(life, name, _by, { supervisor: id = '', child = '' }) {
    if (name !== 'esper_restarts_total') return;
    const spec = specs.get(life)?.get(id);
    if (spec === undefined) return;
    const { intensity, periodMs } = spec;
    life.note({
      kind: 'restart',
      supervisor: id,
      child,
      intensity,
      periodMs,
      clockMs: life.ports.clock.nowMs(),
    });
  },
  async finish(world) {
    const life = world.life('n1');
    const system = life && systems.get(life);
    if (life === undefined || system === undefined) return;
    for (const node of allIn(system.tree())) {
      const down = node.children.find(
        ({ restart, lifecycle }) => restart === 'permanent' && lifecycle !== 'ready',
      );
      world.always('permanent children are up', down === undefined, `${down?.path} is ${down?.lifecycle}`);
    }
    world.sometimes('everybody was up in the end');
    if (system.deadLetters.count() <= 1_000) {
      const dead = new Set(system.deadLetters.recent().map(({ message }) => (message as Work).id));
      const vanished = [...sentBy(life)].filter((id) => !dead.has(id));
      world.always('no message vanishes', vanished.length === 0, vanished.slice(0, 3).join(', '));
      world.sometimes('every message was accounted for');
    }
    await system.stop();
    await sleep(life.ports.clock, 1_000); // handlers that were abandoned still sleep
    world.always('nothing is left after a stop', life.timers() === 0, `${life.timers()} timers`);
  },
  check: (history) => checkAll(history, { slackMs: 13_000 }),
};
