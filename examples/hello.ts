/** Hello: one actor, one message, one question. */
import { accept, defineActor, supervisor, worker } from 'esper/runtime';
import { startOnNode } from 'esper/runtime/node';

type Greeting = { readonly type: 'greet'; readonly name: string } | { readonly type: 'howMany' };

const greeter = defineActor<number, Greeting, { readonly greeted: string }>({
  name: 'greeter',
  fresh: () => 0,
  decide: {
    greet: (_, { name }) => {
      console.log(`Hello, ${name}!`);
      return accept(undefined, { greeted: name });
    },
    howMany: (count) => accept(count),
  },
  evolve: (count) => count + 1,
});

const tree = supervisor('hello', { strategy: 'one_for_one', intensity: 3, periodMs: 5_000 }, [
  worker(greeter),
]);
const system = await startOnNode(tree);
const ref = system.ref<Greeting>('hello/greeter');

ref.send({ type: 'greet', name: 'Ada' });
ref.send({ type: 'greet', name: 'Joe' });
console.log(`greeted ${await ref.ask<number>({ type: 'howMany' }, { withinMs: 1_000 })}`);
await system.stop();
