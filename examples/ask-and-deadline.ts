/** Ask and deadline: every question says how long it waits; a late answer becomes a dead letter, never a surprise. */
import { accept, defineActor, refuse, supervisor, worker } from 'esper/runtime';
import { startOnNode } from 'esper/runtime/node';

type Question = { readonly type: 'quick' } | { readonly type: 'slow' } | { readonly type: 'forbidden' };

const oracle = defineActor<null, Question>({
  name: 'oracle',
  fresh: () => null,
  decide: {
    quick: () => accept(42),
    slow: async () => {
      await new Promise((later) => setTimeout(later, 200));
      return accept('too late to matter');
    },
    forbidden: () => refuse('ORACLE_SILENT', { why: 'it does not know' }),
  },
});

const tree = supervisor('temple', { strategy: 'one_for_one', intensity: 3, periodMs: 5_000 }, [
  worker(oracle),
]);
const system = await startOnNode(tree);
const ref = system.ref<Question>('temple/oracle');

console.log(await ref.ask<number>({ type: 'quick' }, { withinMs: 1_000 }));
for (const type of ['forbidden', 'slow'] as const) {
  await ref.ask({ type }, { withinMs: 50 }).catch((error: Error & { code: string }) => {
    console.log(`${error.code}: ${error.message}`);
  });
}
// The oracle still finishes its sentence; nobody listens any more.
await ref.ask({ type: 'quick' }, { withinMs: 1_000 });
console.log(
  system.deadLetters
    .recent()
    .map(({ reason, to }) => `dead letter: ${reason} from ${to}`)
    .join('\n'),
);
await system.stop();
