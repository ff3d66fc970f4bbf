/** Comedy without its spare parts: what is left out is there as soon as it is wanted. */
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { loadComedy } from '../../../runtime/adapters/comedy/spare-parts.ts';

interface Comedy {
  createSystem(options: object): System;
}
interface System {
  rootActor(): Promise<Actor>;
  destroy(): Promise<void>;
  getForkedActorReferenceMarshaller(): object;
  getLog(): { info(...words: unknown[]): void };
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
const UNUSED = ['bson', 'jsondiffpatch', 'underscore.string', 'winston', './lib/forked-actor-parent.js'];
const before: [string, NodeJS.Module | undefined][] = [];
const forget = () => {
  for (const [path, module] of Object.entries(require.cache)) {
    if (!/node_modules\/(comedy|bson|jsondiffpatch|underscore\.string|winston)\//.test(path)) continue;
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

  expect(UNUSED.filter(isLoaded)).toEqual([]);
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

it('speaks of actors in other processes as ever, with the part that it was loaded without', async () => {
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  const system = loadComedy<Comedy>().createSystem({ config: {}, logger: silent, busyLagLimit: 0 });

  const marshaller = system.getForkedActorReferenceMarshaller();

  const part = own('./lib/marshallers/forked-actor-reference-marshaller.js') as new () => object;
  expect(marshaller).toBeInstanceOf(part);
  await system.destroy();
});

it('speaks on the console when nobody gives it another way', async () => {
  const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const system = loadComedy<Comedy>().createSystem({ config: {}, busyLagLimit: 0 });
  await system.rootActor();

  system.getLog().info('a word');

  expect(said.mock.calls.flat().join('')).toContain('a word');
  said.mockRestore();
  await system.destroy();
});
