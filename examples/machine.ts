/** A machine: the lifecycle is an XState chart driven by its pure `transition`; the actor decides, the chart says what is legal. */
import { accept, type Cx, defineActor, refuse, supervisor, worker } from 'esper/runtime';
import { startOnNode } from 'esper/runtime/node';
import { initialTransition, setup, transition } from 'xstate';

type Coin = { readonly type: 'coin' } | { readonly type: 'push' } | { readonly type: 'where' };

const chart = setup({ types: { events: {} as { type: 'COIN' } | { type: 'PUSH' } } }).createMachine({
  id: 'turnstile',
  initial: 'locked',
  states: {
    locked: { on: { COIN: 'open' } },
    open: { on: { PUSH: 'locked' } },
  },
});
type Snapshot = ReturnType<typeof initialTransition<typeof chart>>[0];

/** The chart is the law: an event it does not know in this state is refused, and nothing changes. */
const step = (state: Snapshot, type: 'COIN' | 'PUSH') =>
  state.can({ type }) ? accept(undefined, type) : refuse('TURNSTILE_NOT_NOW', { state: state.value, type });

const turnstile = defineActor<Snapshot, Coin, 'COIN' | 'PUSH'>({
  name: 'turnstile',
  fresh: (_cx: Cx<Coin>) => initialTransition(chart)[0],
  decide: {
    coin: (state) => step(state, 'COIN'),
    push: (state) => step(state, 'PUSH'),
    where: (state) => accept(state.value),
  },
  evolve: (state, type) => transition(chart, state, { type })[0],
});

const tree = supervisor('station', { strategy: 'one_for_one', intensity: 3, periodMs: 5_000 }, [
  worker(turnstile),
]);
const system = await startOnNode(tree);
const ref = system.ref<Coin>('station/turnstile');
const within = { withinMs: 1_000 };

for (const type of ['push', 'coin', 'push'] as const) {
  const said = await ref.ask({ type }, within).then(
    () => 'done',
    (error: Error & { details: { refused: string } }) => error.details.refused,
  );
  console.log(`${type}: ${said}, now ${await ref.ask<string>({ type: 'where' }, within)}`);
}
await system.stop();
