import { expect, it } from 'vitest';
import { InProcessBus } from '../../../actors/oona/in-process-bus.ts';
import { localDeadLetters } from '../../../actors/oona/local-dead-letters.ts';
import { Undeliverable } from '../../../actors/oona/undeliverable.ts';
import { memoryClock } from '../../../runtime/adapters/memory/clock.ts';
import { memoryIds } from '../../../runtime/adapters/memory/ids.ts';

it('dead letters of one process are listed, tried again under their own id, and thrown away', async () => {
  const clock = memoryClock();
  const bus = new InProcessBus({ clock, ids: memoryIds() });
  const store = localDeadLetters(bus);
  const heard: string[] = [];
  let broken = true;
  bus.subscribe(
    'a',
    ({ id }) => {
      if (broken) throw new Undeliverable('hopeless');
      heard.push(id);
    },
    { queue: 'karn' },
  );
  for (const id of ['one', 'two', 'three']) bus.publish('a', { type: 'x', v: 1 }, { id });
  await clock.settle();
  const letters = await store.list();
  expect(letters.map(({ letter }) => [letter.id, letter.queue])).toEqual([
    ['one', 'karn'],
    ['two', 'karn'],
    ['three', 'karn'],
  ]);
  expect(await store.inspect(letters[1]?.place ?? 0)).toEqual(letters[1]);

  broken = false;
  expect(await store.replay(letters[1]?.place ?? 0)).toBe(1);
  expect(await store.replay('all', { most: 1 })).toBe(1);
  await clock.settle();
  expect(heard).toEqual(['two', 'one']);
  expect(await store.purge()).toBe(1);
  expect(await store.list()).toEqual([]);
});
