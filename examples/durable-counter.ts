/** A durable counter: what it said yes to is on the disk, so the next process goes on where this one stopped. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accept, defineActor, refuse, supervisor, worker } from 'esper/runtime';
import { openNodeEvents, startOnNode } from 'esper/runtime/node';

type Count = { readonly type: 'add'; readonly by: number } | { readonly type: 'get' };

const counter = defineActor<number, Count, { readonly added: number }>({
  name: 'counter',
  durable: { version: 1, snapshotEvery: 100 },
  fresh: () => 0,
  decide: {
    // The event is on the device before it is applied, and applied before the reply leaves.
    add: (_, { by }) => (by > 0 ? accept('done', { added: by }) : refuse('COUNTER_ONLY_UP', { by })),
    get: (count) => accept(count),
  },
  evolve: (count, { added }) => count + added,
  recovered: (count, _, { events }) => console.log(`back with ${count}, from ${events} events`),
});

const tree = supervisor('app', { strategy: 'one_for_one', intensity: 3, periodMs: 5_000 }, [worker(counter)]);
const folder = await mkdtemp(join(tmpdir(), 'durable-counter-'));
const within = { withinMs: 1_000 };

/** One life of the process: it opens the folder, works, and stops. */
async function life(by: readonly number[]): Promise<void> {
  const events = await openNodeEvents(folder);
  const system = await startOnNode(tree, { events });
  const ref = system.ref<Count>('app/counter');
  for (const each of by) await ref.ask({ type: 'add', by: each }, within);
  console.log(`counted ${await ref.ask<number>({ type: 'get' }, within)}`);
  await system.stop();
  await events.close();
}

await life([1, 2, 3]);
await life([10]);
await rm(folder, { recursive: true });
