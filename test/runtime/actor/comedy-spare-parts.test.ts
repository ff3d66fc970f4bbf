/** Comedy without its spare parts: what is left out is there as soon as it is wanted. */
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadComedy } from '../../../runtime/adapters/comedy/spare-parts.ts';

interface Comedy {
  createSystem(options: object): { rootActor(): Promise<Actor>; destroy(): Promise<void> };
}
interface Actor {
  createChild(
    definition: object,
    config: object,
  ): Promise<{ sendAndReceive(topic: string): Promise<unknown> }>;
}

const require = createRequire(import.meta.url);
const own = createRequire(require.resolve('comedy'));
const isLoaded = (library: string) => require.cache[own.resolve(library)] !== undefined;

/** What other tests of this process have loaded of it: out of the way, and back afterwards. */
const before: [string, NodeJS.Module | undefined][] = [];
const forget = () => {
  for (const [path, module] of Object.entries(require.cache)) {
    if (!/node_modules\/(comedy|jsondiffpatch|underscore\.string)\//.test(path)) continue;
    before.push([path, module]);
    delete require.cache[path];
  }
};
beforeAll(forget);
afterAll(() => {
  const known = before.splice(0);
  forget();
  for (const [path, module] of known) require.cache[path] = module;
});

it('loads comedy without what it may never need, whole for whoever asks for it, and once only', () => {
  const comedy = loadComedy<Comedy>();

  expect([isLoaded('jsondiffpatch'), isLoaded('underscore.string')]).toEqual([false, false]);
  expect(own('underscore.string').capitalize('word')).toBe('Word');
  expect(loadComedy()).toBe(comedy);
});

it('hires by name, for which it needs a word that it was loaded without', async () => {
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const system = loadComedy<Comedy>().createSystem({ config: {}, logger: silent, busyLagLimit: 0 });
  const root = await system.rootActor();
  const child = await root.createChild({ word: () => 'heard' }, { mode: 'in-memory', name: 'Child' });

  expect(await child.sendAndReceive('word')).toBe('heard');
  await system.destroy();
});
