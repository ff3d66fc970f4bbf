/** What a step, a life and a nap of a task cost; a bare generator loop beside them. */
import { EsperError } from '../../contracts/index.ts';
import {
  type ActorSystem,
  accept,
  defineActor,
  startSystem,
  supervisor,
  worker,
} from '../../runtime/index.ts';
import {
  pause,
  sleep,
  type Task,
  type TaskScheduler,
  type TasksTurn,
  tasks,
} from '../../runtime/tasks/index.ts';
import { benchPorts } from '../rig/ports.ts';
import { Tally } from '../rig/yard.ts';
import { type Effort, repeat, stopwatch, times } from '../sampling.ts';
import { perSecond } from '../statistics.ts';
import { type Figure, figure, type Suite } from '../suite.ts';

const TASKS = 100;
const STEPS = 2_000;
const LIVES = 10_000;

/** Steps made, by everybody: a figure is only as good as the work behind it. */
const made = { steps: 0 };

type Work = (scheduler: TaskScheduler, done: Tally) => void;
type Message = TasksTurn | { readonly type: 'do'; readonly work: Work };
interface Shop {
  readonly scheduler: TaskScheduler;
  readonly done: Tally;
}

const shop = defineActor<Shop, Message, never, Tally>({
  name: 'shop',
  fresh: (cx, done) => ({ scheduler: tasks(cx), done }),
  decide: {
    'tasks.turn': ({ scheduler }, turn) => scheduler.turn(turn),
    do: ({ scheduler, done }, { work }) => {
      work(scheduler, done);
      return accept();
    },
  },
});

export const taskSuite: Suite = {
  name: 'tasks',
  room: 'runtime',
  about: 'steps of ready tasks, short lives, naps; a bare generator loop as peer',
  async run(effort) {
    const done = new Tally();
    const options = { strategy: 'one_for_one', intensity: 1, periodMs: 1_000 } as const;
    const system = await startSystem(
      supervisor('yard', options, [worker(shop, { args: done })]),
      await benchPorts(),
    );
    const figures = await measured(system, done, effort);
    await system.stop();
    return figures;
  },
};

async function measured(system: ActorSystem, done: Tally, effort: Effort): Promise<readonly Figure[]> {
  const ref = system.ref<Message>('yard/shop');
  const burst = (lives: number, work: Work) =>
    stopwatch(() => {
      const over = done.expect(lives);
      ref.send({ type: 'do', work });
      return over;
    });
  const stepping = (body: (task: Task) => ReturnType<typeof plodder>) => async () => {
    made.steps = 0;
    const took = await burst(TASKS, (scheduler, tally) => {
      for (let i = 0; i < TASKS; i++) scheduler.spawn(body, { onEnd: () => tally.add() });
    });
    check(made.steps);
    return took;
  };
  const steps = await repeat(times(effort, 50), stepping(plodder));
  const typed = await repeat(times(effort, 50), stepping(typedPlodder));
  const lives = await repeat(times(effort, 50), () =>
    burst(LIVES, (scheduler, tally) => {
      const ended = { onEnd: () => tally.add() };
      for (let i = 0; i < LIVES; i++) scheduler.spawn(mayfly, ended);
    }),
  );
  const naps = await repeat(times(effort, 50), () =>
    burst(LIVES, (scheduler, tally) => {
      const ended = { onEnd: () => tally.add() };
      for (let i = 0; i < LIVES; i++) scheduler.spawn(sleeper, ended);
    }),
  );
  const bare = await repeat(times(effort, 50), () => stopwatch(bareLoop));
  return [
    figure('reschedule', '/s', perSecond(steps, TASKS * STEPS)),
    figure('reschedule-typed', '/s', perSecond(typed, TASKS * STEPS)),
    figure('spawn-complete', '/s', perSecond(lives, LIVES)),
    figure('sleep-wake', '/s', perSecond(naps, LIVES)),
    figure('peer-bare-generators', '/s', perSecond(bare, TASKS * STEPS)),
  ];
}

function* plodder() {
  for (let i = 0; i < STEPS; i++) {
    made.steps++;
    yield pause();
  }
}

/** `yield*` gives answers their types, and costs an iterator. */
function* typedPlodder() {
  for (let i = 0; i < STEPS; i++) {
    made.steps++;
    yield* pause();
  }
}

/** Over at its first step. */
function* mayfly(): ReturnType<typeof plodder> {
  if (made.steps < 0) yield pause();
}

function* sleeper() {
  yield sleep(1);
}

/** Round and round over as many generators, with nothing in between. */
function bareLoop(): void {
  made.steps = 0;
  const ring = Array.from({ length: TASKS }, plodder);
  for (let living = TASKS; living > 0; ) {
    living = 0;
    for (const one of ring) if (!one.next().done) living++;
  }
  check(made.steps);
}

/** @throws BENCH_WRONG_ANSWER */
function check(steps: number): void {
  if (steps !== TASKS * STEPS)
    throw new EsperError('BENCH_WRONG_ANSWER', `${steps} steps, not ${TASKS * STEPS}`);
}
