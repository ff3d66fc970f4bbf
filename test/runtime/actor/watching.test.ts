/** Whom an actor watches: no longer than they live. */
import { expect, it } from 'vitest';
import type { Address } from '../../../runtime/actor/address.ts';
import { type Down, type Message, normal } from '../../../runtime/actor/messages.ts';
import { Watching } from '../../../runtime/actor/watching.ts';
import { Registry } from '../../../runtime/registry.ts';

it('lets go of whoever ended, so that a life of watching does not fill the memory', () => {
  const [registry, heard, unwatched] = [new Registry(), [] as Message[], [] as string[]];
  const ends = new Map<string, (down: Down) => void>();
  for (const path of ['top/a', 'top/b']) {
    const watched: Partial<Address> = {
      path,
      watchedBy: (_watcher, tell) => void ends.set(path, tell),
      unwatchedBy: () => void unwatched.push(path),
    };
    registry.add(watched as Address);
  }
  const watching = new Watching({ tellSystem: (message) => void heard.push(message) }, registry);
  watching.begin('top/a');
  watching.begin('top/b');
  ends.get('top/a')?.({ type: 'runtime.down', path: 'top/a', incarnation: 1, reason: normal });
  watching.end();

  expect(heard).toMatchObject([{ path: 'top/a' }]);
  expect(unwatched).toEqual(['top/b']);
});
