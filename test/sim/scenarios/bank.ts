/** A bank whose accounts talk by messages and go back in time together: its money stays what it is. */
import {
  type ActorSystem,
  type Checkpoints,
  isRefusal,
  startSystem,
  supervisor,
  type TreeNode,
  worker,
} from '../../../runtime/index.ts';
import type { Life, Scenario } from '../../../runtime/simulation/index.ts';
import { checkAll } from '../checkers/index.ts';
import type { SimEvent } from '../events.ts';
import { allIn, between, codeOf, keepDoing, oneOf, sleep } from '../support.ts';
import { type AccountMessage, type AccountState, account, GROUP, MOODS, NAMES, OPENING } from './account.ts';
import { Books } from './books.ts';

type SimLife = Life<SimEvent>;

const LOAD_MS = 3_000;
const systems = new WeakMap<SimLife, ActorSystem>();
const books = new WeakMap<SimLife, Books>();

/** The group's checkpoints, while there is a group. */
function checkpointsOf(system: ActorSystem): Checkpoints | undefined {
  const checkpoints = system.supervisor(GROUP).checkpoints();
  return isRefusal(checkpoints) ? undefined : checkpoints;
}

/** Takes cuts; without a good one nobody pays, since a start afresh would leave what was sent behind. */
function keepCuts(life: SimLife, system: ActorSystem, book: Books): void {
  const random = life.ports.random.split('cuts');
  keepDoing(
    life.ports.clock,
    () => between(random, 5, 120),
    () => {
      checkpointsOf(system)
        ?.barrier(null, { withinMs: oneOf(random, [5, 50, 500]) })
        .then(
          () => {
            book.cut();
            const mail = checkpointsOf(system)?.list().at(-1)?.mail ?? 0;
            if (mail > 0) life.sometimes('a cut holds what is on its way');
          },
          (error) => life.sometimes(`no cut: ${codeOf(error)}`),
        );
      return life.worldMs() < LOAD_MS;
    },
  );
}

function keepPaying(life: SimLife, system: ActorSystem): void {
  const random = life.ports.random.split('payments');
  let count = 0;
  const question = (from: string) => {
    const id = `${life.node.epoch} ${++count}`;
    const withinMs = between(random, 5, 300);
    const settled = (how: string) => life.note({ kind: 'settled', id, how });
    life.note({ kind: 'asked', id, withinMs });
    system
      .ref<AccountMessage>(from)
      .ask({ type: 'look' }, { withinMs })
      .then(
        () => settled('answered'),
        (error) => settled(codeOf(error)),
      );
  };
  const act = () => {
    const [from, to] = [oneOf(random, NAMES), oneOf(random, NAMES)];
    const ref = system.ref<AccountMessage>(`${GROUP}/${from}`);
    const what = random.below(12);
    if (what === 0) question(ref.path);
    else if (what === 1) ref.send({ type: 'compare' });
    else {
      const id = `${life.node.epoch}/${++count}`;
      const mood = random.below(4) === 0 ? oneOf(random, MOODS) : 'fine';
      ref.send({ type: 'pay', id, to, amount: between(random, 1, 60), mood });
    }
  };
  keepDoing(
    life.ports.clock,
    () => (random.below(15) === 0 ? 200 : random.below(12)),
    () => {
      const safe =
        checkpointsOf(system)
          ?.list()
          .some(({ quarantined }) => !quarantined) ?? false;
      for (let left = safe ? random.below(6) : 0; left > 0; left--) act();
      return life.worldMs() < LOAD_MS;
    },
  );
}

/** Looks at all accounts at once, in a moment when nothing is on its way. @returns false when there is no such moment now */
function audit(life: SimLife, system: ActorSystem): boolean {
  const members = accountsIn(system.tree());
  if (members.length < NAMES.length) return false;
  if (members.some(({ lifecycle, mailbox }) => lifecycle !== 'ready' || mailbox > 0)) return false;
  let money = 0;
  for (const { path } of members) {
    const state = system.ref<AccountMessage>(path).callNow<AccountState>({ type: 'look' });
    if (isRefusal(state)) return false;
    money += state.balance;
  }
  life.note({ kind: 'sum', of: 'money', is: money, should: NAMES.length * OPENING });
  return true;
}

const accountsIn = (tree: TreeNode) => allIn(tree).filter(({ path }) => path.startsWith(`${GROUP}/`));

export const bank: Scenario<SimEvent> = {
  name: 'bank',
  nodes: ['n1'],
  lengthMs: LOAD_MS,
  settleMs: 1_500,
  faults: {
    most: 10,
    weights: { poke: 8, pause: 2, kill: 1, drift: 1, wall_jump: 1, crash_at: 1 },
    pokes: ['fall', 'fall', 'spoil', 'rot'],
    points: ['rollbackAfterLoadBeforeResume', 'supervisorBetweenStopAndStart'],
  },
  sometimes: [
    'the bank went back',
    'a cut holds what is on its way',
    'a copy could not be put back',
    'a copy had changed',
    'money was counted after a rollback',
    'no cut: ROLLBACK_BARRIER_LATE',
    'counted esper_dead_letters_total poison',
    'crashed at rollbackAfterLoadBeforeResume',
  ],
  async boot(life) {
    const book = new Books(life);
    books.set(life, book);
    const group = { strategy: 'one_for_all', intensity: 60, periodMs: 1_000, onFailure: 'rollback' } as const;
    const spec = supervisor('town', { strategy: 'one_for_one', intensity: 20, periodMs: 5_000 }, [
      supervisor(
        'bank',
        { ...group, checkpoints: 4 },
        NAMES.map((name) => worker(account(life, name, book))),
      ),
    ]);
    const system = await startSystem(spec, life.ports);
    systems.set(life, system);
    void system.done.then((reason) => {
      if (reason.kind === 'crashed') life.exit(reason.error.message);
    });
    life.onPoke((what, by) => {
      const name = NAMES[Math.floor(by * NAMES.length)] ?? 'ann';
      if (what === 'fall') system.ref<AccountMessage>(`${GROUP}/${name}`).send({ type: 'fall' });
      if (what === 'spoil') book.spoil(name);
      if (what === 'rot') book.rot(name);
    });
    keepCuts(life, system, book);
    keepPaying(life, system);
    keepDoing(
      life.ports.clock,
      () => 20,
      () => {
        if (audit(life, system) && wentBack.has(life)) life.sometimes('money was counted after a rollback');
        return life.worldMs() < LOAD_MS;
      },
    );
  },
  counted(life, name) {
    if (name !== 'esper_rollbacks_total') return;
    wentBack.add(life);
    books.get(life)?.wentBack();
  },
  async finish(world) {
    const life = world.life('n1');
    const system = life && systems.get(life);
    if (life === undefined || system === undefined) return world.always('the bank is open', false);
    world.always('the bank comes to rest', audit(life, system));
    await system.stop();
    await sleep(life.ports.clock, 200); // handlers that no longer count still sleep
    world.always('nothing is left after a stop', life.timers() === 0, `${life.timers()} timers`);
  },
  check: (history) => checkAll(history, { slackMs: 13_000 }),
};

/** Lives in which the group has gone back. */
const wentBack = new WeakSet<SimLife>();
