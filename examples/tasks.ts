/** Tasks: one actor does many things in turns, without a thread, without a lock, and without ever being blocked. */
import { accept, defineActor, supervisor, worker } from 'esper/runtime';
import { startOnNode } from 'esper/runtime/node';
import {
  type Call,
  io,
  join,
  outcomeOf,
  pause,
  sleep,
  spawn,
  type TaskScheduler,
  type TasksTurn,
  tasks,
} from 'esper/runtime/tasks';

type Kitchen =
  | { readonly type: 'cook'; readonly served: (dish: string) => void }
  | { readonly type: 'ping' }
  | TasksTurn;

const chop = (what: string) =>
  function* () {
    for (let cuts = 0; cuts < 3; cuts++) yield* pause(); // the others have their turn
    return `chopped ${what}`;
  };

// biome-ignore lint/correctness/useYield: it fails before it has anything to wait for
function* burn(): Generator<Call<unknown>, never> {
  throw new Error('burnt');
}

function* dinner() {
  const onions = yield* spawn(chop('onions'));
  const carrots = yield* spawn(chop('carrots'));
  console.log(yield* join(onions));
  console.log(yield* join(carrots));
  console.log(yield* io(async () => 'the shop delivered', 'shop'));
  const sauce = yield* spawn(burn);
  console.log(`the sauce ${(yield* outcomeOf(sauce)).kind}, dinner goes on`);
  yield* sleep(10);
  return 'dinner';
}

const cook = defineActor<TaskScheduler, Kitchen>({
  name: 'cook',
  fresh: (cx) => tasks(cx),
  decide: {
    cook: (scheduler, { served }) => {
      scheduler.spawn(dinner, { onEnd: (end) => served(end.kind === 'completed' ? end.value : end.kind) });
      return accept();
    },
    ping: (scheduler) => accept(`still answering, with ${scheduler.size} tasks`),
    'tasks.turn': (scheduler, message) => scheduler.turn(message),
  },
});

const tree = supervisor('home', { strategy: 'one_for_one', intensity: 3, periodMs: 5_000 }, [worker(cook)]);
const system = await startOnNode(tree);
const ref = system.ref<Kitchen>('home/cook');

const dish = new Promise<string>((served) => ref.send({ type: 'cook', served }));
console.log(await ref.ask<string>({ type: 'ping' }, { withinMs: 1_000 }));
console.log(`${await dish} is served`);
await system.stop();
