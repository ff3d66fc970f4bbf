/** Let it crash: a worker falls over a bad job; its supervisor helps it up and its sibling notices nothing. */
import { accept, defineActor, supervisor, worker } from 'esper/runtime';
import { startOnNode } from 'esper/runtime/node';

type Job = { readonly type: 'divide'; readonly by: number };

const divider = (name: string) =>
  defineActor<null, Job>({
    name,
    fresh(cx) {
      console.log(`${name} begins life ${cx.incarnation}`);
      return null;
    },
    decide: {
      divide: (_, { by }) => {
        if (by === 0) throw new Error('division by zero');
        return accept(100 / by);
      },
    },
  });

const tree = supervisor('office', { strategy: 'one_for_one', intensity: 3, periodMs: 5_000 }, [
  worker(divider('ann')),
  worker(divider('bob')),
]);
const system = await startOnNode(tree); // the crash is reported on standard error, as a line of JSON
const ann = system.ref<Job>('office/ann');
const bob = system.ref<Job>('office/bob');

const outcome = await ann.ask({ type: 'divide', by: 0 }, { withinMs: 1_000 }).catch((error: Error) => error);
console.log(outcome instanceof Error ? outcome.message : outcome);
console.log(`ann goes on: ${await ann.ask<number>({ type: 'divide', by: 4 }, { withinMs: 1_000 })}`);
console.log(
  `bob never fell: life ${bob.incarnation}, ${await bob.ask<number>({ type: 'divide', by: 5 }, { withinMs: 1_000 })}`,
);
await system.stop();
